internal import ArgumentParser
internal import Foundation
internal import Glibc

/// The command line: parses, runs the subcommand, and turns errors into one line and an exit
/// status (docs/operations.md).
@main
struct Packd: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packd",
    abstract: "Hosting plans, packages and seller packages over gRPC.",
    discussion: """
      Each option may also be set by the environment (--jwt-secret-file: PACKD_JWT_SECRET_FILE) \
      or in the file that --config names (jwt-secret-file: …). A flag goes before the \
      environment, the environment before the file.
      """,
    version: version,
    subcommands: [ServeCommand.self, TokenCommand.self, CheckConfigCommand.self])

  static let version = "0.1.0"

  static func main() async {
    StandardStreams.secure()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as StartupError {
      fail(error.message, status: error.kind.exitStatus)
    } catch {
      switch exitCode(for: error) {
      case .success: print(fullMessage(for: error))
      case .validationFailure: fail(message(for: error), status: StartupError.Kind.usage.exitStatus)
      default: fail("cannot go on: \(error)", status: StartupError.Kind.unavailable.exitStatus)
      }
    }
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    let line = message.split(separator: "\n").joined(separator: " ")
    StandardStreams.write("packd: \(line)\n", to: STDERR_FILENO)
    Foundation.exit(status)
  }
}
