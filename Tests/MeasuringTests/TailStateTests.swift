internal import Foundation
internal import Testing

@testable internal import Measuring

@Suite struct TailStateTests {
  private var state: TailState {
    var state = TailState(packageID: "package-1", log: "/var/log/access.log")
    state.remember(
      TailState.Log(
        firstLine: "ab", offset: 5, lastBytes: "cd", pendingEnd: 9, file: FileStamp(path: "/bin/sh")
      ))
    return state
  }

  @Test("what was written is read")
  func roundTrip() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("below/state.json")
    let file = try StateFile(path)
    #expect(try file.read() == nil)
    try file.write(state)
    #expect(try file.read() == state)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("below"))
    #expect(names.sorted() == ["state.json", "state.json.lock"])
  }

  @Test("a write that fails leaves the state as it was")
  func failedWrite() throws {
    let folder = try TemporaryFolder()
    let file = try StateFile(folder.file("state.json"))
    try file.write(state)
    // No file can be created under this name.
    try folder.makeFolder("state.json.new")
    #expect(throws: Failure.self) {
      try file.write(TailState(packageID: "package-2", log: "/x"))
    }
    #expect(try file.read() == state)
  }

  @Test("two at once do not share a state file")
  func locked() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("state.json")
    do {
      let first = try StateFile(path)
      #expect(throws: Failure.self) { _ = try StateFile(path) }
      try first.write(state)
    }
    #expect(try StateFile(path).read() == state)
  }

  private static func text(_ log: String, version: Int = 1) -> String {
    #"{"version":\#(version),"packageID":"p","log":"/l","logs":[\#(log)]}"#
  }

  @Test(
    "a damaged state is refused, not taken for none",
    arguments: [
      "", "{", "[]", text("", version: 2),
      text(#"{"firstLine":"","offset":-1,"lastBytes":""}"#),
      text(#"{"firstLine":"","offset":9,"lastBytes":"","pendingEnd":9}"#),
    ])
  func damaged(_ text: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(text, to: "state.json")
    let file = try StateFile(folder.file("state.json"))
    #expect(throws: Failure.self) { try file.read() }
  }

  @Test("the logs that were met first are forgotten first")
  func bounded() {
    var state = TailState(packageID: "p", log: "/l")
    for number in 0..<MeasuringLimits.maxRememberedLogs + 2 {
      state.remember(TailState.Log(firstLine: "\(number)", offset: 0, lastBytes: ""))
    }
    #expect(state.logs.count == MeasuringLimits.maxRememberedLogs)
    #expect(state.logs.first?.firstLine == "2")
  }
}
