/// Fields as application/x-www-form-urlencoded, which is a URL's query as well. It may hold what
/// nobody is to find, and is wiped like its buffer. It is filled before it is handed out.
package struct Form: Sendable {
  let buffer = WipedBuffer()

  package init() {}

  package init(_ fields: [FormField]) {
    for field in fields { add(field.name, field.value) }
  }

  package func add(_ name: String, _ value: String) {
    value.utf8.span.bytes.withUnsafeBytes { add(name, $0) }
  }

  /// Leaves no copy of `value` behind.
  package func add(_ name: String, _ value: UnsafeRawBufferPointer) {
    if buffer.count > 0 { buffer.append(UInt8(ascii: "&")) }
    for byte in name.utf8 { appendEscaped(byte) }
    buffer.append(UInt8(ascii: "="))
    for byte in value { appendEscaped(byte) }
  }

  /// A copy that is not wiped.
  package var text: String { buffer.withBytes { String(decoding: $0, as: UTF8.self) } }

  /// Whatever RFC 3986 does not leave unreserved goes as "%41".
  private func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      buffer.append(byte)
    default:
      buffer.append(UInt8(ascii: "%"))
      buffer.append(Self.digit(byte >> 4))
      buffer.append(Self.digit(byte & 15))
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }
}

package struct FormField: Sendable {
  package let name: String
  package let value: String

  package init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
