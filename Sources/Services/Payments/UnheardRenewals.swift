internal import Storage
internal import Synchronization

/// Renewals without a request_id that were found to be paid after their callers had been told that
/// nobody knows: who asks for the next one of such a purchase may mean the same, and is told first.
final class UnheardRenewals: Sendable {
  /// When each was found, by its purchase.
  private let times = Mutex<[Int64: Instant]>([:])

  func note(_ purchaseID: Int64, at time: Instant) {
    times.withLock { times in
      times = times.filter { Self.isRecent($0.value, at: time) }
      if times.count < Limits.maxUnheardRenewals { times[purchaseID] = time }
    }
  }

  func contains(_ purchaseID: Int64, at time: Instant) -> Bool {
    times.withLock { $0[purchaseID].map { Self.isRecent($0, at: time) } ?? false }
  }

  /// Its caller has been told.
  func remove(_ purchaseID: Int64) {
    times.withLock { $0[purchaseID] = nil }
  }

  private static func isRecent(_ found: Instant, at time: Instant) -> Bool {
    time < found.adding(seconds: Limits.unheardRenewalSeconds)
  }
}
