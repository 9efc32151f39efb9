internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix

/// Where the daemon is: `host:port`, `[::1]:port` or `unix:/path`.
struct ServerAddress: Equatable {
  private enum Place: Equatable {
    case host(String, port: Int)
    case path(String)
  }

  private let place: Place
  /// As it was given.
  let text: String

  init?(_ text: String) {
    self.text = text
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst("unix:".count))
      guard path.hasPrefix("/"), !path.utf8.contains(0) else { return nil }
      place = .path(path)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...]), port > 0
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else {
      return nil
    }
    place = .host(String(host), port: Int(port))
  }

  var target: any ResolvableTarget {
    switch place {
    case .host(let host, let port): .dns(host: host, port: port)
    case .path(let path): .unixDomainSocket(path: path)
    }
  }

  /// Whether the host is a number. NIO's TLS checks certificates against names only, and does not
  /// begin a handshake with a number.
  var isNumeric: Bool {
    switch place {
    case .host(let host, _): host.contains(":") || host.allSatisfy { $0.isNumber || $0 == "." }
    case .path: false
    }
  }

  /// Whether what is sent there stays on this machine.
  var isLocal: Bool {
    switch place {
    case .host(let host, _): host == "localhost" || host == "::1" || host.hasPrefix("127.")
    case .path: true
    }
  }
}
