internal import ArgumentParser
internal import Services
internal import Storage

private func packages<Value>(
  _ text: String, _ path: KeyPath<PackageSettings, Value>, unit: String = "n"
) -> ArgumentHelp {
  ArgumentHelp("\(text) (default: \(PackageSettings()[keyPath: path]))", valueName: unit)
}

private func packages(
  _ text: String, days path: KeyPath<PackageSettings, Int64>
) -> ArgumentHelp {
  let days = PackageSettings()[keyPath: path] / Instant.secondsPerDay
  return ArgumentHelp("\(text) (default: \(days))", valueName: "n")
}

/// What an operator decides about hosting packages; the defaults stand in
/// `Services/Packages/PackageSettings.swift`.
struct PackageOptions: ParsableArguments {
  fileprivate static let secondsPerHour: Int64 = 3600

  @Option(
    help: packages("Hosting packages of one account, deleted ones apart.", \.maxPackagesPerAccount))
  var maxPackagesPerAccount: String?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      """
      A PHP version that packages may have; repeatable, that of new packages first. \
      (default: \(PackageSettings().phpVersions.joined(separator: ", ")))
      """, valueName: "version"))
  var phpVersions: [String] = []
  @Option(
    help: packages(
      "Days for which a deleted package can be brought back.", days: \.purgeDelaySeconds))
  var purgeDelayDays: String?
  @Option(
    help: packages(
      "Days for which bandwidth is kept by the hour.", days: \.hourlyUsageKeepSeconds))
  var hourlyUsageDays: String?
  @Option(
    help: ArgumentHelp(
      """
      Hours for which changes are kept, for watchers that come back. \
      (default: \(PackageSettings().changeKeepSeconds / 3600))
      """, valueName: "n"))
  var changeKeepHours: String?
  @Option(
    help: ArgumentHelp(
      "Passwords that are hashed at once, each with 19 MiB. (default: one per usable core)",
      valueName: "n"))
  var passwordThreads: String?
  @Option(
    help: packages(
      "Tries at one username's password in a minute.", \.attemptsPerMinutePerUsername))
  var maxAttemptsPerMinutePerUsername: String?
  @Option(
    help: packages(
      "Tries at passwords from one address, or IPv6 /64, in a minute.",
      \.attemptsPerMinutePerAddress))
  var maxAttemptsPerMinutePerAddress: String?

  func resolve(_ source: inout SettingSource) throws -> PackageSettings {
    var settings = PackageSettings()
    try source.number(
      "max-packages-per-account", maxPackagesPerAccount, in: 0...1_000_000_000,
      &settings.maxPackagesPerAccount)
    let versions = try source.list(
      "php-versions", phpVersions, expected: "PHP versions such as 8.3", Self.phpVersions
    ).flatMap(\.self)
    if !versions.isEmpty { settings.phpVersions = versions }
    try source.span(
      "purge-delay-days", purgeDelayDays, of: Instant.secondsPerDay, in: 0...3650,
      &settings.purgeDelaySeconds)
    try source.span(
      "hourly-usage-days", hourlyUsageDays, of: Instant.secondsPerDay, in: 36...36_500,
      &settings.hourlyUsageKeepSeconds)
    try source.span(
      "change-keep-hours", changeKeepHours, of: Self.secondsPerHour, in: 1...87_600,
      &settings.changeKeepSeconds)
    var threads = 0
    try source.number("password-threads", passwordThreads, in: 1...1024, &threads)
    settings.passwordThreads = threads == 0 ? nil : threads
    try source.number(
      "max-attempts-per-minute-per-username", maxAttemptsPerMinutePerUsername, in: 1...1_000_000,
      &settings.attemptsPerMinutePerUsername)
    try source.number(
      "max-attempts-per-minute-per-address", maxAttemptsPerMinutePerAddress, in: 1...1_000_000,
      &settings.attemptsPerMinutePerAddress)
    return settings
  }

  /// The versions in a text, separated by commas; nil when one of them is none.
  private static func phpVersions(_ text: String) -> [String]? {
    let versions = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return versions.allSatisfy(PackageSettings.isPHPVersion) ? versions : nil
  }
}

extension SettingSource {
  /// Sets `seconds` to a whole number of units, each of so many seconds.
  fileprivate mutating func span(
    _ name: String, _ flag: String?, of unit: Int64, in range: ClosedRange<Int>,
    _ seconds: inout Int64
  ) throws {
    var count = seconds / unit
    try number(name, flag, in: range, &count)
    seconds = count * unit
  }
}
