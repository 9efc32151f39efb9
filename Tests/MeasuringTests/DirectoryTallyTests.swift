internal import API
internal import Testing

@testable internal import Measuring

@Suite struct DirectoryTallyTests {
  private func paths(_ usage: [DirectoryUsage]) -> [String: Int64] {
    Dictionary(uniqueKeysWithValues: usage.map { ($0.path, $0.files) })
  }

  @Test("files are counted in the directory that they are right in")
  func rightIn() {
    var tally = DirectoryTally()
    tally.enter("")
    tally.add(bytes: 1)
    tally.enter("a")
    tally.enter("b")
    tally.add(bytes: 2)
    tally.add(bytes: 3)
    tally.leave()
    tally.leave()
    tally.enter("c")
    tally.leave()
    tally.leave()
    let usage = tally.usage(maxBytes: 1_000)
    #expect(paths(usage) == ["": 1, "a/b": 2])
    #expect(usage.map(\.bytes) == [1, 5])
    #expect(tally.foldedDirectories == 0)
  }

  /// `width` directories in each, to `depth`, with a file in each.
  private func fill(_ tally: inout DirectoryTally, width: Int, depth: Int) {
    tally.add(bytes: 10)
    guard depth > 0 else { return }
    for number in 0..<width {
      tally.enter("d\(number)")
      fill(&tally, width: width, depth: depth - 1)
      tally.leave()
    }
  }

  @Test("the deepest levels are folded until the scan fits, and the sums stay")
  func folding() {
    var tally = DirectoryTally()
    tally.enter("")
    fill(&tally, width: 6, depth: 4)
    tally.leave()
    let all = 1 + 6 + 36 + 216 + 1_296
    var whole = tally
    #expect(whole.usage(maxBytes: 1 << 20).count == all)
    #expect(whole.foldedDirectories == 0)
    let usage = tally.usage(maxBytes: 2_000)
    #expect(usage.count == 1 + 6 + 36)
    #expect(usage.map(\.files).reduce(0, +) == Int64(all))
    #expect(usage.map(\.bytes).reduce(0, +) == Int64(all) * 10)
    #expect(tally.foldedDirectories == 216 + 1_296)
    let message = DiskScan(directories: usage, fileTypes: [])
    #expect(message.encodedSize <= 2_000)
  }

  @Test("memory is bounded while the walk goes on, wherever it is", arguments: [2, 5, 50, 200])
  func bounded(_ max: Int) {
    var tally = DirectoryTally(maxDirectories: max)
    tally.enter("")
    fill(&tally, width: 3, depth: 5)
    tally.leave()
    let usage = tally.usage(maxBytes: 1 << 20)
    #expect(usage.count <= max)
    #expect(usage.map(\.files).reduce(0, +) == 364)
    #expect(Set(usage.map(\.path)).count == usage.count)
  }

  @Test("a path that is longer than the contract allows is counted above")
  func longPaths() {
    var tally = DirectoryTally()
    tally.enter("")
    let name = String(repeating: "n", count: 255)
    for _ in 0..<20 {
      tally.enter(name)
      tally.add(bytes: 1)
    }
    let usage = tally.usage(maxBytes: 1 << 20)
    #expect(usage.count == 16)
    #expect(usage.allSatisfy { $0.path.utf8.count <= MeasuringLimits.maxPathBytes })
    #expect(usage.last?.files == 5)
    #expect(tally.foldedDirectories == 4)
  }
}
