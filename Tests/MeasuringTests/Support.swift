internal import API
internal import Command
internal import Foundation
internal import Measuring
internal import Synchronization

/// A folder that goes with its owner.
final class TemporaryFolder {
  let path: String

  init() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "packctl-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    path = folder.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: file(name)))
  }

  func append(_ text: String, to name: String) throws {
    let handle = try FileHandle(forWritingTo: URL(filePath: file(name)))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(text.utf8))
    try handle.close()
  }

  func makeFolder(_ name: String) throws {
    try FileManager.default.createDirectory(
      atPath: file(name), withIntermediateDirectories: true)
  }

  func move(_ name: String, to other: String) throws {
    try FileManager.default.moveItem(atPath: file(name), toPath: file(other))
  }

  func copy(_ name: String, to other: String) throws {
    try FileManager.default.copyItem(atPath: file(name), toPath: file(other))
  }

  func remove(_ name: String) throws {
    try FileManager.default.removeItem(atPath: file(name))
  }

  /// Replaces a file by `name.gz`, by the program that rotates logs.
  func gzip(_ name: String) throws {
    _ = try Command("/bin/gzip", [file(name)]).run()
  }
}

/// A daemon that remembers what it counted, as packd does.
final class FakeDaemon: UsageIngest {
  struct Lost: Error {}

  private struct State {
    var events: [String: UsageEvent] = [:]
    /// Of each call, whatever became of it.
    var calls: [[UsageEvent]] = []
    var failsBefore = false
    var failsAfter = false
    var verdict: IngestUsageResponse?
  }

  private let state = Mutex(State())

  /// The next call is lost before it is counted.
  func loseNextRequest() { state.withLock { $0.failsBefore = true } }
  /// The next call is counted, and its answer lost.
  func loseNextAnswer() { state.withLock { $0.failsAfter = true } }
  /// Nothing is counted from here on, and all answered with this.
  func answer(_ verdict: UsageVerdict?, reason: String = "") {
    state.withLock {
      $0.verdict = verdict.map { IngestUsageResponse(eventID: "", verdict: $0, reason: reason) }
    }
  }

  var calls: [[UsageEvent]] { state.withLock(\.calls) }

  func ingest(_ events: [UsageEvent]) async throws -> [IngestUsageResponse] {
    try state.withLock { state in
      state.calls.append(events)
      if state.failsBefore {
        state.failsBefore = false
        throw Lost()
      }
      let answers = events.map { event in
        if let verdict = state.verdict {
          return IngestUsageResponse(
            eventID: event.eventID, verdict: verdict.verdict, reason: verdict.reason)
        }
        guard let known = state.events[event.eventID] else {
          state.events[event.eventID] = event
          return IngestUsageResponse(eventID: event.eventID, verdict: .accepted)
        }
        return IngestUsageResponse(
          eventID: event.eventID, verdict: known == event ? .duplicate : .conflict)
      }
      if state.failsAfter {
        state.failsAfter = false
        throw Lost()
      }
      return answers
    }
  }

  private var deltas: [BandwidthDelta] {
    state.withLock(\.events).values.compactMap { event in
      if case .bandwidthDelta(let delta) = event.measurement { delta } else { nil }
    }
  }

  /// What is counted.
  var requests: Int64 { deltas.reduce(0) { $0 + $1.requests } }
  var outBytes: Int64 { deltas.reduce(0) { $0 + $1.outBytes } }
}

/// Lines as nginx writes them, no two the same.
func logLines(_ numbers: Range<Int>, hour: Int = 15, bytes: Int = 100) -> String {
  numbers.map { number in
    let time = String(format: "%02d:%02d:%02d", hour, number / 60 % 60, number % 60)
    return "192.0.2.7 - - [21/Nov/2026:\(time) +0000] \"GET /\(number) HTTP/1.1\" 200 \(bytes) "
      + "\"-\" \"curl/8.0\"\n"
  }.joined()
}
