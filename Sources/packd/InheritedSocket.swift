internal import Glibc
internal import HTTP2

/// A listening socket that a service manager has opened for us, as sd_listen_fds(3) has it.
struct InheritedSocket: Equatable, Sendable {
  /// SD_LISTEN_FDS_START.
  private static let firstDescriptor: CInt = 3
  private static let maxCount: CInt = 1024

  let descriptor: CInt
  /// `FileDescriptorName=` of the socket unit; "unknown" when the manager gives none.
  let name: String
  /// Where it listens.
  let address: Listener.Address

  /// Takes over what the manager has passed on, if it was meant for this process.
  /// - Throws: ``StartupError`` for what is no listening stream socket.
  static func all(environment: [String: String]) throws -> [InheritedSocket] {
    try passed(environment, process: getpid()).map { descriptor, name in
      guard fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 else {
        throw StartupError.usage("LISTEN_FDS: descriptor \(descriptor) (\(name)) is not open")
      }
      guard option(SO_TYPE, of: descriptor) == CInt(SOCK_STREAM.rawValue),
        option(SO_ACCEPTCONN, of: descriptor) == 1, let address = address(of: descriptor)
      else {
        throw StartupError.usage(
          "LISTEN_FDS: descriptor \(descriptor) (\(name)): expected a listening TCP or Unix socket")
      }
      return InheritedSocket(descriptor: descriptor, name: name, address: address)
    }
  }

  /// The descriptors and their names.
  /// - Throws: ``StartupError`` when the variables are for this process but make no sense.
  static func passed(
    _ environment: [String: String], process: pid_t
  ) throws -> [(descriptor: CInt, name: String)] {
    guard let owner = environment["LISTEN_PID"], pid_t(owner) == process,
      let text = environment["LISTEN_FDS"]
    else { return [] }
    guard let count = CInt(text), 0...maxCount ~= count else {
      throw StartupError.usage("LISTEN_FDS: expected a number up to \(maxCount), got \"\(text)\"")
    }
    let names = environment["LISTEN_FDNAMES"].map {
      $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    }
    guard names == nil || names?.count == Int(count) else {
      throw StartupError.usage("LISTEN_FDNAMES: expected \(count) names, as LISTEN_FDS says")
    }
    return (0..<count).map { (firstDescriptor + $0, names?[Int($0)] ?? "unknown") }
  }

  private static func option(_ name: CInt, of descriptor: CInt) -> CInt? {
    var value: CInt = 0
    var size = socklen_t(MemoryLayout<CInt>.size)
    return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
  }

  /// As getsockname(2) tells; nil for other than IPv4, IPv6 and Unix sockets.
  private static func address(of descriptor: CInt) -> Listener.Address? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard getsockname(descriptor, address, &size) == 0 else { return nil }
        switch CInt(address.pointee.sa_family) {
        case AF_INET, AF_INET6: return tcpAddress(address, size)
        case AF_UNIX: return unixAddress(UnsafeRawPointer(address), size)
        default: return nil
        }
      }
    }
  }

  private static func tcpAddress(
    _ address: UnsafePointer<sockaddr>, _ size: socklen_t
  ) -> Listener.Address? {
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let flags = NI_NUMERICHOST | NI_NUMERICSERV
    guard
      getnameinfo(
        address, size, &host, socklen_t(host.count), &port, socklen_t(port.count), flags) == 0,
      let number = Int(text(port))
    else { return nil }
    return .tcp(host: text(host), port: number)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// An abstract name begins with a zero byte, which is shown as "@".
  private static func unixAddress(_ address: UnsafeRawPointer, _ size: socklen_t)
    -> Listener.Address
  {
    let start = MemoryLayout<sa_family_t>.size
    var name = Array(UnsafeRawBufferPointer(start: address, count: Int(size)).dropFirst(start))
    if name.first == 0 {
      name[0] = UInt8(ascii: "@")
    } else {
      name = Array(name.prefix { $0 != 0 })
    }
    return .unix(path: String(decoding: name, as: UTF8.self))
  }
}
