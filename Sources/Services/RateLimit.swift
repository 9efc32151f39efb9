internal import GRPC
internal import Storage
internal import Synchronization

/// Lets a caller make so many calls a second, and a burst of them now and then. Callers are
/// told apart by principal, and by network, as ``StartedCall/network`` has it, where there is none.
///
/// By the generic cell rate algorithm (ITU-T I.371): of each caller only the time is kept at
/// which it would be back within its rate. Shards keep event loops from waiting for each other.
struct RateLimit: Interceptor, Sendable {
  private final class Shard: Sendable {
    let table = Mutex(Table())
  }

  private struct Table {
    /// When each is back within its rate, in nanoseconds since the epoch.
    var callers: [String: Int64] = [:]
    /// A full table is looked through once a second at most, lest each refusal pay for it.
    var nextSweep = Int64.min

    mutating func hasRoom(at time: Int64) -> Bool {
      if callers.count >= Limits.maxCallersPerRateLimitShard, time >= nextSweep {
        callers = callers.filter { $0.value > time }
        nextSweep = time + RateLimit.nanosecondsPerSecond
      }
      return callers.count < Limits.maxCallersPerRateLimitShard
    }
  }

  private static let nanosecondsPerSecond: Int64 = 1_000_000_000

  private let shards = (0..<Limits.rateLimitShards).map { _ in Shard() }
  private let interval: Int64
  private let tolerance: Int64
  private let exempt: Set<String>
  private let now: Now

  /// - Parameters:
  ///   - callsPerSecond: in the long run, at least 1.
  ///   - burst: how many may come at once, at least 1.
  ///   - exempt: paths of methods that are not counted.
  init(callsPerSecond: Int, burst: Int, exempt: Set<String> = [], now: @escaping Now) {
    interval = Self.nanosecondsPerSecond / Int64(max(1, callsPerSecond))
    tolerance = interval.multipliedReportingOverflow(by: Int64(max(1, burst) - 1)).partialValue
    self.exempt = exempt
    self.now = now
  }

  func callStarted(_ call: any StartedCall) -> Status? {
    guard !exempt.contains(call.method) else { return nil }
    let caller = call.principal.isEmpty ? call.network : call.principal
    let wait = take(caller, at: now().nanosecondsSinceEpoch)
    guard wait > 0 else { return nil }
    call.countRateLimited()
    return .retryable(
      .resourceExhausted, "Too many calls from this caller", reason: "RATE_LIMITED",
      afterMilliseconds: (wait + 999_999) / 1_000_000)
  }

  func callEnded(_ call: EndedCall) {}

  /// Nanoseconds after which to try again; 0 when the call may go on.
  func take(_ caller: String, at time: Int64) -> Int64 {
    let shard = shards[Int(UInt(bitPattern: caller.hashValue) % UInt(Limits.rateLimitShards))]
    return shard.table.withLock { table in
      let known = table.callers[caller]
      let free = max(known ?? time, time)
      guard free - time <= tolerance else { return free - time - tolerance }
      guard known != nil || table.hasRoom(at: time) else { return Self.nanosecondsPerSecond }
      table.callers[caller] = free + interval
      return 0
    }
  }
}
