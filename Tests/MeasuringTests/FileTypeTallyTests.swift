internal import API
internal import Testing

@testable internal import Measuring

@Suite struct FileTypeTallyTests {
  @Test(
    "the type is the extension of a file name, in lower case",
    arguments: [
      ("index.html", "html"), ("PHOTO.JPG", "jpg"), ("a.tar.gz", "gz"), ("README", ""),
      (".htaccess", ""), (".config.php", "php"), ("a.", ""), (".", ""), ("a.b-c", ""),
      ("a.b c", ""), ("a.mp4", "mp4"),
      (
        "x." + String(repeating: "a", count: 32),
        String(repeating: "a", count: 32)
      ),
      ("x." + String(repeating: "a", count: 33), ""), ("a.ümlaut", ""), ("", ""),
    ])
  func fileType(_ name: String, _ type: String) {
    #expect(FileTypeTally.fileType(of: Array(name.utf8)) == type)
  }

  @Test("types beyond the bound are counted as files without one, and nothing is lost")
  func manyTypes() {
    var tally = FileTypeTally()
    let count = MeasuringLimits.maxTalliedFileTypes + 500
    for number in 0..<count { tally.add("t\(number)", bytes: Int64(number)) }
    let usage = tally.usage
    #expect(usage.count == MeasuringLimits.maxFileTypes)
    #expect(usage.map(\.files).reduce(0, +) == Int64(count))
    #expect(usage.map(\.bytes).reduce(0, +) == Int64(count) * Int64(count - 1) / 2)
    #expect(Set(usage.map(\.fileType)).count == usage.count)
    #expect(usage.first?.fileType == "t\(MeasuringLimits.maxTalliedFileTypes - 1)")
    #expect(usage.last?.fileType == "")
  }
}
