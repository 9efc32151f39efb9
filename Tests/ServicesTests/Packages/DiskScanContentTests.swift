internal import API
internal import Testing

@testable internal import Services

@Suite("DiskScanContent")
struct DiskScanContentTests {
  private func scan(_ directories: [(String, Int64, Int64)]) -> DiskScan {
    DiskScan(
      directories: directories.map { DirectoryUsage(path: $0.0, bytes: $0.1, files: $0.2) },
      fileTypes: [])
  }

  private func content(_ directories: [(String, Int64, Int64)]) throws -> DiskScanContent {
    try #require(DiskScanContent(scan: scan(directories)))
  }

  private func all(_ content: DiskScanContent, depth: Int = 64) throws -> [DirectoryUsage] {
    let page = try #require(
      content.page(depth: depth, limit: .max, maxBytes: .max))
    #expect(page.next == nil)
    return page.directories
  }

  @Test("an empty scan has the home, with nothing in it")
  func empty() throws {
    let content = try content([])
    #expect(try all(content) == [DirectoryUsage(path: "", bytes: 0, files: 0)])
    #expect(content.directoryCount == 1)
    #expect(content.fileTypes.isEmpty)
  }

  @Test("a directory holds all that is below it, and those above are there though not named")
  func cumulative() throws {
    let content = try content([
      ("a/b/c", 1, 1), ("a-b/x", 20, 2), ("", 300, 3), ("a/d", 4000, 4), ("a", 50_000, 5),
      ("ab", 600_000, 6),
    ])
    let expected: [(String, Int64, Int64)] = [
      ("", 654_321, 21), ("a", 54_001, 10), ("a-b", 20, 2), ("a-b/x", 20, 2), ("a/b", 1, 1),
      ("a/b/c", 1, 1), ("a/d", 4000, 4), ("ab", 600_000, 6),
    ]
    #expect(
      try all(content)
        == expected.map { DirectoryUsage(path: $0.0, bytes: $0.1, files: $0.2) })
    #expect(content.directoryCount == expected.count)
  }

  @Test("paths are in the order of their bytes, beyond ASCII too")
  func byteOrder() throws {
    let paths = ["é", "e\u{301}", "z", "Z", "日本/語", "\u{10348}", "\u{fffd}", "a b", "a!b", "a/b"]
    let found = try all(content(paths.map { ($0, 1, 1) })).map(\.path)
    let expected = (paths + ["", "a", "日本"]).sorted {
      $0.utf8.lexicographicallyPrecedes($1.utf8)
    }
    #expect(found.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test("a depth lists the home and so many levels below it, with sums of all below")
  func depth() throws {
    let content = try content([("a/b/c", 1, 1), ("a/b", 2, 1), ("d", 4, 1)])
    #expect(try all(content, depth: 0).map(\.path) == [""])
    #expect(try all(content, depth: 0).map(\.bytes) == [7])
    #expect(try all(content, depth: 1).map(\.path) == ["", "a", "d"])
    #expect(try all(content, depth: 1).map(\.bytes) == [7, 3, 4])
    #expect(try all(content, depth: 2).map(\.path) == ["", "a", "a/b", "d"])
    #expect(try all(content, depth: 3).map(\.path) == ["", "a", "a/b", "a/b/c", "d"])
  }

  @Test("pages of any size give each directory once", arguments: [1, 2, 3, 7, 100])
  func pages(limit: Int) throws {
    var random = SystemRandomNumberGenerator()
    let paths = Set(
      (0..<60).map { _ in
        (0...Int.random(in: 0...3, using: &random)).map { _ in
          ["a", "bb", "a-b", "c"].randomElement(using: &random) ?? ""
        }.joined(separator: "/")
      })
    let content = try content(paths.map { ($0, 1, 1) })
    for depth in 0...4 {
      var found: [DirectoryUsage] = []
      var position: DiskScanContent.Position? = .start
      while let from = position {
        let page = try #require(
          content.page(depth: depth, from: from, limit: limit, maxBytes: .max))
        #expect(page.directories.count <= limit)
        found += page.directories
        position = page.next
      }
      #expect(found == (try all(content, depth: depth)))
    }
  }

  @Test("a page ends at its bytes, but not before it has one directory")
  func pageBytes() throws {
    let content = try content([("aaaa", 1, 1), ("bbbb", 1, 1), ("cccc", 1, 1)])
    let first = try #require(content.page(depth: 1, limit: 10, maxBytes: 8))
    #expect(first.directories.map(\.path) == ["", "aaaa", "bbbb"])
    let second = try #require(
      content.page(depth: 1, from: first.next ?? .start, limit: 10, maxBytes: 2))
    #expect(second.directories.map(\.path) == ["cccc"])
    #expect(second.next == nil)
  }

  @Test("a page looks at so many directories and no more, and the next goes on there")
  func walked() throws {
    let content = try content(
      ["a/é/c", "a/è/c", "b/c/d", "e", "f/g", "h"].map { ($0, 1, 1) })
    for (depth, maxWalked) in [(1, 1), (1, 2), (2, 3), (64, 1), (64, 5), (1, 100)] {
      var found: [DirectoryUsage] = []
      var position: DiskScanContent.Position? = .start
      var pages = 0
      while let from = position {
        let page = try #require(
          content.page(
            depth: depth, from: from, limit: .max, maxBytes: .max, maxWalked: maxWalked))
        #expect(page.directories.count <= maxWalked)
        #expect((page.next?.index ?? 0) <= from.index + maxWalked)
        found += page.directories
        position = page.next
        pages += 1
      }
      #expect(found == (try all(content, depth: depth)))
      #expect(pages == (content.directoryCount + maxWalked - 1) / maxWalked)
    }
  }

  @Test("the home alone is read without a look at what is behind it")
  func homeAlone() throws {
    var bytes = try content([("a", 1, 1), ("b", 2, 1)]).encoded()
    bytes.removeLast(4)
    let cut = try #require(DiskScanContent(decoding: bytes))
    #expect(cut.page(depth: 1, limit: 10, maxBytes: .max) == nil)
    let page = cut.page(depth: 0, limit: 10, maxBytes: .max)
    #expect(page?.directories == [DirectoryUsage(path: "", bytes: 3, files: 2)])
    #expect(page?.next == nil)
  }

  @Test("a position that no page gave never traps")
  func positions() throws {
    let content = try content([("a/b", 300, 2), ("a/c", 300, 2), ("d", 1, 1)])
    for index in [Int.min, -1, 0, 1, 4, 5, 6, .max] {
      for offset in [Int.min, -1] + Array(0...30) + [.max] {
        for shared in [[], Array("a/".utf8), [0xff], [UInt8](repeating: 0x2f, count: 5000)] {
          let position = DiskScanContent.Position(index: index, offset: offset, shared: shared)
          let page = content.page(depth: 64, from: position, limit: 10, maxBytes: .max)
          if index < 0 || index > 5 || offset < 0 { #expect(page == nil) }
        }
      }
    }
  }

  @Test("file types come the most bytes first, ties by name")
  func fileTypes() throws {
    let types = [("jpg", 5), ("", 9), ("php", 5), ("html", 1)].map {
      FileTypeUsage(fileType: $0.0, bytes: $0.1, files: 1)
    }
    let content = try #require(DiskScanContent(scan: DiskScan(directories: [], fileTypes: types)))
    #expect(content.fileTypes.map(\.fileType) == ["", "jpg", "php", "html"])
  }

  @Test("what was encoded is read back the same")
  func roundTrip() throws {
    let directories = [
      DirectoryUsage(path: "a/" + String(repeating: "x", count: 300), bytes: .max, files: 1),
      DirectoryUsage(path: "é/日本", bytes: 0, files: 1 << 40),
    ]
    let types = [FileTypeUsage(fileType: "é", bytes: .max, files: 1)]
    let content = try #require(
      DiskScanContent(scan: DiskScan(directories: directories, fileTypes: types)))
    let decoded = try #require(DiskScanContent(decoding: content.encoded()))
    #expect(decoded == content)
    #expect(try all(decoded) == all(content))
    #expect(decoded.fileTypes == types)
  }

  @Test("cut or changed bytes never trap, and a cut is told")
  func damaged() throws {
    let types = [FileTypeUsage(fileType: "jpg", bytes: 300, files: 2)]
    let directories = [DirectoryUsage(path: "a/b", bytes: 300, files: 2)]
    let bytes = try #require(
      DiskScanContent(scan: DiskScan(directories: directories, fileTypes: types))
    ).encoded()
    for count in bytes.indices {
      let cut = DiskScanContent(decoding: Array(bytes[..<count]))
      #expect(cut?.page(depth: 64, limit: 10, maxBytes: .max) == nil)
    }
    for index in bytes.indices {
      for value in UInt8.min...UInt8.max {
        var changed = bytes
        changed[index] = value
        _ = DiskScanContent(decoding: changed)?
          .page(depth: 64, limit: 10, maxBytes: .max)
      }
    }
  }

  @Test("sums that do not fit stay at the largest number")
  func saturation() throws {
    let content = try content([("a", .max, .max), ("b", .max, 1)])
    #expect(try all(content, depth: 0) == [DirectoryUsage(path: "", bytes: .max, files: .max)])
  }

  @Test("deep and long paths take room once, and too many directories are refused")
  func hostile() throws {
    // 60 levels, of which 59 are shared by all.
    let above = Array(repeating: String(repeating: "d", count: 60), count: 59)
      .joined(separator: "/")
    let deep = try content((0..<1000).map { ("\(above)/\($0)", 1, 1) })
    #expect(deep.directoryCount == 1060)
    #expect(deep.encoded().count < 20_000)
    let wide = (0..<5000).map { index in
      ("\(index)" + String(repeating: "/x", count: 63), Int64(1), Int64(1))
    }
    #expect(DiskScanContent(scan: scan(wide)) == nil)
  }

  @Test("thousands of directories in any order are added up")
  func large() throws {
    let directories = (0..<5000).map { index in
      ("public_html/uploads/\(index / 100)/\(index / 10)/\(index)", Int64(1), Int64(1))
    }
    let content = try content(directories.shuffled())
    #expect(content.directoryCount == 5553)
    let home = try #require(content.page(depth: 3, limit: 1, maxBytes: .max)?.next)
    let page = content.page(depth: 3, from: home, limit: 3, maxBytes: .max)
    #expect(
      page?.directories == [
        DirectoryUsage(path: "public_html", bytes: 5000, files: 5000),
        DirectoryUsage(path: "public_html/uploads", bytes: 5000, files: 5000),
        DirectoryUsage(path: "public_html/uploads/0", bytes: 100, files: 100),
      ])
  }
}
