internal import NIOCore
internal import Storage

/// What an operator decides about hosting packages.
package struct PackageSettings: Sendable {
  /// Packages of one account that are not deleted.
  package var maxPackagesPerAccount = 100_000
  /// Those that a configuration may name; the first is that of a new package.
  package var phpVersions = ["8.3", "8.4", "8.2", "8.1"]
  /// How long a deleted package can be brought back.
  package var purgeDelaySeconds: Int64 = 30 * Instant.secondsPerDay
  /// How long hours of bandwidth are kept; months are kept as long as their package.
  package var hourlyUsageKeepSeconds: Int64 = 400 * Instant.secondsPerDay
  /// How long changes are kept for watchers that come back.
  package var changeKeepSeconds: Int64 = 7 * Instant.secondsPerDay

  /// Passwords that are hashed at once; each takes 19 MiB and some 20 ms of a core. nil: one per
  /// core.
  package var passwordThreads: Int?
  /// Less only for tests.
  var passwordCost = Argon2.Cost.standard
  package var attemptsPerMinutePerUsername = Limits.attemptsPerMinutePerUsername
  package var attemptsPerMinutePerAddress = Limits.attemptsPerMinutePerAddress

  package init() {}

  /// Whether the text looks like a version of PHP: "8.3".
  package static func isPHPVersion(_ text: String) -> Bool { PHPVersion.isValid(text) }

  var passwordHasher: PasswordHasher {
    PasswordHasher(maxRunning: passwordThreads ?? System.coreCount, cost: passwordCost)
  }

  func attemptLimiter(_ now: @escaping Now) -> AttemptLimiter {
    AttemptLimiter(
      perMinutePerUsername: attemptsPerMinutePerUsername,
      perMinutePerAddress: attemptsPerMinutePerAddress, now: now)
  }
}
