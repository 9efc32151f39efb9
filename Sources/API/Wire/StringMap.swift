/// A `map<string, string>`. Its keys are equal when their UTF-8 bytes are, as on the wire,
/// where two Swift strings would also be equal when canonically equivalent.
package struct StringMap: Equatable, Sendable {
  private var values: [ByteKey: String] = [:]

  package init() {}

  package var count: Int { values.count }

  package subscript(key: String) -> String? {
    get { values[ByteKey(string: key)] }
    set { values[ByteKey(string: key)] = newValue }
  }

  /// The entries in the order of their keys' bytes, so that encoding is deterministic.
  package var sorted: [(key: String, value: String)] {
    values.map { (key: $0.key.string, value: $0.value) }
      .sorted { a, b in
        StringMap.withBytes(of: a.key, b.key) { $0.lexicographicallyPrecedes($1) }
      }
  }

  /// Calls `body` with each entry, in no order.
  func forEach(_ body: (_ key: String, _ value: String) -> Void) {
    for (key, value) in values { body(key.string, value) }
  }

  private typealias Bytes = UnsafeBufferPointer<UInt8>

  @inline(__always)
  private static func withBytes(
    of a: String, _ b: String, _ body: (Bytes, Bytes) -> Bool
  ) -> Bool {
    var (a, b) = (a, b)
    return a.withUTF8 { a in b.withUTF8 { b in body(a, b) } }
  }
}

extension StringMap: ExpressibleByDictionaryLiteral {
  /// A repeated key takes its last value.
  package init(dictionaryLiteral elements: (String, String)...) {
    for (key, value) in elements { self[key] = value }
  }
}

extension StringMap {
  fileprivate struct ByteKey: Hashable {
    let string: String

    static func == (a: ByteKey, b: ByteKey) -> Bool {
      StringMap.withBytes(of: a.string, b.string) { $0.elementsEqual($1) }
    }

    func hash(into hasher: inout Hasher) {
      var string = string
      string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
  }

  /// The message that each entry of a map field is on the wire.
  struct Entry: Message {
    static var name: String { "map entry" }

    var key = ""
    var value = ""

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): key = try reader.string()
        case .length(2): value = try reader.string()
        default: try reader.skip(tag)
        }
      }
    }

    /// Both fields are always written, as the official runtimes do.
    func write<Sink: WireSink>(to sink: inout Sink) {
      sink.string(1, always: key)
      sink.string(2, always: value)
    }
  }
}
