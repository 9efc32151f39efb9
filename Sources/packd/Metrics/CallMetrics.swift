internal import GRPC
internal import NIOCore
internal import Synchronization

/// Counts the calls of one event loop: plain numbers that only this loop changes, so that a call
/// pays for a few additions.
final class CallMetrics: LoopInterceptor {
  private(set) var counts: CallCounts

  init(methodCount: Int) {
    counts = CallCounts(methodCount: methodCount)
  }

  func callStarted(_ call: any StartedCall) -> Status? {
    counts.started(call.methodIndex)
    return nil
  }

  func callEnded(_ call: EndedCall) {
    counts.ended(call.methodIndex, call.code, call.duration)
  }

  func finish() {}
}

/// How many calls run, and how many have ended how and how fast.
struct CallCounts: Sendable {
  /// Upper bounds of the histogram's buckets, in seconds as they are written, and one more
  /// bucket for what took longer.
  static let bounds: [(seconds: String, nanoseconds: Int64)] = [
    ("0.0001", 100_000), ("0.00025", 250_000), ("0.0005", 500_000), ("0.001", 1_000_000),
    ("0.0025", 2_500_000), ("0.005", 5_000_000), ("0.01", 10_000_000), ("0.025", 25_000_000),
    ("0.05", 50_000_000), ("0.1", 100_000_000), ("0.25", 250_000_000), ("0.5", 500_000_000),
    ("1.0", 1_000_000_000), ("2.5", 2_500_000_000), ("5.0", 5_000_000_000),
    ("10.0", 10_000_000_000),
  ]

  private static let codeCount = Status.Code.allCases.count
  private static let bucketCount = bounds.count + 1

  /// By method, and at the end those of unknown methods.
  private(set) var inFlight: [Int]
  /// By method, code and bucket.
  private var buckets: [UInt64]
  /// By method and code, in nanoseconds.
  private var durations: [UInt64]

  init(methodCount: Int) {
    inFlight = [Int](repeating: 0, count: methodCount + 1)
    durations = [UInt64](repeating: 0, count: (methodCount + 1) * Self.codeCount)
    buckets = [UInt64](repeating: 0, count: durations.count * Self.bucketCount)
  }

  private var methodCount: Int { inFlight.count - 1 }

  mutating func started(_ method: Int?) {
    inFlight[method ?? methodCount] += 1
  }

  mutating func ended(_ method: Int?, _ code: Status.Code, _ duration: TimeAmount) {
    inFlight[method ?? methodCount] -= 1
    let series = series(method ?? methodCount, code)
    let nanoseconds = max(0, duration.nanoseconds)
    durations[series] &+= UInt64(nanoseconds)
    var bucket = 0
    while bucket < Self.bounds.count, nanoseconds > Self.bounds[bucket].nanoseconds { bucket += 1 }
    buckets[series * Self.bucketCount + bucket] &+= 1
  }

  mutating func add(_ other: CallCounts) {
    for index in inFlight.indices { inFlight[index] += other.inFlight[index] }
    for index in durations.indices { durations[index] &+= other.durations[index] }
    for index in buckets.indices { buckets[index] &+= other.buckets[index] }
  }

  /// One method's calls that ended with one code: how many took at most each bound, how many
  /// there were, and how long they took in all.
  struct Histogram {
    let cumulative: [UInt64]
    let count: UInt64
    let seconds: Double
  }

  /// Nil when there was none. `method` may be one beyond the last, for unknown methods.
  func histogram(_ method: Int, _ code: Status.Code) -> Histogram? {
    let series = series(method, code)
    var count: UInt64 = 0
    var cumulative = buckets[series * Self.bucketCount..<(series + 1) * Self.bucketCount].map {
      count &+= $0
      return count
    }
    cumulative.removeLast()
    guard count > 0 else { return nil }
    return Histogram(
      cumulative: cumulative, count: count, seconds: Double(durations[series]) / 1e9)
  }

  private func series(_ method: Int, _ code: Status.Code) -> Int {
    method * Self.codeCount + Int(code.rawValue)
  }
}

/// The counts of all event loops.
final class ServerMetrics: Sendable {
  let methods: [String]
  private let loops = Mutex<[NIOLoopBound<CallMetrics>]>([])

  /// - Parameter methods: their paths, as the router numbers them.
  init(methods: [String]) {
    self.methods = methods
  }

  /// Made once per event loop, and on it.
  func interceptor(on eventLoop: any EventLoop) -> CallMetrics {
    let metrics = CallMetrics(methodCount: methods.count)
    let bound = NIOLoopBound(metrics, eventLoop: eventLoop)
    loops.withLock { $0.append(bound) }
    return metrics
  }

  /// What the loops have counted, each asked in its turn.
  func counts() async -> CallCounts {
    var sum = CallCounts(methodCount: methods.count)
    for loop in loops.withLock({ $0 }) {
      // A loop that has shut down has nothing to add.
      guard let counts = try? await loop.eventLoop.submit({ loop.value.counts }).get() else {
        continue
      }
      sum.add(counts)
    }
    return sum
  }
}
