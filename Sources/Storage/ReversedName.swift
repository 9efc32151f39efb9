/// A domain name from its end to its begin, "moc.elpmaxe" for "example.com": in the order of these
/// texts the names below a name stand together.
package struct ReversedName: Comparable, Sendable {
  package let text: String

  package init(_ domainName: String) {
    text = Self.reverse(domainName)
  }

  package init(text: String) {
    self.text = text
  }

  package var domainName: String { Self.reverse(text) }

  /// Before all names below `domainName`, and behind them: "/" follows on ".".
  package static func bounds(below domainName: String) -> (lower: Self, upper: Self) {
    let name = reverse(domainName)
    return (Self(text: name + "."), Self(text: name + "/"))
  }

  package static func == (a: Self, b: Self) -> Bool { a.text.utf8.elementsEqual(b.text.utf8) }

  /// By their bytes, as SQLite does.
  package static func < (a: Self, b: Self) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  /// By Unicode scalars, as SQLite's `substr` counts.
  private static func reverse(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.reversed()))
  }
}
