internal import Glibc

/// Text that is equal, ordered and hashed by its UTF-8 bytes, as databases do it. `String`
/// itself takes canonically equivalent texts for equal: "é" in one scalar or in two.
package struct ExactText: Hashable, Comparable, Sendable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package static func == (a: ExactText, b: ExactText) -> Bool {
    a.withBytes { a in
      b.withBytes { b in a.count == b.count && compare(a, b, a.count) == 0 }
    }
  }

  package static func < (a: ExactText, b: ExactText) -> Bool {
    a.withBytes { a in
      b.withBytes { b in
        let order = compare(a, b, min(a.count, b.count))
        return order == 0 ? a.count < b.count : order < 0
      }
    }
  }

  package func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: $0) }
  }

  private static func compare(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ count: Int
  ) -> Int32 {
    guard count > 0, let a = a.baseAddress, let b = b.baseAddress else { return 0 }
    return memcmp(a, b, count)
  }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    text.utf8.span.bytes.withUnsafeBytes(body)
  }
}
