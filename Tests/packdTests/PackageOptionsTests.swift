internal import ArgumentParser
internal import Services
internal import Testing

@testable internal import packd

@Suite("Settings of hosting packages")
struct PackageOptionsTests {
  private func resolve(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ServeSettings {
    try ServeOptions.parse(["--dev"] + arguments).resolve(environment: environment)
  }

  @Test("each setting is taken, in its own unit")
  func values() throws {
    let packages = try resolve([
      "--max-packages-per-account", "7", "--php-versions", "8.4", "--php-versions", "8.1",
      "--purge-delay-days", "2", "--hourly-usage-days", "40", "--change-keep-hours", "3",
      "--password-threads", "5", "--max-attempts-per-minute-per-username", "11",
      "--max-attempts-per-minute-per-address", "12",
    ]).packages
    #expect(packages.maxPackagesPerAccount == 7 && packages.phpVersions == ["8.4", "8.1"])
    #expect(packages.purgeDelaySeconds == 2 * 86_400)
    #expect(packages.hourlyUsageKeepSeconds == 40 * 86_400)
    #expect(packages.changeKeepSeconds == 3 * 3600 && packages.passwordThreads == 5)
    #expect(packages.attemptsPerMinutePerUsername == 11)
    #expect(packages.attemptsPerMinutePerAddress == 12)
    let other = try resolve([], environment: ["PACKD_PHP_VERSIONS": "8.5, 8.2"]).packages
    #expect(other.phpVersions == ["8.5", "8.2"] && other.purgeDelaySeconds == 30 * 86_400)
    #expect(other.passwordThreads == nil)
    #expect(try resolve(["--php-versions", "8.4,7.4"]).packages.phpVersions == ["8.4", "7.4"])
  }

  @Test(
    "what is out of range is refused by name",
    arguments: [
      ("--max-packages-per-account", "-1"), ("--php-versions", "latest"),
      ("--purge-delay-days", "3651"), ("--hourly-usage-days", "35"), ("--change-keep-hours", "0"),
      ("--password-threads", "0"), ("--max-attempts-per-minute-per-username", "0"),
      ("--max-attempts-per-minute-per-address", "many"),
    ])
  func invalid(flag: String, value: String) throws {
    let error = #expect(throws: StartupError.self) { try resolve(["\(flag)=\(value)"]) }
    #expect(error?.message.contains(flag) == true)
  }
}
