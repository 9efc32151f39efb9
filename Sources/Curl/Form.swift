internal import Glibc

/// Fields as application/x-www-form-urlencoded, which is a URL's query as well. It may hold what
/// nobody is to find: its memory is wiped when nobody holds it any more, and a description of it
/// tells nothing.
///
/// Unchecked: filled by whoever made it, before it is handed out.
package final class Form: @unchecked Sendable, CustomStringConvertible, CustomReflectable {
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 256, alignment: 1)
  private var count = 0

  package init() {}

  package convenience init(_ fields: [FormField]) {
    self.init()
    for field in fields { add(field.name, field.value) }
  }

  deinit {
    Self.free(memory)
  }

  package func add(_ name: String, _ value: String) {
    value.utf8.span.bytes.withUnsafeBytes { add(name, $0) }
  }

  /// Leaves no copy of `value` behind.
  package func add(_ name: String, _ value: UnsafeRawBufferPointer) {
    if count > 0 { append(UInt8(ascii: "&")) }
    for byte in name.utf8 { appendEscaped(byte) }
    append(UInt8(ascii: "="))
    for byte in value { appendEscaped(byte) }
  }

  /// Valid while the form is held, and as long as nothing is added.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// A copy that is not wiped.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package var description: String { "Form" }
  package var customMirror: Mirror { Mirror(self, children: []) }

  /// Whatever RFC 3986 does not leave unreserved goes as "%41".
  private func appendEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"):
      append(byte)
    default:
      append(UInt8(ascii: "%"))
      append(Self.digit(byte >> 4))
      append(Self.digit(byte & 15))
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
  }

  private func append(_ byte: UInt8) {
    if count == memory.count {
      let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: count * 2, alignment: 1)
      grown.copyMemory(from: UnsafeRawBufferPointer(memory))
      Self.free(memory)
      memory = grown
    }
    memory[count] = byte
    count += 1
  }

  private static func free(_ memory: UnsafeMutableRawBufferPointer) {
    // A memset before memory is given back may be left out by the compiler.
    if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
    memory.deallocate()
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
