internal import ArgumentParser
internal import Foundation
internal import Glibc

struct CheckConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Check the settings, keys and certificates of `packd serve`, without serving.")

  @OptionGroup(title: "Serving") var options: ServeOptions

  func run() async throws {
    let settings = try options.resolve(environment: ProcessInfo.processInfo.environment)
    _ = try await Keys(settings).authenticator()
    _ = try settings.sellerSettings()
    if let tls = settings.tls.map(TLSFiles.init) {
      let context = try tls.context(tls.read(), settings.limits)
      for warning in tls.warnings(context) {
        StandardStreams.write("packd: warning: \(warning)\n", to: STDERR_FILENO)
      }
    }
    print("The configuration is valid.")
  }
}
