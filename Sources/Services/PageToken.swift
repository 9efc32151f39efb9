internal import Crypto
internal import Storage

/// Where a list goes on. On the wire: base64url of a format byte, 8 bytes that name the query,
/// the position, and 8 bytes of SHA-256 over all before. Clients must not look inside; a token
/// that was changed, or is of another query, is told by its hashes. Nothing in it is secret.
struct PageToken: Sendable {
  /// Everything that must stay the same from page to page: method, filters, order.
  struct Query: Sendable {
    fileprivate let hash: [UInt8]

    init(_ parts: String...) {
      var sha = SHA256()
      for part in parts {
        sha.update(data: Array(part.utf8))
        sha.update(data: [0])
      }
      hash = Array(sha.finalize().prefix(8))
    }
  }

  private static let format: UInt8 = 1

  static func encode(_ position: Position, of query: Query) -> String {
    let bytes = [format] + query.hash + position.bytes
    return Base64URL.encode(bytes + checksum(of: bytes))
  }

  static let demand = "must be the next_page_token of a page of the same query, or empty"

  /// The position in `token`; nil when it is empty. Anything but a token that `encode` gave for
  /// this query is a violation of `field`, in the words of `demand`.
  ///
  /// - Parameter read: nil for a position that the list does not have: a token whose hashes fit
  ///   may still be forged.
  static func decode<Value>(
    _ token: String, of query: Query, field: String = "page_token", demand: String = demand,
    as read: (Position) -> Value?, _ violations: inout Violations
  ) -> Value? {
    guard !token.isEmpty else { return nil }
    guard
      token.utf8.count <= Limits.maxPageTokenBytes,
      let bytes = Base64URL.decode(token.utf8), bytes.count > 17,
      checksum(of: bytes.dropLast(8)) == Array(bytes.suffix(8)),
      bytes[0] == format, Array(bytes[1..<9]) == query.hash,
      let position = Position(bytes[9..<(bytes.count - 8)]), let value = read(position)
    else {
      violations.add(field, demand)
      return nil
    }
    return value
  }

  private static func checksum(of bytes: some Collection<UInt8>) -> [UInt8] {
    Array(SHA256.hash(data: Array(bytes)).prefix(8))
  }

  /// The last element of a page, in its list's order.
  enum Position: Hashable, Sendable {
    case plan(PlanQuery.Cursor)
    case planVersion(Int32)
    /// Of a package or a resource.
    case id(ULID)
    /// Of lists that are ordered by a text's bytes, or by time in nanoseconds.
    case text(String)
    case number(Int64)
    case directory(DiskScanContent.Position)
  }
}

/// Each nil for a position of another kind.
extension PageToken.Position {
  var planVersion: Int32? { if case .planVersion(let version) = self { version } else { nil } }
  var id: ULID? { if case .id(let id) = self { id } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var number: Int64? { if case .number(let number) = self { number } else { nil } }

  var directory: DiskScanContent.Position? {
    if case .directory(let position) = self { position } else { nil }
  }

  func planCursor(in order: PlanQuery.Order) -> PlanQuery.Cursor? {
    if case .plan(let cursor) = self, cursor.order == order { cursor } else { nil }
  }
}

extension PageToken.Position {
  private enum Kind: UInt8 {
    case planID = 1
    case planName = 2
    case planPrice = 3
    case planVersion = 4
    case id = 5
    case text = 6
    case number = 7
    case directory = 8
  }

  /// A byte for the kind, its numbers big-endian, and a text or its bytes at the end.
  fileprivate var bytes: [UInt8] {
    switch self {
    case .plan(.id(let id)):
      [Kind.planID.rawValue] + big(id)
    case .plan(.name(let name, let id)):
      [Kind.planName.rawValue] + big(id) + name.utf8
    case .plan(.price(let price, let id)):
      [Kind.planPrice.rawValue] + big(id) + big(price.units) + big(price.nanos)
        + price.currencyCode.utf8
    case .planVersion(let version):
      [Kind.planVersion.rawValue] + big(version)
    case .id(let id):
      [Kind.id.rawValue] + big(id.value)
    case .text(let text):
      [Kind.text.rawValue] + text.utf8
    case .number(let number):
      [Kind.number.rawValue] + big(number)
    case .directory(let position):
      [Kind.directory.rawValue] + big(Int64(position.index)) + big(Int64(position.offset))
        + position.shared
    }
  }

  fileprivate init?(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    guard let first = rest.popFirst(), let kind = Kind(rawValue: first) else { return nil }
    switch kind {
    case .planID:
      guard let id: Int64 = Self.take(&rest) else { return nil }
      self = .plan(.id(id))
    case .planName:
      guard let id: Int64 = Self.take(&rest), let name = Self.text(&rest) else { return nil }
      self = .plan(.name(name, id: id))
    case .planPrice:
      guard
        let id: Int64 = Self.take(&rest), let units: Int64 = Self.take(&rest),
        let nanos: Int32 = Self.take(&rest), let currency = Self.text(&rest)
      else { return nil }
      self = .plan(
        .price(MoneyRecord(currencyCode: currency, units: units, nanos: nanos), id: id))
    case .planVersion:
      guard let version: Int32 = Self.take(&rest) else { return nil }
      self = .planVersion(version)
    case .id:
      guard let value: UInt128 = Self.take(&rest) else { return nil }
      self = .id(ULID(value: value))
    case .text:
      guard let text = Self.text(&rest) else { return nil }
      self = .text(text)
    case .number:
      guard let number: Int64 = Self.take(&rest) else { return nil }
      self = .number(number)
    case .directory:
      guard let index: Int64 = Self.take(&rest), let offset: Int64 = Self.take(&rest) else {
        return nil
      }
      self = .directory(
        DiskScanContent.Position(index: Int(index), offset: Int(offset), shared: Array(rest)))
      rest = []
    }
    guard rest.isEmpty else { return nil }
  }

  private func big(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }

  private static func take<Number: FixedWidthInteger>(
    _ bytes: inout ArraySlice<UInt8>
  ) -> Number? {
    let size = Number.bitWidth / 8
    guard bytes.count >= size else { return nil }
    defer { bytes = bytes.dropFirst(size) }
    return bytes.prefix(size).reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
  }

  private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
    defer { bytes = [] }
    return String(validating: bytes, as: UTF8.self)
  }
}
