internal import Glibc
internal import Storage
internal import Synchronization

/// The database file as this process owns it: its path, its folder, and the lock on it.
///
/// The lock is a `flock` on the data file itself, so that it holds under every name of the file,
/// and one on `<file>.lock`. The system drops both with the process, however that ends. On local
/// file systems of Linux a `flock` and the `fcntl` locks of SQLite do not meet.
///
/// The lock file is never removed. It holds the owner's process id and, as its second line, what
/// the data file was at the last checkpoint.
final class OwnedFile {
  /// Absolute, with every symbolic link resolved, so that two names of a file are one.
  let path: String
  /// Whether the file was not there, or was empty and nobody has ever owned it.
  let isNew: Bool
  /// Whether the file is what it was at the last checkpoint, byte for byte.
  let isAsLeft: Bool
  private let lock: Descriptor
  /// Locked. Stays open for as long as SQLite has the file: closing any descriptor of a file
  /// drops the process's own POSIX locks on it.
  private let file: Descriptor
  private let maxVerifiedBytes: Int64
  private let claim: Claim

  /// - Throws: ``StorageError/cannotOpen(path:reason:)``, `locked`, or `damaged` for a file
  ///   that was emptied, or that is gone while its log is there, which SQLite would delete.
  init(path: String, limits: SQLiteStore.Limits) throws(StorageError) {
    try Self.makeFolders(above: path)
    let isMissing = access(path, F_OK) != 0
    (self.path, file, lock, claim) = try Claim.all.withLock { claimed throws(StorageError) in
      try Self.own(path, besides: &claimed)
    }
    let mark = FileMark(lockFile: lock)
    // At once, so that whoever is refused while the data is looked at learns by whom.
    Self.write(mark: mark, to: lock)
    isNew = file.bytes == 0
    // SQLite would take such a file for an empty one.
    guard isNew || file.bytes >= 512 else {
      throw .damaged(path: path, reason: "it is too short to be a database")
    }
    if isNew, !isMissing, let mark, mark.bytes > 0 {
      throw .damaged(path: path, reason: "it is empty, and once was not")
    }
    if isNew, Self.hasLog(path) {
      throw .damaged(path: path, reason: "it is empty, and its log is not")
    }
    maxVerifiedBytes = limits.maxVerifiedFileBytes
    isAsLeft = mark?.isOf(file, maxBytes: maxVerifiedBytes) ?? false
  }

  var bytes: Int64 { file.bytes }

  /// Notes what the file is now. Best effort: without the note the next start verifies the file.
  func noteCheckpoint() {
    Self.write(mark: FileMark(dataFile: file, maxBytes: maxVerifiedBytes), to: lock)
  }

  private static func write(mark: FileMark?, to lock: Descriptor) {
    let text = "\(getpid())\n\(mark.map { "\($0.text)\n" } ?? "")"
    var bytes = Array(text.utf8)
    // Padded, so that one write replaces whatever longer text stood there.
    bytes += Array(repeating: UInt8(ascii: "\n"), count: max(0, 64 - bytes.count))
    _ = pwrite(lock.number, bytes, bytes.count, 0)
  }

  /// Gives the file up; SQLite must have closed it before.
  func close() {
    file.close()
    lock.close()
    claim.release()
  }

  /// Opens and locks the file and its lock file.
  private static func own(
    _ path: String, besides claimed: inout Set<FileID>
  ) throws(StorageError) -> (String, file: Descriptor, lock: Descriptor, Claim) {
    // Not even opened: closing it again would drop the locks that SQLite has here.
    if let id = FileID(path), claimed.contains(id) {
      throw .locked(path: realPath(path) ?? path, holder: "process \(getpid())")
    }
    // Made before it is resolved: of a link that leads nowhere yet, only the system can tell
    // where it leads.
    let file = try Descriptor(path, O_RDWR | O_CREAT)
    guard let path = realPath(path) else { throw .cannotOpen(path: path, code: errno) }
    // The data first: a lock file is not to be made for a file that is another's.
    guard try file.lock(path) else { throw .locked(path: path, holder: holder(of: path)) }
    let lock = try Descriptor(lockPath(path), O_RDWR | O_CREAT)
    guard try lock.lock(lockPath(path)) else {
      throw .locked(path: path, holder: holder(of: path))
    }
    // Between opening and locking, another file may have taken the name.
    guard let id = file.id, id == FileID(path) else {
      throw .cannotOpen(path: path, reason: "it was replaced while it was opened")
    }
    return (path, file, lock, Claim(id, in: &claimed))
  }

  private static func hasLog(_ path: String) -> Bool {
    var status = stat()
    return stat(path + "-wal", &status) == 0 && status.st_size > 0
  }

  private static func lockPath(_ path: String) -> String { path + ".lock" }

  /// Who owns a file, as far as its lock file tells. That nobody has locked tells nothing: it was
  /// made anew, or is beside another name of the file.
  private static func holder(of path: String) -> String {
    guard let lock = try? Descriptor(lockPath(path), O_RDWR),
      (try? lock.lock(path)) == false, let process = FileMark.lines(of: lock).first
    else { return "another process" }
    return "process \(process)"
  }

