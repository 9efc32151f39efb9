/// Text that is equal, ordered and hashed by its UTF-8 bytes, as databases do it. `String`
/// itself takes canonically equivalent texts for equal: "é" in one scalar or in two.
package struct ExactText: Hashable, Comparable, Sendable {
  package let text: String

  package init(_ text: String) {
    self.text = text
  }

  package static func == (a: ExactText, b: ExactText) -> Bool {
    a.withBytes { a in b.withBytes { b in a.elementsEqual(b) } }
  }

  package static func < (a: ExactText, b: ExactText) -> Bool {
    a.withBytes { a in b.withBytes { b in a.lexicographicallyPrecedes(b) } }
  }

  package func hash(into hasher: inout Hasher) {
    withBytes { hasher.combine(bytes: $0) }
  }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    text.utf8.span.bytes.withUnsafeBytes(body)
  }
}
