internal import NIOCore

/// What a call must know of its request's header section: filled field by field, then judged.
///
/// PROTOCOL-HTTP2, "Requests". Names come validated and lower-case from the HTTP/2 side.
struct RequestHead {
  private(set) var isPost = false
  private(set) var isGRPC = false
  private(set) var timeout: Timeout = .none
  private(set) var encoding: Encoding = .identity
  /// Whether `grpc-accept-encoding` names gzip.
  private(set) var acceptsGzip = false
  /// All that is not reserved for the protocol.
  private(set) var metadata = Metadata()
  /// The bytes of `:path`.
  private(set) var path: [UInt8] = []

  enum Timeout: Equatable {
    case none
    case after(TimeAmount)
    case malformed
  }

  enum Encoding: Equatable {
    case identity
    case gzip
    case unknown(String)
  }

  /// Empties it for the next request; memory stays.
  mutating func removeAll() {
    isPost = false
    isGRPC = false
    timeout = .none
    encoding = .identity
    acceptsGzip = false
    metadata.removeAll()
    path.removeAll(keepingCapacity: true)
  }

  mutating func add(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    if name.first == UInt8(ascii: ":") { return addPseudo(name, value) }
    if name.starts(with: "grpc-") { return addReserved(name, value) }
    if name.equals("content-type") {
      isGRPC = Self.isGRPC(value)
    } else if !name.equals("te") {
      metadata.append(name: name, value: value)
    }
  }

  private mutating func addPseudo(_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    if name.equals(":path") {
      path.append(contentsOf: value)
    } else if name.equals(":method") {
      isPost = value.equals("POST")
    }
  }

  private mutating func addReserved(
    _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    if name.equals("grpc-timeout") {
      timeout = Self.timeout(value)
    } else if name.equals("grpc-encoding") {
      encoding = Self.encoding(value)
    } else if name.equals("grpc-accept-encoding") {
      acceptsGzip = acceptsGzip || Self.listsGzip(value)
    }
  }

  private static func encoding(_ value: UnsafeRawBufferPointer) -> Encoding {
    if value.equals("identity") { return .identity }
    if value.equals("gzip") { return .gzip }
    return .unknown(String(decoding: value.prefix(64), as: UTF8.self))
  }

  /// Whether gzip stands in a list like `identity, deflate, gzip`.
  private static func listsGzip(_ list: UnsafeRawBufferPointer) -> Bool {
    var start = 0
    while start < list.count {
      let end = list[start...].firstIndex(of: UInt8(ascii: ",")) ?? list.count
      var item = list[start..<end]
      while item.first == UInt8(ascii: " ") { item.removeFirst() }
      while item.last == UInt8(ascii: " ") { item.removeLast() }
      if UnsafeRawBufferPointer(rebasing: item).equals("gzip") { return true }
      start = end + 1
    }
    return false
  }

  /// `application/grpc`, alone or followed by `+` or `;`.
  private static func isGRPC(_ value: UnsafeRawBufferPointer) -> Bool {
    let type: StaticString = "application/grpc"
    guard value.starts(with: type) else { return false }
    guard value.count > type.utf8CodeUnitCount else { return true }
    let next = value[type.utf8CodeUnitCount]
    return next == UInt8(ascii: "+") || next == UInt8(ascii: ";")
  }

  /// One to eight digits and a unit: H, M, S, m, u or n.
  private static func timeout(_ value: UnsafeRawBufferPointer) -> Timeout {
    guard let unit = value.last, value.count >= 2,
      value.count <= CallLimits.maxTimeoutDigits + 1
    else { return .malformed }
    var amount: Int64 = 0
    for byte in value.dropLast() {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return .malformed }
      amount = amount * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    // Eight digits of hours are 3.6e20 ns: more than an Int64 holds, and than anyone waits.
    switch unit {
    case UInt8(ascii: "H"): return .after(.hours(min(amount, 1_000_000)))
    case UInt8(ascii: "M"): return .after(.minutes(min(amount, 60_000_000)))
    case UInt8(ascii: "S"): return .after(.seconds(amount))
    case UInt8(ascii: "m"): return .after(.milliseconds(amount))
    case UInt8(ascii: "u"): return .after(.microseconds(amount))
    case UInt8(ascii: "n"): return .after(.nanoseconds(amount))
    default: return .malformed
    }
  }
}

extension UnsafeRawBufferPointer {
  func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && starts(with: text)
  }

  func starts(with text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where self[index] != text.utf8Start[index] {
      return false
    }
    return true
  }
}
