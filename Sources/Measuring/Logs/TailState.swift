internal import Foundation
internal import Glibc

/// How far a log was counted. It is written before a range is sent and after it was answered, so
/// that a range which may have arrived is sent again exactly as it was.
struct TailState: Codable, Equatable {
  /// One log: whatever file it is in, under whatever name, gzipped or not.
  struct Log: Codable, Equatable {
    /// Digest of its first line, which has a time: no two logs have the same.
    var firstLine: String
    /// Up to here it is counted.
    var offset: Int64
    /// Digest of the bytes before `offset`.
    var lastBytes: String
    /// Up to here it was sent, if it was not answered.
    var pendingEnd: Int64?
    /// The file that it was read from, once all of that was read.
    var file: FileStamp?
  }

  var version = 1
  var packageID: String
  /// As it was given, absolute.
  var log: String
  /// The ones that were met first first.
  var logs: [Log] = []

  init(packageID: String, log: String) {
    self.packageID = packageID
    self.log = log
  }

  mutating func remember(_ log: Log) {
    logs.append(log)
    if logs.count > MeasuringLimits.maxRememberedLogs { logs.removeFirst() }
  }
}

/// A state file, which nobody else uses meanwhile: it is locked by a file beside it, since it is
/// itself replaced at each write.
struct StateFile: ~Copyable {
  let path: String
  private let lock: Int32

  /// Takes the lock, a file beside it: the state file itself is replaced at each write.
  init(_ path: String) throws(Failure) {
    lock = try Self.lock(path)
    self.path = path
  }

  deinit { close(lock) }

  private static func lock(_ path: String) throws(Failure) -> Int32 {
    try makeFolder(of: path)
    let lockPath = path + ".lock"
    let lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 else { throw failure("create", lockPath) }
    // Tried for a moment: a process that is being started has all of its parent's files until it
    // runs its own program.
    for _ in 0..<MeasuringLimits.lockTries {
      if flock(lock, LOCK_EX | LOCK_NB) == 0 { return lock }
      usleep(MeasuringLimits.lockPauseMicroseconds)
    }
    close(lock)
    throw .unavailable("the state file \(path) is in use by another packctl")
  }

  /// The state, or nil before the first write.
  func read() throws(Failure) -> TailState? {
    guard access(path, F_OK) == 0 || errno != ENOENT else { return nil }
    let bytes = try TextFile.read(
      path, option: "--state-file", maxBytes: MeasuringLimits.maxStateBytes)
    let state = try? JSONDecoder().decode(TailState.self, from: Data(bytes))
    guard let state, state.version == 1, state.logs.allSatisfy(Self.isSound) else {
      throw .data(
        "the state file \(path) is damaged: without it, lines that were counted may be counted "
          + "again")
    }
    return state
  }

  private static func isSound(_ log: TailState.Log) -> Bool {
    log.offset >= 0 && log.pendingEnd.map { $0 > log.offset } != false
  }

  /// Puts the state in the place of the one before, whole or not at all, also should the power
  /// fail.
  func write(_ state: TailState) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(state) else {
      throw .cannotWrite("cannot write the state file \(path)")
    }
    let temporary = path + ".new"
    let descriptor = open(
      temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw Self.failure("create", temporary) }
    let isWritten = Self.write(Array(data), to: descriptor) && fsync(descriptor) == 0
    let reason = errno
    close(descriptor)
    errno = reason
    guard isWritten else { throw Self.failure("write", temporary) }
    guard rename(temporary, path) == 0 else { throw Self.failure("replace", path) }
    let folder = open(Self.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw Self.failure("open the folder of", path) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw Self.failure("write", path) }
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(
          descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return false }
      written += count
    }
    return true
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func makeFolder(of path: String) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: folder(of: path), withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .cannotWrite("cannot make the folder of the state file \(path)")
    }
  }

  private static func failure(_ verb: String, _ path: String) -> Failure {
    .cannotWrite("cannot \(verb) the state file \(path): \(String(cString: strerror(errno)))")
  }
}
