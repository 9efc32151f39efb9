internal import API
internal import Foundation
internal import Glibc
internal import Testing

@testable internal import Measuring

@Suite struct TreeWalkTests {
  private func walk<System: FileSystem>(
    _ folder: TemporaryFolder, _ walk: TreeWalk<System>
  ) throws -> (TreeWalk<System>, unreadable: [String]) {
    var walk = walk
    var unreadable: [String] = []
    try walk.run(
      folder.path, unreadable: { path, reason in unreadable.append("\(path): \(reason)") })
    return (walk, unreadable)
  }

  private func usage<System>(_ walk: TreeWalk<System>) -> [String: Int64] {
    var directories = walk.directories
    let usage = directories.usage(maxBytes: 1 << 20)
    return Dictionary(uniqueKeysWithValues: usage.map { ($0.path, $0.files) })
  }

  @Test("files are counted by directory and type, and both sums agree")
  func counts() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("public/img")
    try folder.makeFolder("empty/below")
    try folder.write(String(repeating: "x", count: 5_000), to: "public/index.html")
    try folder.write(String(repeating: "x", count: 50_000), to: "public/img/a.JPG")
    try folder.write("x", to: "public/img/b.jpg")
    try folder.write("x", to: ".profile")
    let (walk, unreadable) = try walk(folder, TreeWalk())
    #expect(usage(walk) == ["": 1, "public": 1, "public/img": 2])
    let types = walk.fileTypes.usage
    #expect(
      Dictionary(uniqueKeysWithValues: types.map { ($0.fileType, $0.files) })
        == ["html": 1, "jpg": 2, "": 1])
    var directories = walk.directories
    let bytes = directories.usage(maxBytes: 1 << 20).map(\.bytes).reduce(0, +)
    #expect(bytes == types.map(\.bytes).reduce(0, +))
    #expect(bytes == walk.figures.bytes)
    #expect(bytes >= 55_000)
    #expect(walk.figures.files == 4)
    #expect(walk.figures.directories == 5)
    #expect(unreadable.isEmpty)
  }

  @Test("links are not followed, whether they loop or lead to the root")
  func links() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("a/b")
    try folder.write("x", to: "a/b/file.txt")
    for (name, target) in [
      ("a/loop", ".."), ("a/b/self", "self"), ("root", "/"), ("gone", "nowhere"),
      ("alias.txt", "a/b/file.txt"),
    ] {
      #expect(symlink(target, folder.file(name)) == 0)
    }
    #expect(mkfifo(folder.file("fifo"), 0o600) == 0)
    let (walk, unreadable) = try walk(folder, TreeWalk())
    #expect(walk.figures.files == 1)
    #expect(walk.figures.directories == 3)
    #expect(unreadable.isEmpty)
  }

  @Test("a directory that is named by a link is refused")
  func linkedRoot() throws {
    let folder = try TemporaryFolder()
    #expect(symlink("/", folder.file("root")) == 0)
    var walk = TreeWalk()
    #expect(throws: Failure.self) { try walk.run(folder.file("root")) }
  }

  @Test("a sparse file counts with the blocks that it has")
  func sparse() throws {
    let folder = try TemporaryFolder()
    try folder.write("x", to: "sparse.img")
    #expect(truncate(folder.file("sparse.img"), 1 << 40) == 0)
    let (walk, _) = try walk(folder, TreeWalk())
    #expect(walk.figures.files == 1)
    #expect(walk.figures.bytes < 1 << 20)
  }

  @Test("a file with several names is counted once")
  func hardLinks() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("a")
    try folder.write(String(repeating: "x", count: 8_192), to: "one")
    for name in ["two", "a/three", "a/four"] {
      #expect(link(folder.file("one"), folder.file(name)) == 0)
    }
    let (walk, _) = try walk(folder, TreeWalk())
    #expect(walk.figures.files == 1)
    #expect(walk.figures.furtherLinks == 3)
  }

  @Test("a name that is not UTF-8 is escaped")
  func strangeNames() throws {
    let folder = try TemporaryFolder()
    let bytes: [CChar] = [CChar(bitPattern: 0xff), 0x0a, 0x25, 0x34, 0x31, 0]
    #expect(mkdir(folder.path.utf8CString.dropLast() + [0x2f] + bytes, 0o700) == 0)
    let root = open(folder.path, O_RDONLY | O_DIRECTORY)
    let inner = openat(root, bytes, O_RDONLY | O_DIRECTORY)
    let file = openat(inner, "x", O_CREAT | O_WRONLY, 0o600)
    #expect(file >= 0)
    for descriptor in [file, inner, root] { close(descriptor) }
    let (walk, _) = try walk(folder, TreeWalk())
    #expect(usage(walk) == ["%FF%0A%2541": 1])
  }

  /// Refuses directories of one name; root may read every real one.
  private struct RefusingFileSystem: FileSystem {
    let name: String
    let reason: Int32

    func open(_ name: [CChar], in directory: Int32) -> Int32? {
      let bytes = name.dropLast().map { UInt8(bitPattern: $0) }
      guard String(decoding: bytes, as: UTF8.self) != self.name else {
        errno = reason
        return nil
      }
      return RealFileSystem().open(name, in: directory)
    }
  }

  @Test("what cannot be read is named and counted, and the walk goes on")
  func unreadable() throws {
    let folder = try TemporaryFolder()
    for name in ["a", "b/secret/deep", "c"] { try folder.makeFolder(name) }
    for name in ["a/x", "b/secret/deep/y", "c/z"] { try folder.write("x", to: name) }
    let system = RefusingFileSystem(name: "secret", reason: EACCES)
    let (walk, unreadable) = try walk(folder, TreeWalk(system: system))
    #expect(walk.figures.unreadable == 1)
    #expect(walk.figures.files == 2)
    #expect(unreadable == ["b/secret: Permission denied"])
  }

  @Test("a directory that a link has replaced is not entered")
  func replaced() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("a")
    let system = RefusingFileSystem(name: "a", reason: ELOOP)
    let (_, unreadable) = try walk(folder, TreeWalk(system: system))
    #expect(unreadable == ["a: it is a symbolic link"])
  }

  @Test("a directory that is removed meanwhile is no longer there to be counted")
  func vanished() throws {
    let folder = try TemporaryFolder()
    try folder.makeFolder("a")
    let (walk, unreadable) = try walk(
      folder, TreeWalk(system: RefusingFileSystem(name: "a", reason: ENOENT)))
    #expect(walk.figures.vanished == 1)
    #expect(walk.figures.unreadable == 0)
    #expect(unreadable.isEmpty)
  }

  @Test("a tree that is deeper than descriptors may be open is walked whole, and back")
  func deep() throws {
    let folder = try TemporaryFolder()
    let depth = MeasuringLimits.maxOpenDirectories * 4
    var path = ""
    for level in 0..<depth {
      try folder.makeFolder(path + "d")
      // What stands beside the way down is walked on the way back up.
      if level % 10 == 0 {
        try folder.makeFolder(path + "e")
        try folder.write("x", to: path + "e/file")
      }
      path += "d/"
    }
    try folder.write("x", to: path + "last")
    let (walk, unreadable) = try walk(folder, TreeWalk())
    #expect(unreadable.isEmpty)
    #expect(walk.figures.files == Int64(depth / 10 + 2))
    #expect(usage(walk).values.reduce(0, +) == walk.figures.files)
    let deepest = usage(walk).keys.map { $0.split(separator: "/").count }.max()
    #expect(deepest == MeasuringLimits.maxPathDepth)
  }
}