  /// Makes the folders above the file that are missing.
  private static func makeFolders(above path: String) throws(StorageError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw .cannotOpen(path: path, reason: "it is no path")
    }
    let parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard let name = parts.last, name != ".", name != "..", !path.hasSuffix("/") else {
      throw .cannotOpen(path: path, code: EISDIR)
    }
    try makeFolders(parts.dropLast(), below: path.hasPrefix("/") ? "/" : ".")
  }

  private static func makeFolders(
    _ names: some Collection<Substring>, below start: String
  ) throws(StorageError) {
    var folder = start
    for name in names {
      let parent = folder
      folder += folder.hasSuffix("/") ? name : "/\(name)"
      if mkdir(folder, 0o700) == 0 {
        // The new entry must survive a loss of power as the file in it does.
        fsync(try Descriptor(parent, O_RDONLY | O_DIRECTORY).number)
      } else if errno != EEXIST {
        let code = errno
        // A folder above may be there and yet not be writable.
        guard access(folder, X_OK) == 0 else { throw .cannotOpen(path: folder, code: code) }
      }
    }
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

/// What tells a file from all others, under any name.
private struct FileID: Hashable {
  private var device: dev_t
  private var inode: ino_t

  /// `nil` if there is no such file.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  init(_ status: stat) {
    device = status.st_dev
    inode = status.st_ino
  }
}

/// That a store of this process owns a file; ends at the latest with its last reference.
private final class Claim {
  static let all = Mutex<Set<FileID>>([])
  private var id: FileID?

  init(_ id: FileID, in claimed: inout Set<FileID>) {
    self.id = id
    claimed.insert(id)
  }

  deinit {
    release()
  }

  func release() {
    guard let id else { return }
    _ = Self.all.withLock { $0.remove(id) }
    self.id = nil
  }
}

/// An open file, closed at the latest with its last reference.
private final class Descriptor {
  private(set) var number: Int32

  init(_ path: String, _ flags: Int32) throws(StorageError) {
    number = open(path, flags | O_CLOEXEC, 0o600)
    guard number >= 0 else { throw .cannotOpen(path: path, code: errno) }
  }

  deinit {
    close()
  }

  func close() {
    guard number >= 0 else { return }
    Glibc.close(number)
    number = -1
  }

  /// Locks the file against every other descriptor of it, until this one is closed.
  ///
  /// - Returns: whether nobody else has locked it.
  func lock(_ path: String) throws(StorageError) -> Bool {
    if flock(number, LOCK_EX | LOCK_NB) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw .cannotOpen(path: path, code: errno) }
    return false
  }

  var id: FileID? {
    var status = stat()
    return fstat(number, &status) == 0 ? FileID(status) : nil
  }

  var bytes: Int64 {
    var status = stat()
    return fstat(number, &status) == 0 ? Int64(status.st_size) : 0
  }
}

extension StorageError {
  fileprivate static func cannotOpen(path: String, code: Int32) -> StorageError {
    .cannotOpen(path: path, reason: String(cString: strerror(code)))
  }
}

/// Size of a data file and, unless it is too large to be read at each start, its checksum.
private struct FileMark {
  var bytes: Int64
  var checksum: Int64?

  var text: String { "\(bytes)\(checksum.map { " \($0)" } ?? "")" }

  /// What stands in the second line of a lock file, if anything does.
  init?(lockFile: Descriptor) {
    let words = Self.lines(of: lockFile).dropFirst().first?.split(separator: " ") ?? []
    guard let first = words.first, let bytes = Int64(first) else { return nil }
    self.bytes = bytes
    checksum = words.count == 2 ? Int64(words[1]) : nil
  }

  /// Without a checksum for a file of more than `maxBytes`.
  init(dataFile: Descriptor, maxBytes: Int64) {
    bytes = dataFile.bytes
    checksum = bytes <= maxBytes ? Self.checksum(of: dataFile, bytes: bytes) : nil
  }

  /// Whether `dataFile` still is this; `false` if that cannot be told. Reads the file only if
  /// that can tell.
  func isOf(_ dataFile: Descriptor, maxBytes: Int64) -> Bool {
    guard let checksum, bytes == dataFile.bytes, bytes <= maxBytes else { return false }
    return checksum == Self.checksum(of: dataFile, bytes: bytes)
  }

  private static func checksum(of file: Descriptor, bytes: Int64) -> Int64? {
    var checksum = Checksum()
    var offset: Int64 = 0
    let chunkBytes = 1 << 18
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: chunkBytes, alignment: 16)
    defer { chunk.deallocate() }
    while offset < bytes {
      let count = pread(file.number, chunk.baseAddress, chunkBytes, Int(offset))
      guard count > 0 else { return nil }
      checksum.add(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      offset += Int64(count)
    }
    return offset == bytes ? checksum.value : nil
  }

  static func lines(of file: Descriptor) -> [Substring] {
    var buffer = [UInt8](repeating: 0, count: 128)
    let count = pread(file.number, &buffer, buffer.count, 0)
    guard count > 0 else { return [] }
    return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: "\n")
  }
}
