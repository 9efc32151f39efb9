internal import Glibc
internal import Synchronization

/// A server of a test's own on a port of this machine: whatever connects is given to a script, on
/// a thread of its own, and closed at the script's end.
package final class LoopbackServer: Sendable {
  package let port: UInt16
  private let listener: Int32
  private let count = Atomic(0)

  /// How many connections there were.
  package var connections: Int { count.load(ordering: .sequentiallyConsistent) }

  /// - Parameter script: gets each connection with its number, from 0.
  package init(_ script: @escaping @Sendable (Peer, Int) -> Void) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard listener >= 0 else { throw Failure(code: errno) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (descriptor, size) = (listener, length)
    let code = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, size) == 0 && listen(descriptor, 64) == 0
          ? getsockname(descriptor, address, &length) : -1
      }
    }
    guard code == 0 else {
      close(descriptor)
      throw Failure(code: errno)
    }
    port = UInt16(bigEndian: address.sin_port)
    Self.run { [self] in
      while true {
        let socket = accept(descriptor, nil, nil)
        guard socket >= 0 else {
          close(descriptor)
          return
        }
        let number = count.add(1, ordering: .sequentiallyConsistent).oldValue
        Self.run {
          let peer = Peer(socket)
          script(peer, number)
          peer.close()
        }
      }
    }
  }

  /// Refuses connections from now on.
  package func stop() {
    // Its thread closes it: until then its number is in no other use.
    shutdown(listener, Int32(SHUT_RDWR))
  }

  /// For a script that waits for something.
  package static func pause() {
    usleep(2000)
  }

  package struct Failure: Error {
    let code: Int32
  }

  private final class Body {
    let run: () -> Void

    init(_ run: @escaping () -> Void) {
      self.run = run
    }
  }

  private static func run(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let context = Unmanaged.passRetained(Body(body)).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context)
    precondition(code == 0)
    pthread_detach(thread)
  }
}

/// A connection as its script has it, which is one thread's.
package final class Peer {
  private let socket: Int32
  private var received: [UInt8] = []

  init(_ socket: Int32) {
    self.socket = socket
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(
      socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  package func write(_ text: String) {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// Up to the end of `mark`, which is included; nil when the peer goes before.
  package func read(through mark: String) -> String? {
    let mark = Array(mark.utf8)
    while true {
      if let end = Self.end(of: mark, in: received) {
        defer { received.removeFirst(end) }
        return String(decoding: received[..<end], as: UTF8.self)
      }
      guard fill() else { return nil }
    }
  }

  package func read(bytes count: Int) -> String? {
    while received.count < count {
      guard fill() else { return nil }
    }
    defer { received.removeFirst(count) }
    return String(decoding: received[..<count], as: UTF8.self)
  }

  /// An HTTP request: its head, and as much body as that says.
  package func readRequest() -> (head: String, body: String)? {
    guard let head = read(through: "\r\n\r\n") else { return nil }
    let length = head.split(separator: "\r\n").first {
      $0.lowercased().hasPrefix("content-length:")
    }
    .flatMap { Int($0.split(separator: " ").last ?? "") }
    guard let length else { return (head, "") }
    return read(bytes: length).map { (head, $0) }
  }

  package func answer(_ status: Int, _ body: String, headers: String = "") {
    write(
      "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(headers)"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Until the peer is gone, or half a minute.
  package func waitForEnd() {
    while fill() { received = [] }
  }

  func close() {
    Glibc.close(socket)
  }

  private func fill() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(socket, &buffer, buffer.count, 0)
    guard count > 0 else { return false }
    received += buffer[..<count]
    return true
  }

  private static func end(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
    guard bytes.count >= mark.count else { return nil }
    return (0...(bytes.count - mark.count))
      .first { bytes[$0..<($0 + mark.count)].elementsEqual(mark) }
      .map { $0 + mark.count }
  }
}
