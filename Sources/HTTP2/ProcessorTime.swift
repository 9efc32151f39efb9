internal import CLinux
internal import Glibc

/// How the calling thread shares a processor with other threads.
enum ProcessorTime {
  /// Asks for slices of this length: a thread that wakes has the processor before one that runs
  /// with longer slices, and one that runs is told sooner that others wait. The share of the
  /// processor stays the same, and so do the threads that this one starts.
  ///
  /// - Returns: whether the kernel gives them: Linux does from 6.12 on, to the default policy.
  static func askForSlices(nanoseconds: UInt64) -> Bool {
    var attributes = packd_sched_attr()
    guard packd_sched_getattr(&attributes) == 0, attributes.policy == UInt32(SCHED_OTHER) else {
      return false
    }
    attributes.flags |= packd_sched_flag_reset_on_fork
    attributes.runtime = nanoseconds
    guard packd_sched_setattr(&attributes) == 0, packd_sched_getattr(&attributes) == 0 else {
      return false
    }
    // An older kernel takes the number, and forgets it.
    return attributes.runtime == nanoseconds
  }

  /// Lets who waits for this processor have it now; with short slices they are soon over.
  static func yield() { sched_yield() }
}
