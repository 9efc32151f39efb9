internal import Glibc

/// A text that is held for a call only, such as the number of a card: its memory is wiped when
/// nobody holds it any more, and a description of it tells nothing. To have it as a `String` would
/// leave copies behind; what is made of it should be made of its bytes.
package struct Secret: Sendable, Equatable {
  /// Written once, before it is handed out.
  private final class Storage: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer

    init(count: Int) {
      bytes = .allocate(byteCount: count, alignment: 1)
    }

    deinit {
      // A memset before memory is given back may be left out by the compiler.
      if let start = bytes.baseAddress { explicit_bzero(start, bytes.count) }
      bytes.deallocate()
    }
  }

  /// nil when it is empty.
  private let storage: Storage?

  package init() {
    storage = nil
  }

  package init(_ text: String) {
    self = text.utf8.span.bytes.withUnsafeBytes { Secret(copying: $0) }
  }

  package init(copying bytes: UnsafeRawBufferPointer) {
    self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
  }

  /// - Parameter fill: gets so many bytes to write.
  package init(count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    guard count > 0 else {
      storage = nil
      return
    }
    let storage = Storage(count: count)
    fill(storage.bytes)
    self.storage = storage
  }

  package var isEmpty: Bool { storage == nil }
  /// In UTF-8 bytes.
  package var count: Int { storage?.bytes.count ?? 0 }

  /// The bytes are valid within `body` only.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    guard let storage else { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return try body(UnsafeRawBufferPointer(storage.bytes))
  }

  package static func == (a: Secret, b: Secret) -> Bool {
    a.withBytes { a in b.withBytes { b in a.elementsEqual(b) } }
  }
}

extension Secret: ExpressibleByStringLiteral {
  package init(stringLiteral text: String) {
    self.init(text)
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { "Secret" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
