import API
import Testing

/// A oneof whose members are messages (protobuf encoding, "Last One Wins"): what Google's
/// runtimes do, and libprotobuf-c does not.
@Suite struct UsageEventTests {
  private let scan = UsageEvent.Measurement.diskScan(
    DiskScan(directories: [DirectoryUsage(path: "logs", bytes: 7, files: 1)], fileTypes: []))
  private let delta = UsageEvent.Measurement.bandwidthDelta(
    BandwidthDelta(inBytes: 1, outBytes: 2, requests: 3))

  private func event(_ measurement: UsageEvent.Measurement?) -> UsageEvent {
    UsageEvent(
      eventID: "e", packageID: "p", observedTime: Timestamp(seconds: 5), measurement: measurement)
  }

  private func joined(_ parts: UsageEvent.Measurement...) throws -> UsageEvent.Measurement? {
    try UsageEvent(decoding: parts.flatMap { event($0).encoded() }).measurement
  }

  @Test("a measurement comes back as it was sent")
  func roundTrip() throws {
    for measurement in [scan, delta, nil] {
      let event = event(measurement)
      #expect(try UsageEvent(decoding: event.encoded()) == event)
    }
  }

  @Test("a scan that comes in two pieces is one scan")
  func splitScan() throws {
    let other = UsageEvent.Measurement.diskScan(
      DiskScan(
        directories: [DirectoryUsage(path: "mail", bytes: 9, files: 2)],
        fileTypes: [FileTypeUsage(fileType: "html", bytes: 16, files: 3)]))
    let whole = DiskScan(
      directories: [
        DirectoryUsage(path: "logs", bytes: 7, files: 1),
        DirectoryUsage(path: "mail", bytes: 9, files: 2),
      ], fileTypes: [FileTypeUsage(fileType: "html", bytes: 16, files: 3)])
    #expect(try joined(scan, other) == .diskScan(whole))
  }

  @Test("a delta that comes in two pieces takes the last of each number")
  func splitDelta() throws {
    let other = UsageEvent.Measurement.bandwidthDelta(
      BandwidthDelta(inBytes: 0, outBytes: 20, requests: 0))
    #expect(
      try joined(delta, other)
        == .bandwidthDelta(BandwidthDelta(inBytes: 1, outBytes: 20, requests: 3)))
  }

  @Test("of a scan and a delta the last one wins, and nothing of the other is left")
  func lastWins() throws {
    #expect(try joined(scan, delta) == delta)
    #expect(try joined(delta, scan) == scan)
    #expect(try joined(scan, delta, scan) == scan)
  }
}
