internal import Synchronization

/// The highest number that anyone has seen.
final class Watermark: Sendable {
  private let highest = Atomic<Int64>(0)

  var value: Int64 { highest.load(ordering: .sequentiallyConsistent) }

  func raise(to number: Int64) {
    highest.max(number, ordering: .sequentiallyConsistent)
  }
}
