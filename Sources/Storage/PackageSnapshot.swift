internal import Synchronization

/// A package that nobody changes any more, to be handed around as one reference, with the answers
/// that were made of it. A store replaces the snapshot with every commit that changes anything of
/// the package: its record, its resources, its usage.
package final class PackageSnapshot: Sendable {
  package let record: HostingPackageRecord
  private let getPackageResponse = AtomicLazyReference<Encoding>()
  private let usage = Mutex<TimedAnswer?>(nil)

  package init(_ record: HostingPackageRecord) {
    self.record = record
  }

  /// Takes the place of a snapshot of the same record when something that is not in the record
  /// has changed. The record's encoding stays good; what is known of the usage does not.
  package convenience init(renewing other: PackageSnapshot) {
    self.init(other.record)
    if let encoding = other.getPackageResponse.load() {
      _ = getPackageResponse.storeIfNil(encoding)
    }
  }

  /// The encoded GetPackageResponse of the record, and of no other message: `encode` makes it at
  /// the first call, and it is kept for as long as the snapshot lives. A ListPackagesResponse
  /// begins with one of these after the other: both messages have their packages in field 1.
  package func getPackageResponse(_ encode: (HostingPackageRecord) -> [UInt8]) -> [UInt8] {
    if let encoding = getPackageResponse.load() { return encoding.bytes }
    return getPackageResponse.storeIfNil(Encoding(bytes: encode(record))).bytes
  }

  /// The GetPackageUsageResponse that was kept, if it still holds at `time`.
  package func usageResponse(at time: Instant) -> [UInt8]? {
    usage.withLock { answer in
      guard let answer, answer.from <= time, time < answer.until else { return nil }
      return answer.bytes
    }
  }

  /// Keeps a GetPackageUsageResponse, to be given from `from` until before `until`, as long as
  /// nothing of the package changes. It must have been read in a transaction that began after
  /// this snapshot was taken from ``Store/cachedHostingPackage(_:)``: then no change can lie
  /// between what was read and this snapshot's end.
  package func keepUsageResponse(_ bytes: [UInt8], from: Instant, until: Instant) {
    usage.withLock { $0 = TimedAnswer(bytes: bytes, from: from, until: until) }
  }

  private final class Encoding: Sendable {
    let bytes: [UInt8]

    init(bytes: [UInt8]) {
      self.bytes = bytes
    }
  }

  private struct TimedAnswer {
    let bytes: [UInt8]
    let from: Instant
    let until: Instant
  }
}
