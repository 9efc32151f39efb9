internal import CLinux
internal import Glibc
internal import NIOCore

/// How a thread that may keep a processor busy takes turns on it with those that wait for it.
///
/// The scheduler has one thread run for milliseconds before it looks whether another waits, and
/// one that was interrupted waits as long. Threads that ask for short slices have the processor
/// soon when they wake; those that give it up after each are told of no one who waits.
package struct ProcessorTurns {
  /// The shortest that Linux gives.
  package static let sliceNanoseconds: UInt64 = 100_000

  /// With slices as long as the kernel's own, a thread that gives its processor up would lose
  /// much of its share.
  private let hasShortSlices: Bool
  private var gaveWayAt: NIODeadline

  /// Of the calling thread, from now on. Its share of the processor stays the same; so do threads
  /// that it starts.
  package init() {
    hasShortSlices = Self.askForSlices()
    gaveWayAt = .now()
  }

  /// Has who waits for this processor go first, when the last time is longer ago than a slice.
  package mutating func giveWay() {
    guard hasShortSlices else { return }
    let now = NIODeadline.now()
    guard now - gaveWayAt >= .nanoseconds(Int64(Self.sliceNanoseconds)) else { return }
    gaveWayAt = now
    sched_yield()
  }

  /// The calling thread's; nil when the kernel does not tell.
  package static func currentSliceNanoseconds() -> UInt64? {
    var attributes = packd_sched_attr()
    return packd_sched_getattr(&attributes) == 0 ? attributes.runtime : nil
  }

  /// Whether the kernel gives them: Linux does from 6.12 on, under the default policy.
  private static func askForSlices() -> Bool {
    var attributes = packd_sched_attr()
    guard packd_sched_getattr(&attributes) == 0, attributes.policy == UInt32(SCHED_OTHER) else {
      return false
    }
    attributes.flags |= packd_sched_flag_reset_on_fork
    attributes.runtime = sliceNanoseconds
    // An older kernel takes the number, and forgets it.
    return packd_sched_setattr(&attributes) == 0 && currentSliceNanoseconds() == sliceNanoseconds
  }
}
