internal import ArgumentParser
internal import Foundation

struct CheckConfigCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Check the settings of `packd serve`, and read its keys, without serving.")

  @OptionGroup(title: "Serving") var options: ServeOptions

  func run() async throws {
    let settings = try options.resolve(environment: ProcessInfo.processInfo.environment)
    _ = try await Keys(settings).authenticator()
    print("The configuration is valid.")
  }
}
