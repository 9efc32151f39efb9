internal import Measuring
internal import Testing

@testable internal import packctl

@Suite struct ArgumentsTests {
  @Test(
    "options of every command may stand before the command",
    arguments: [
      ("--server h:1 --json usage scan p d", "usage scan p d --server h:1 --json"),
      ("--server=h:1 health", "health --server=h:1"),
      ("health --server h:1", "health --server h:1"),
      ("--tls usage scan -- p -d", "usage scan --tls -- p -d"),
      ("--help", "--help"), ("--version --json", "--version --json"), ("--server", "--server"),
      ("", ""),
    ])
  func globals(_ given: String, _ expected: String) {
    let arguments = Arguments.globalsLast(given.split(separator: " ").map(String.init))
    #expect(arguments.joined(separator: " ") == expected)
  }

  @Test(
    "a span of time has a unit and is at most a day",
    arguments: [
      ("1s", 1), ("90s", 90), ("5m", 300), ("24h", 86_400), ("25h", nil), ("0s", nil), ("5", nil),
      ("", nil), ("s", nil), ("-1s", nil), ("1d", nil), ("99999999999999999999s", nil),
    ] as [(String, Int?)])
  func spans(_ text: String, _ seconds: Int?) {
    #expect(TimeSpan.seconds(text) == seconds)
  }

  @Test(
    "slashes behind a directory's name do not have a link followed",
    arguments: [
      ("/srv/www/", "/srv/www"), ("a//", "a"), ("/", "/"), ("//", "/"), (".", "."), ("", ""),
    ])
  func slashes(_ path: String, _ expected: String) {
    #expect(ScanCommand.withoutTrailingSlashes(path) == expected)
  }

  @Test("a package's id is printable and not long", arguments: ["", "a b", "ä", "a\u{7f}"])
  func packageIDs(_ text: String) throws {
    #expect(throws: Failure.self) { try PackageID.check(text) }
    #expect(throws: Failure.self) { try PackageID.check(String(repeating: "a", count: 129)) }
    try PackageID.check("package-01JD8X5T4M9Q2R7V3W6Y0Z1A2B")
  }

  @Test("each daemon has its own state of a log")
  func stateFiles() {
    let paths = [("p", "/l", "h:1"), ("q", "/l", "h:1"), ("p", "/m", "h:1"), ("p", "/l", "h:2")]
      .map { TailCommand.stateFile(packageID: $0.0, log: $0.1, server: $0.2) }
    #expect(Set(paths).count == 4)
  }
}
