internal import Glibc

/// A file as it was when it was looked at: the same values mean that it has not changed since.
struct FileStamp: Codable, Equatable {
  var device: UInt64
  var inode: UInt64
  var size: Int64
  /// Of the last change of its contents, nanoseconds since 1970.
  var modified: Int64

  /// Nil for what is not there, or not a regular file.
  init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
  }
}

/// The files of one log: the one that is written, and those it was rotated to.
struct LogFiles {
  /// The ones that were changed longest ago first, the one that is written last.
  private(set) var paths: [String] = []
  /// Rotated ones in a format that packctl does not read.
  private(set) var unreadable: [String] = []
  /// How many were left out because there are too many.
  private(set) var leftOut = 0

  /// Looks for `log`, and beside it for `log.1`, `log-20261121` and the like, gzipped or not.
  init(of log: String) throws(Failure) {
    let slash = log.lastIndex(of: "/")
    let folder = slash.map { String(log[...$0]) } ?? "./"
    let base = slash.map { String(log[log.index(after: $0)...]) } ?? log
    guard let stream = opendir(folder) else { throw LogBytes.failure("open", folder) }
    defer { closedir(stream) }
    var rotated: [(path: String, modified: Int64)] = []
    while let entry = readdir(stream) {
      let name = Self.name(entry)
      guard let suffix = Self.suffix(name, after: base) else { continue }
      let path = slash == nil ? name : folder + name
      switch suffix {
      case "", "gz":
        guard let stamp = FileStamp(path: path) else { continue }
        rotated.append((path, stamp.modified))
      default: unreadable.append(path)
      }
    }
    rotated.sort { ($0.modified, $1.path) < ($1.modified, $0.path) }
    leftOut = max(0, rotated.count - MeasuringLimits.maxLogFiles)
    paths = rotated.dropFirst(leftOut).map(\.path)
    unreadable.sort()
    if FileStamp(path: log) != nil { paths.append(log) }
  }

  private static func name(_ entry: UnsafeMutablePointer<dirent>) -> String {
    let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
    return String(
      cString: UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self))
  }

  /// How a rotated file of `base` is compressed, as its name tells: empty when it is not. Nil for
  /// the name of something else.
  private static func suffix(_ name: String, after base: String) -> String? {
    guard name.hasPrefix(base),
      let match = name.dropFirst(base.count).wholeMatch(
        of: /(?:\.[0-9]{1,9}|-[0-9]{4}[0-9-]{2,20})(?:\.(gz|bz2|xz|zst|lz4|zip|Z))?/)
    else { return nil }
    return match.1.map(String.init) ?? ""
  }
}
