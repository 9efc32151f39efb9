internal import Storage

/// Deletes what is kept of hosting packages for a time only, once that is over.
struct PackageRetention: Sendable {
  let store: any Store
  let settings: PackageSettings
  let now: Now

  /// Deletes the events that a client could not have counted twice any more, the hours of
  /// bandwidth and the changes that are older than they are kept; returns how many. A few per
  /// transaction, so that other writes go in between; ends early when its task is cancelled.
  func purgeExpired() async throws -> Int {
    let time = now()
    let events = time.adding(
      seconds: -(Limits.maxUsageAgeSeconds + Limits.usageEventGraceSeconds))
    let hours = time.adding(seconds: -settings.hourlyUsageKeepSeconds)
    let changes = time.adding(seconds: -settings.changeKeepSeconds)
    return try await purge { try $0.deleteUsageEvents(observedBefore: events, limit: $1) }
      + purge { try $0.deleteBandwidth(.hour, startedBefore: hours, limit: $1) }
      + purge { try $0.deletePackageChanges(before: changes, limit: $1) }
  }

  private func purge(
    _ delete: @escaping @Sendable (any WriteTransaction, _ limit: Int) throws -> Int
  ) async throws -> Int {
    let limit = Limits.usagePurgeBatchRecords
    return try await Purge.inBatches(of: limit) {
      try await store.write { try delete($0, limit) }
    }
  }
}
