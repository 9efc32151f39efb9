internal import API
internal import Testing

@testable internal import Services

@Suite struct DiskScanCheckTests {
  private func totals(_ scan: DiskScan) -> (ScanTotals?, [String]) {
    var violations = Violations()
    let totals = DiskScanCheck.totals(of: scan, "scan", &violations)
    #expect((totals == nil) == !violations.isEmpty)
    return (totals, violations.all.map(\.field))
  }

  private func scan(_ paths: [String], types: [String] = [""]) -> DiskScan {
    DiskScan(
      directories: paths.map { DirectoryUsage(path: $0, bytes: 10, files: 2) },
      fileTypes: types.enumerated().map { index, type in
        FileTypeUsage(
          fileType: type, bytes: index == 0 ? Int64(10 * paths.count) : 0,
          files: index == 0 ? Int64(2 * paths.count) : 0)
      })
  }

  @Test("a scan in order has its sums, also an empty one")
  func valid() {
    #expect(totals(DiskScan()).0 == ScanTotals())
    let paths = [
      "", "a", "a/b", "a-b", "...", ".hidden", "ü/x y", String(repeating: "a/", count: 63) + "b",
      String(repeating: "x", count: 4096),
    ]
    #expect(totals(scan(paths, types: ["html", "", "ü"])).0 == ScanTotals(bytes: 90, files: 18))
  }

  @Test(
    "paths that lead elsewhere, or are no paths, are refused",
    arguments: [
      "/", "/a", "a/", "a//b", ".", "..", "a/./b", "a/../b", "../a", "a\0b", "a/..",
      String(repeating: "a/", count: 64) + "b", String(repeating: "x", count: 4097),
    ])
  func invalidPath(path: String) {
    #expect(totals(scan(["ok", path])).1.first == "scan.directories[1].path")
  }

  @Test("each path and each type is there once")
  func twice() {
    #expect(totals(scan(["a", "b", "a"])).1 == ["scan.directories[2].path"])
    #expect(totals(scan(["a"], types: ["x", "x"])).1 == ["scan.file_types[1].file_type"])
    // Two spellings of one letter are two paths, as for a file system.
    #expect(totals(scan(["\u{e9}", "e\u{301}"])).1.isEmpty)
  }

  @Test(
    "file types are short and plain",
    arguments: [".html", "HTML", "a/b", "a\n", String(repeating: "x", count: 33)])
  func invalidType(type: String) {
    #expect(totals(scan(["a"], types: [type])).1 == ["scan.file_types[0].file_type"])
  }

  @Test("numbers are in range, and sums fit and agree")
  func sums() {
    func one(_ bytes: Int64, _ files: Int64, types: Int64? = nil) -> DiskScan {
      DiskScan(
        directories: [DirectoryUsage(path: "", bytes: bytes, files: files)],
        fileTypes: [FileTypeUsage(fileType: "", bytes: types ?? bytes, files: files)])
    }
    #expect(totals(one(1 << 50, 1 << 50)).0?.bytes == 1 << 50)
    #expect(totals(one(-1, 0)).1.first == "scan.directories[0].bytes")
    #expect(totals(one(0, (1 << 50) + 1)).1.first == "scan.directories[0].files")
    #expect(totals(one(1, 0, types: 2)).1 == ["scan.file_types"])
    let many = DiskScan(
      directories: (0..<8192).map { DirectoryUsage(path: "\($0)", bytes: 1 << 50, files: 0) },
      fileTypes: [])
    #expect(totals(many).1 == ["scan.directories[8191]"])
  }

  @Test("no more directories and types than there may be are looked at")
  func counts() {
    let directories = [DirectoryUsage](
      repeating: DirectoryUsage(), count: Limits.maxScanDirectories + 1)
    let types = [FileTypeUsage](repeating: FileTypeUsage(), count: Limits.maxScanFileTypes + 1)
    #expect(
      totals(DiskScan(directories: directories, fileTypes: types)).1
        == ["scan.directories", "scan.file_types"])
  }
}
