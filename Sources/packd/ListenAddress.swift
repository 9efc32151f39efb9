internal import HTTP2

/// One of the addresses that calls are served on.
struct ListenAddress: Equatable, Sendable {
  let address: Listener.Address
  /// Whether it stays plaintext when there is TLS: so do Unix sockets, and what is marked so.
  let isPlaintext: Bool
  /// Open already, when a service manager has handed it over.
  let socket: CInt?

  init(_ address: Listener.Address, isPlaintext: Bool = false, socket: CInt? = nil) {
    self.address = address
    if case .unix = address { self.isPlaintext = true } else { self.isPlaintext = isPlaintext }
    self.socket = socket
  }

  /// `host:port`, `[v6]:port` or `plaintext:` before one of them, or `unix:/path`.
  init?(text: String) {
    let mark = "plaintext:"
    if text.hasPrefix(mark) {
      guard let address = Listener.Address(tcp: String(text.dropFirst(mark.count))) else {
        return nil
      }
      self.init(address, isPlaintext: true)
    } else {
      guard let address = Listener.Address(text: text) else { return nil }
      self.init(address)
    }
  }

  init(_ inherited: InheritedSocket) {
    self.init(
      inherited.address, isPlaintext: inherited.name == "plaintext", socket: inherited.descriptor)
  }
}

extension Listener.Address {
  /// `host:port`, `[v6]:port` or `unix:/path`.
  init?(text: String) {
    if text.hasPrefix("unix:"), text.count > 5 {
      self = .unix(path: String(text.dropFirst(5)))
    } else {
      self.init(tcp: text)
    }
  }

  init?(tcp text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      return nil
    }
    guard !host.isEmpty else { return nil }
    self = .tcp(host: host, port: Int(port))
  }

  var isLoopback: Bool {
    switch self {
    case .unix: true
    case .tcp(let host, _):
      host == "localhost" || host == "::1"
        || host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." }
    }
  }
}
