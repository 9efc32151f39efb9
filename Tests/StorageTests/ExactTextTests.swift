import Storage
import Testing

struct ExactTextTests {
  @Test("Texts are ordered and told apart by their UTF-8 bytes")
  func comparesBytes() {
    // U+FF5E comes before U+1D11E in UTF-8, and after it in UTF-16.
    let ascending = [
      "", "\0", "\0\0", "A", "a", "a\0", "aa", "ab", "e\u{301}", "é", "日本", "日本語", "\u{FF5E}", "𝄞",
      "𝄞 and more than fits into a small string",
    ]
    for (i, x) in ascending.enumerated() {
      for (j, y) in ascending.enumerated() {
        #expect((ExactText(x) < ExactText(y)) == (i < j), "\(x) \(y)")
        #expect((ExactText(x) == ExactText(y)) == (i == j), "\(x) \(y)")
      }
    }
    #expect(Set(ascending.map(ExactText.init)).count == ascending.count)
  }
}
