internal import API
internal import ArgumentParser
internal import Measuring

struct HealthCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask whether the daemon takes calls.",
    discussion: """
      Prints SERVING or NOT_SERVING and ends with 0 or 69. Needs no token.

      Examples:
        packctl --server 127.0.0.1:50051 health
        packctl --server unix:/run/packd/packd.sock --timeout 5s health
        packctl health packd.v1.PackageService
      """)

  @OptionGroup var options: GlobalOptions
  @Argument(help: "Full name of a service; without one, the daemon as a whole.")
  var service = ""

  private struct Answer: Encodable {
    let server: String
    let service: String
    let status: String
  }

  func run() async throws {
    let status = try await Daemon.connect(options, report: { Console.say($0) }) { daemon in
      try await daemon.health(of: service)
    }
    let text = status == .serving ? "SERVING" : "NOT_SERVING"
    if options.json {
      Console.print(
        json: Answer(server: try options.address.text, service: service, status: text))
    } else {
      Console.print(text)
    }
    guard status == .serving else {
      throw Failure.unavailable("\(try options.address.text) takes no calls now")
    }
  }
}
