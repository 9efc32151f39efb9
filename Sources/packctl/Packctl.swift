internal import ArgumentParser
internal import Foundation
internal import GRPCCore
internal import Measuring

/// The command line: parses, runs the subcommand, and turns errors into one line and an exit
/// status (docs/operations.md).
@main
struct Packctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packctl",
    abstract: "The command line of packd.",
    discussion: """
      Where the daemon is, and who asks, may stand in the environment: PACKCTL_SERVER, \
      PACKCTL_TOKEN_FILE, PACKCTL_TLS_CA, PACKCTL_TLS=1, PACKCTL_TIMEOUT. A flag goes before it.

      Data goes to standard output, messages and progress to standard error.

      Examples:
        packctl --server 127.0.0.1:50051 health
        export PACKCTL_SERVER=packd.example:443 PACKCTL_TLS=1 PACKCTL_TOKEN_FILE=/etc/packctl/token
        packctl usage scan package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B /srv/www/example.org
        packctl usage tail package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B /var/log/nginx/access.log
      """,
    version: "0.1.0",
    subcommands: [HealthCommand.self, UsageCommand.self])

  static func main() async {
    Console.secure()
    let arguments = Arguments.globalsLast(Array(CommandLine.arguments.dropFirst()))
    do {
      var command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch let error as Failure {
      fail(error.message, status: error.kind.rawValue)
    } catch let outcome as EndedWith {
      Foundation.exit(outcome.outcome.rawValue)
    } catch let error as RuntimeError {
      fail("\(error.message)", status: Failure.Kind.unavailable.rawValue)
    } catch {
      switch exitCode(for: error) {
      case .success: Console.print(fullMessage(for: error))
      case .validationFailure: fail(message(for: error), status: Failure.Kind.usage.rawValue)
      default: fail("cannot go on: \(error)", status: Failure.Kind.unavailable.rawValue)
      }
    }
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    Console.say(message.split(separator: "\n").joined(separator: " "))
    Foundation.exit(status)
  }
}

/// Thrown at the end of a command whose work is done, but not all of it as hoped.
struct EndedWith: Error {
  let outcome: Outcome

  /// Of several, the one that matters more.
  static func unlessComplete(_ outcomes: Outcome...) throws {
    let worst = outcomes.max { $0.rawValue < $1.rawValue } ?? .complete
    if worst != .complete { throw EndedWith(outcome: worst) }
  }
}

enum Arguments {
  /// The parser takes the options of a command behind its name only; those that every command has
  /// may stand before it, where they are read more easily.
  static func globalsLast(_ arguments: [String]) -> [String] {
    let flags: Set = ["--tls", "--json"]
    let options: Set = ["--server", "--token-file", "--tls-ca", "--timeout"]
    var leading: [String] = []
    var rest = arguments[...]
    while let first = rest.first {
      let name = String(first.prefix { $0 != "=" })
      if flags.contains(first) || options.contains(name) && name != first {
        leading.append(rest.removeFirst())
      } else if options.contains(first), rest.count > 1 {
        leading += [rest.removeFirst(), rest.removeFirst()]
      } else {
        break
      }
    }
    // Behind a "--" everything is an argument.
    guard let end = rest.firstIndex(of: "--") else { return rest + leading }
    return rest[..<end] + leading + rest[end...]
  }
}
