/// Waits between tries: twice as long each time, up to a bound, and a part of it by chance, so
/// that clients which lost one daemon do not all come back at once.
struct Backoff {
  private var milliseconds = ClientLimits.firstRetryMilliseconds

  mutating func next(
    using random: inout some RandomNumberGenerator
  ) -> Duration {
    let most = milliseconds
    milliseconds = min(most * 2, ClientLimits.lastRetryMilliseconds)
    return .milliseconds(Int.random(in: most / 2...most, using: &random))
  }
}
