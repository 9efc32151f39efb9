internal import API
internal import Storage

/// A change, encoded once for everybody who watches.
final class ChangeEntry: Sendable {
  let sequence: Int64
  let packageID: ULID
  /// The PackageChange.
  private let change: [UInt8]
  /// The WatchPackagesResponse for those who watch all packages.
  let response: [UInt8]

  init(_ record: PackageChangeRecord, tokens: ResumeTokens) {
    sequence = record.sequence
    packageID = record.packageID
    change = PackageChange.encoded(
      kind: PackageChangeKind(rawValue: record.kind.rawValue), hostingPackage: record.package,
      changeTime: Timestamp(record.time))
    response = WatchPackagesResponse.encoded(
      change: change, resumeToken: tokens.token(at: sequence))
  }

  /// What it takes in memory, roughly.
  var bytes: Int { change.count + response.count + 128 }

  /// The WatchPackagesResponse with a token of another kind.
  func response(_ tokens: ResumeTokens) -> [UInt8] {
    WatchPackagesResponse.encoded(change: change, resumeToken: tokens.token(at: sequence))
  }
}

/// Makes and reads the resume tokens of watches of one kind: an account's, of all packages or of
/// one. A token holds a place in the account's log of changes.
struct ResumeTokens: Sendable {
  private let query: PageToken.Query

  /// - Parameter packageID: as the client wrote it, empty for all.
  init(accountID: String, packageID: String) {
    query = PageToken.Query(PackageMethod.watchPackages.path, accountID, packageID)
  }

  func token(at sequence: Int64) -> String {
    PageToken.encode(.number(sequence), of: query)
  }

  /// The place; nil for an empty token, and with a violation for one that is not of such a watch.
  func sequence(of token: String, _ violations: inout Violations) -> Int64? {
    PageToken.decode(
      token, of: query, field: "resume_token",
      demand: "must be the resume_token of a response to the same watch, or empty",
      as: { $0.number.flatMap { $0 < 0 ? nil : $0 } }, &violations)
  }

  /// For a token whose hashes fit and whose place does not.
  static func refuse(_ violations: inout Violations) {
    violations.add("resume_token", "must be of a watch of this account's present changes")
  }
}

/// Some changes in order, read from the store.
enum ChangePage {
  /// - Throws: ``PackageRefusal/changesCompacted`` when the change right after `sequence` was
  ///   there once.
  static func check(
    accountID: String, after sequence: Int64, in transaction: any ReadTransaction
  ) throws {
    let next = try transaction.packageChanges(accountID: accountID, after: sequence, limit: 1)
    if let next = next.first, next.sequence != sequence + 1 {
      throw PackageRefusal.changesCompacted
    }
  }

  /// Up to as many of the changes after `sequence` as a watch takes at a time.
  /// - Throws: ``PackageRefusal/changesCompacted`` when the one right after it is gone.
  static func read(
    accountID: String, after sequence: Int64, in transaction: any ReadTransaction
  ) throws -> [PackageChangeRecord] {
    var page: [PackageChangeRecord] = []
    var bytes = 0
    var fetch = 1
    // A few at a time, and the first alone: each holds a package, which may be large.
    while page.count < Limits.maxChangePageRecords {
      let last = page.last?.sequence ?? sequence
      let records = try transaction.packageChanges(accountID: accountID, after: last, limit: fetch)
      if let first = records.first, first.sequence != last + 1 {
        throw PackageRefusal.changesCompacted
      }
      for record in records {
        bytes += record.package.count
        guard page.isEmpty || bytes <= Limits.maxChangePageBytes else { return page }
        page.append(record)
      }
      if records.count < fetch || bytes > Limits.maxChangePageBytes { break }
      fetch = min(Limits.changeFetchRecords, Limits.maxChangePageRecords - page.count)
    }
    return page
  }
}
