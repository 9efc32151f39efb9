internal import Testing

/// The rules of the house that a reader would otherwise have to enforce.
@Suite struct TidyTests {
  static let maxFileLines = 600
  static let maxFunctionLines = 70
  static let maxLineColumns = 100

  /// Which of our rooms each room may import; docs/ARCHITECTURE.md has the picture.
  static let mayImport: [String: Set<String>] = [
    "HTTP2": ["CNghttp2", "CLinux"],
    "GRPC": ["HTTP2", "CZlib"],
    "API": [],
    "Storage": [],
    "Threads": [],
    "SQLiteStorage": ["Storage", "Threads", "CSQLite"],
    "Curl": ["Threads", "CCurl"],
    "Services": ["GRPC", "API", "Storage", "Threads", "Curl", "CSodium", "CIDN2"],
    "packd": ["HTTP2", "GRPC", "API", "Storage", "SQLiteStorage", "Services"],
    "packd-interop": ["HTTP2", "GRPC", "API"],
    "Measuring": ["API", "CZlib"],
    "packctl": ["API", "Measuring"],
  ]

  /// The one file of a room that calls a C library.
  static let wall = [
    "CNghttp2": ["Sources/HTTP2/NGHTTP2Session.swift", "Sources/HTTP2/HeaderBlock.swift"],
    "CSQLite": ["Sources/SQLiteStorage/SQLiteConnection.swift"],
    "CZlib": ["Sources/GRPC/Compression/Gzip.swift", "Sources/Measuring/Logs/GzipStream.swift"],
    "CSodium": ["Sources/Services/Packages/Argon2.swift"],
    "CIDN2": ["Sources/Services/Packages/IDNA.swift"],
    "CCurl": ["Sources/Curl/EasyHandle.swift"],
    "CLinux": ["Sources/HTTP2/ProcessorTurns.swift"],
  ]

  @Test("the tree is there to be looked at")
  func treeIsThere() {
    #expect(SourceFile.sources.count > 20)
    #expect(SourceFile.tests.count > 5)
  }

  @Test("a file has at most 600 lines", arguments: SourceFile.sources + SourceFile.tests)
  func fileLength(_ file: SourceFile) {
    #expect(file.lines.count <= Self.maxFileLines)
  }

  @Test("a function has at most 70 lines", arguments: SourceFile.sources + SourceFile.tests)
  func functionLength(_ file: SourceFile) {
    for (line, length) in file.functions {
      #expect(length <= Self.maxFunctionLines, "\(file.path):\(line) has \(length) lines")
    }
  }

  @Test("a line has at most 100 columns", arguments: SourceFile.sources + SourceFile.tests)
  func lineLength(_ file: SourceFile) {
    for (index, line) in file.lines.enumerated() {
      #expect(line.count <= Self.maxLineColumns, "\(file.path):\(index + 1)")
    }
  }

  @Test("a target has at most one level of folders", arguments: SourceFile.sources)
  func folderDepth(_ file: SourceFile) {
    #expect(file.path.split(separator: "/").count <= 4)
  }

  @Test("a room imports only the rooms below it", arguments: SourceFile.sources)
  func importDirection(_ file: SourceFile) throws {
    let allowed = try #require(Self.mayImport[file.target], "a room without a rule")
    let rooms = Set(Self.mayImport.keys).union(Self.wall.keys)
    #expect(Set(file.imports).intersection(rooms).subtracting(allowed).isEmpty)
  }

  @Test("every import states its access", arguments: SourceFile.sources)
  func importAccess(_ file: SourceFile) {
    for line in file.lines {
      #expect(!line.hasPrefix("import "), "\(line) in \(file.path)")
    }
  }

  @Test("a C library is called behind its wall", arguments: SourceFile.sources)
  func wall(_ file: SourceFile) {
    for (library, files) in Self.wall where file.imports.contains(library) {
      #expect(files.contains(file.path), "\(file.path) imports \(library)")
    }
  }

  @Test(
    "no word stands for work that is not done, and no trap for an error",
    arguments: SourceFile.sources)
  func forbiddenWords(_ file: SourceFile) {
    let words = ["TODO", "FIXME", "XXX", "HACK", "try! ", " as! ", "fatalError("]
    for (index, line) in file.lines.enumerated() {
      for word in words {
        #expect(!line.contains(word), "\(word) at \(file.path):\(index + 1)")
      }
    }
  }

  @Test("other programs are run without Foundation's Process", arguments: SourceFile.tests)
  func processes(_ file: SourceFile) {
    // Tests/Command says why.
    let process = /\bProcess(?:\(\)|\.run\()/
    for (index, line) in file.lines.enumerated() {
      #expect(line.firstMatch(of: process) == nil, "\(file.path):\(index + 1)")
    }
  }

  @Test("a type's name says what it is", arguments: SourceFile.sources)
  func typeNames(_ file: SourceFile) {
    let type = /(?:class|struct|enum|actor|protocol) (\w*(?:Manager|Helper|Utils?|Base|Impl))\b/
    for line in file.lines {
      #expect(line.firstMatch(of: type) == nil, "\(line) in \(file.path)")
    }
  }

  @Test("what opts out of a check says why", arguments: SourceFile.sources)
  func unsafeHasReason(_ file: SourceFile) {
    for (index, line) in file.lines.enumerated()
    where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
      let above = file.lines[max(0, index - 4)..<index]
      let hasReason = above.contains { $0.contains("//") } || line.contains("//")
      #expect(hasReason, "\(file.path):\(index + 1)")
    }
  }
}
