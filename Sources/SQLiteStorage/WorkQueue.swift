internal import Glibc
internal import Storage

/// Jobs on their way from many callers to few threads, in order. Bounded.
///
/// `@unchecked Sendable`: all that changes is guarded by the pthread mutex. A `Mutex` would not
/// do, since no condition can be waited for with it.
final class WorkQueue<Job: Sendable>: @unchecked Sendable {
  enum Taken {
    case jobs([Job])
    /// Nothing came in the time given.
    case timedOut
    /// Nothing is left and nothing will come.
    case ended
  }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let maxJobs: Int
  private var jobs: [Job] = []
  private var sleepers = 0
  private var refusal: StorageError?

  init(maxJobs: Int) {
    self.maxJobs = maxJobs
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// - Returns: why the job was refused, or `nil` when it waits now.
  func append(_ job: Job) -> StorageError? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let refusal { return refusal }
    guard jobs.count < maxJobs else { return .overloaded }
    jobs.append(job)
    if sleepers > 0 { pthread_cond_signal(condition) }
    return nil
  }

  /// Up to `limit` of the jobs that have waited longest; waits for the first one, for as long
  /// as `milliseconds` says when that is given.
  func take(upTo limit: Int, waiting milliseconds: Int?) -> Taken {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let deadline = milliseconds.map(Self.monotonicTime(in:))
    while jobs.isEmpty {
      if refusal != nil { return .ended }
      sleepers += 1
      var code: Int32 = 0
      if var deadline {
        code = pthread_cond_timedwait(condition, mutex, &deadline)
      } else {
        pthread_cond_wait(condition, mutex)
      }
      sleepers -= 1
      if code == ETIMEDOUT, jobs.isEmpty, refusal == nil { return .timedOut }
    }
    guard jobs.count > limit else {
      let taken = jobs
      jobs = []
      return .jobs(taken)
    }
    let taken = Array(jobs.prefix(limit))
    jobs.removeFirst(limit)
    return .jobs(taken)
  }

  /// Takes no more jobs. The first error given stays.
  func refuse(with error: StorageError) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    refusal = refusal ?? error
    pthread_cond_broadcast(condition)
  }

  private static func monotonicTime(in milliseconds: Int) -> timespec {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let nanoseconds = time.tv_nsec + (milliseconds % 1000) * 1_000_000
    time.tv_sec += milliseconds / 1000 + nanoseconds / 1_000_000_000
    time.tv_nsec = nanoseconds % 1_000_000_000
    return time
  }
}
