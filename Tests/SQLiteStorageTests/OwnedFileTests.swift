import Glibc
import SQLiteStorage
import Storage
import StorageContract
import Testing

struct OwnedFileTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  @Test("A link to a file that is yet to be made is the file's own name from the start")
  func danglingLink() async throws {
    let link = folder.path + "/link.db"
    #expect(symlink(folder.database, link) == 0)
    let store = try SQLiteStore.open(path: link)
    try expectLocked(folder.database, holder: "process \(getpid())")
    try await store.write { try $0.insert(Sample.plan(1)) }
    await store.close()
    #expect(contents(of: link + ".lock").isEmpty)
    let next = try SQLiteStore.open(path: folder.database)
    #expect(try await next.read { try $0.plan(.id(1)) } == Sample.plan(1))
    await next.close()
  }

  @Test("A hard link to an owned file is refused, and so is a file whose lock file was removed")
  func oneOwnerOfAFile() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let other = folder.path + "/other.db"
    #expect(Glibc.link(folder.database, other) == 0)
    try expectLocked(other, holder: "another process")
    // What a dead owner left tells nothing about the one that lives.
    write(Array("1\n".utf8), to: other + ".lock")
    try expectLocked(other, holder: "another process")
    unlink(folder.database + ".lock")
    try expectLocked(folder.database, holder: "another process")
    try await store.write { try $0.insert(Sample.plan(1)) }
    await store.close()
    let next = try SQLiteStore.open(path: folder.database)
    #expect(try await next.read { try $0.plan(.id(1)) } == Sample.plan(1))
    await next.close()
  }

  private func expectLocked(_ path: String, holder: String) throws {
    let error = #expect(throws: StorageError.self) { try SQLiteStore.open(path: path) }
    guard case .locked(_, holder) = error else {
      Issue.record("\(path): \(String(describing: error))")
      return
    }
  }
}
