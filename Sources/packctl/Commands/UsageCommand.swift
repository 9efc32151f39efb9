internal import ArgumentParser
internal import Measuring

struct UsageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "usage",
    abstract: "Measure what a hosting package uses, and hand it to the daemon.",
    subcommands: [ScanCommand.self, TailCommand.self])
}

/// What a package is called; the daemon knows which there are.
enum PackageID {
  static func check(_ text: String) throws(Failure) {
    let isFit =
      1...ClientLimits.maxPackageIDBytes ~= text.utf8.count
      && text.utf8.allSatisfy { 0x21..<0x7f ~= $0 }
    guard isFit else {
      throw .usage(
        "PACKAGE_ID: expected 1 to \(ClientLimits.maxPackageIDBytes) printable characters")
    }
  }
}
