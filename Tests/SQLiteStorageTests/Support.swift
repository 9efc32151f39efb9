import Glibc
import SQLiteStorage
import Storage
import Synchronization

/// A folder that goes with its last reference.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/packd-storage-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else {
      throw StorageError.cannotOpen(path: "/tmp", reason: String(cString: strerror(errno)))
    }
    path = String(cString: made)
  }

  deinit {
    // What a store makes: files, and at most folders of folders.
    removeAll(in: path)
    rmdir(path)
  }

  var database: String { path + "/packd.db" }

  private func removeAll(in folder: String) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let path = folder + "/" + name
      if unlink(path) != 0 {
        removeAll(in: path)
        rmdir(path)
      }
    }
  }
}

/// The bytes of a file, empty when there is none.
func contents(of path: String) -> [UInt8] {
  let file = open(path, O_RDONLY)
  guard file >= 0 else { return [] }
  defer { close(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = read(file, &chunk, chunk.count)
    guard count > 0 else { return bytes }
    bytes += chunk.prefix(count)
  }
}

func write(_ bytes: [UInt8], to path: String) {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  guard file >= 0 else { return }
  defer { close(file) }
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
    guard count > 0 else { return }
    rest = rest.dropFirst(count)
  }
}

/// Copies a database as it is now, log and all, as a crash would leave it.
func copyDatabase(_ path: String, to other: String) {
  for suffix in ["", "-wal", ".lock"] {
    let bytes = contents(of: path + suffix)
    if !bytes.isEmpty { write(bytes, to: other + suffix) }
  }
}

/// Opens a store whose file was given up a moment ago. A process that another test starts has a
/// copy of its lock until it runs its own program.
func openSoon(
  _ path: String, limits: SQLiteStore.Limits = SQLiteStore.Limits()
) async throws -> SQLiteStore {
  for _ in 0..<500 {
    do {
      return try SQLiteStore.open(path: path, limits: limits)
    } catch .locked {
      try await Task.sleep(for: .milliseconds(10))
    }
  }
  return try SQLiteStore.open(path: path, limits: limits)
}

/// Permission bits of a file or folder.
func permissions(of path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

/// Holds up a body on its thread until it is opened.
final class Gate: Sendable {
  private let isReached = Atomic(false)
  private let isOpen = Atomic(false)

  /// Blocks the thread: for bodies, which have one of their own.
  func wait() {
    isReached.store(true, ordering: .releasing)
    while !isOpen.load(ordering: .acquiring) { usleep(500) }
  }

  func open() {
    isOpen.store(true, ordering: .releasing)
  }

  func untilReached() async throws {
    while !isReached.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
  }
}

final class Counter: Sendable {
  private let count = Atomic(0)

  func increment() {
    count.add(1, ordering: .acquiringAndReleasing)
  }

  func reaches(_ number: Int) async throws {
    while count.load(ordering: .acquiring) < number {
      try await Task.sleep(for: .milliseconds(1))
    }
  }
}
