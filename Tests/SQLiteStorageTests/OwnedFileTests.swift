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

  @Test("Under every name a file has one owner, also when its lock file was removed")
  func oneOwnerOfAFile() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    let link = folder.path + "/link.db"
    let other = folder.path + "/other.db"
    #expect(symlink(folder.database, link) == 0)
    #expect(Glibc.link(folder.database, other) == 0)
    // What a dead owner left tells nothing about the one that lives.
    write(Array("1\n".utf8), to: other + ".lock")
    let owner = "process \(getpid())"
    await #expect(processExitsWith: .success) {
      [path = folder.path as String, owner = owner as String] in
      try expectLocked(path + "/packd.db", holder: owner)
      try expectLocked(path + "/link.db", holder: owner)
      try expectLocked(path + "/other.db", holder: "another process")
      unlink(path + "/packd.db.lock")
      try expectLocked(path + "/packd.db", holder: "another process")
    }
    try expectLocked(folder.database, holder: owner)
    try expectLocked(other, holder: owner)
    try await store.write { try $0.insert(Sample.plan(1)) }
    await store.close()
    let next = try SQLiteStore.open(path: folder.database)
    #expect(try await next.read { try $0.plan(.id(1)) } == Sample.plan(1))
    await next.close()
  }

  @Test("A second store that is refused takes none of the first one's locks away")
  func refusalsDropNoLocks() async throws {
    let store = try SQLiteStore.open(path: folder.database)
    #expect(throws: StorageError.self) { try SQLiteStore.open(path: folder.database) }
    // A lock of an open file, unlike one of a process, meets the locks of its own process.
    let file = open(folder.database, O_RDWR)
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    let openFileGetLock: Int32 = 36
    #expect(fcntl(file, openFileGetLock, &lock) == 0)
    #expect(lock.l_type != Int16(F_UNLCK))
    await store.close()
    close(file)
  }

  @Test("A store that was emptied is damaged, however large it was, and keeps its log")
  func emptiedStores() async throws {
    var limits = SQLiteStore.Limits()
    // Smaller than any store: none has a checksum.
    limits.maxVerifiedFileBytes = 100
    let store = try SQLiteStore.open(path: folder.database, limits: limits)
    try await store.write { try $0.insert(Sample.plan(1)) }
    let log = contents(of: folder.database + "-wal")
    let copy = try TemporaryFolder()
    copyDatabase(folder.database, to: copy.database)
    await store.close()
    for (path, log) in [(folder.database, []), (copy.database, log)] {
      write([], to: path)
      try expectDamaged(path, limits)
      // Compared before they are expected: to show where thousands of bytes differ takes minutes.
      let isKept = contents(of: path).isEmpty && contents(of: path + "-wal") == log
      #expect(isKept)
    }
    // The log alone tells, too.
    unlink(copy.database + ".lock")
    try expectDamaged(copy.database, limits)
    let isKept = contents(of: copy.database + "-wal") == log
    #expect(isKept)
  }

  @Test("A store that was cut off is damaged, however large it was")
  func cutOffStores() async throws {
    var limits = SQLiteStore.Limits()
    limits.maxVerifiedFileBytes = 100
    try await SQLiteStore.open(path: folder.database, limits: limits).close()
    let bytes = contents(of: folder.database)
    write(Array(bytes.prefix(bytes.count / 2)), to: folder.database)
    try expectDamaged(folder.database, limits)
  }

  @Test("The owner stands in the lock file before the data is looked at")
  func ownerIsNamedAtOnce() throws {
    write(Array("1\n4096 5\n".utf8), to: folder.database + ".lock")
    write(Array(repeating: 0, count: 100), to: folder.database)
    try expectDamaged(folder.database, SQLiteStore.Limits())
    let text = String(decoding: contents(of: folder.database + ".lock"), as: UTF8.self)
    #expect(text.hasPrefix("\(getpid())\n4096 5\n"))
  }

  private func expectDamaged(_ path: String, _ limits: SQLiteStore.Limits) throws {
    let error = #expect(throws: StorageError.self) {
      try SQLiteStore.open(path: path, limits: limits)
    }
    guard case .damaged = error else {
      Issue.record("\(path): \(String(describing: error))")
      return
    }
  }
}

private func expectLocked(_ path: String, holder: String) throws {
  let error = #expect(throws: StorageError.self) { try SQLiteStore.open(path: path) }
  guard case .locked(_, holder) = error else {
    Issue.record("\(path): \(String(describing: error))")
    return
  }
}
