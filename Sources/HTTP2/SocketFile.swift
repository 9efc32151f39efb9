internal import Glibc

/// The file of a listening Unix socket. Only a socket that nobody listens on any more is taken
/// away for a new one, and only the own one at the end.
struct SocketFile: Sendable {
  /// Why the path cannot be listened on.
  struct Refusal: Error, CustomStringConvertible {
    let description: String
  }

  private let path: String
  private let device: dev_t
  private let inode: ino_t

  /// The file that a socket was just bound to.
  init?(boundTo path: String) {
    guard let status = Self.status(path) else { return nil }
    self.path = path
    device = status.st_dev
    inode = status.st_ino
  }

  /// Removes the file, unless another has taken its place.
  func remove() {
    guard let status = Self.status(path), status.st_dev == device, status.st_ino == inode else {
      return
    }
    unlink(path)
  }

  /// Makes room for a socket at `path`: removes one that an ended process has left.
  static func clear(_ path: String) throws(Refusal) {
    guard let status = status(path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw Refusal(description: "a file that is not a socket is there")
    }
    guard isAbandoned(path) else {
      throw Refusal(description: "another process listens there")
    }
    unlink(path)
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return lstat(path, &status) == 0 ? status : nil
  }

  /// Whether a connection is refused, which nothing but the lack of a listener brings about.
  private static func isAbandoned(_ path: String) -> Bool {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = socket(AF_UNIX, kind, 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let name = Array(path.utf8)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result != 0 && errno == ECONNREFUSED
  }
}
