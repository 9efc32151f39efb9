internal import Testing

@testable internal import Services

@Suite("Domain names")
struct DomainNameTests {
  private static let label63 = String(repeating: "a", count: 63)
  /// 253 characters.
  private static let longest =
    label63 + "." + label63 + "." + label63 + "." + String(repeating: "b", count: 61)

  static let accepted: [(text: String, normalized: String)] = [
    ("example.com", "example.com"), ("EXAMPLE.Com", "example.com"), ("a.b", "a.b"),
    ("a-b.c-d.example", "a-b.c-d.example"), ("1.example", "1.example"),
    ("123.456.example", "123.456.example"), ("ab--cd.example", "ab--cd.example"),
    ("ab--cd.bücher.example", "ab--cd.xn--bcher-kva.example"),
    ("bücher.example", "xn--bcher-kva.example"), ("BÜCHER.example", "xn--bcher-kva.example"),
    ("bu\u{308}cher.example", "xn--bcher-kva.example"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example"),
    ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
    // Not transitional: ß is not ss.
    ("faß.de", "xn--fa-hia.de"), ("xn--fa-hia.de", "xn--fa-hia.de"),
    ("ПРИМЕР.РФ", "xn--e1afmkfd.xn--p1ai"), ("例え。jp", "xn--r8jz45g.jp"),
    ("例え．jp", "xn--r8jz45g.jp"), ("例え｡jp", "xn--r8jz45g.jp"),
    ("ａｂｃ.com", "abc.com"), ("ﬀ.com", "ff.com"), ("עברית.com", "xn--5dbqzzl.com"),
    // Scripts may be mixed: which registries allow what is theirs to say.
    ("p\u{430}ypal.com", "xn--pypal-4ve.com"),
    // A joiner after a virama, RFC 5892 appendix A.2, and a non-joiner between letters that
    // join, A.1.
    ("क्\u{200d}ष.com", "xn--11b2ezcw70k.com"), ("نامه\u{200c}ای.com", "xn--mgba3gch31f060k.com"),
    // What UTS #46 ignores.
    ("a\u{ad}b.com", "ab.com"),
    (label63 + ".example", label63 + ".example"), (longest, longest),
  ]

  @Test("normalizes what is a domain name", arguments: accepted)
  func accepts(text: String, normalized: String) throws {
    #expect(try DomainName.normalized(text) == normalized)
    #expect(try DomainName.normalized(normalized) == normalized)
  }

  @Test(
    "refuses what is none, and says why",
    arguments: [
      ("", "1 to 253"), ("example", "two labels"), ("example.com.", "empty label"),
      (".example.com", "empty label"), ("a..b", "empty label"), (".", "empty label"),
      ("ü..b", "empty label"), ("\u{ad}.com", "empty label"),
      (" example.com", "\" example\""), ("example.com ", "\"com \""), ("exa mple.com", "letters"),
      ("a_b.example", "letters"), ("a_b.bücher.example", "letters"), ("*.example.com", "letters"),
      ("example.com/", "letters"), ("a@b.example", "letters"), ("http://a.example", "letters"),
      ("example.com:80", "letters"), ("a\0b.example", "letters"), ("ü\0b.example", "letters"),
      ("a\nb.example", "letters"), ("℀.com", "letters"), ("a,b.com", "letters"),
      ("-a.example", "hyphen"), ("a-.example", "hyphen"), ("-.example", "hyphen"),
      ("-ü.example", "hyphen"), ("ü-.example", "hyphen"), ("üb--c.example", "third and fourth"),
      ("1.2.3.4", "IP address"), ("example.123", "IP address"), ("1.0x7f", "IP address"),
      ("１.２.３.４", "IP address"), ("[::1]", "letters"), ("::1", "letters"),
      ("😀.example", "IDNA does not allow"), ("i❤.ws", "IDNA does not allow"),
      ("xn--i-7iq.ws", "IDNA does not allow"), ("xn--ls8h.la", "IDNA does not allow"),
      ("xn--a.example", "\"xn--a\""), ("xn--.example", "hyphen"),
      ("xn--zzzzzzzz99999.example", "A-label"), ("xn--abc-.example", "hyphen"),
      ("xn--bücher.com", "A-label"), ("xn--bcher-kvá.de", "A-label"),
      ("ｘn--a.example", "\"ｘn--a\""),
      // An A-label of ASCII alone, and one of an A-label.
      ("xn--a-.example", "hyphen"), ("xn--xn---epa.com", "third and fourth"),
      ("a\u{200d}b.com", "neighbours"), ("xn--ab-j1t.com", "neighbours"),
      ("a\u{200c}b.com", "neighbours"), ("אa.com", "directions"), ("1א.com", "directions"),
      ("\u{301}a.com", "combining mark"), ("a\u{378}.com", "IDNA does not allow"),
      ("a\u{e000}.com", "IDNA does not allow"), ("a\u{202e}b.com", "IDNA does not allow"),
      (label63 + "a.example", "at most 63"), (longest + "b", "at most 253"),
      (String(repeating: "ü", count: 60) + ".example", "at most 63"),
      ((0..<36).map { _ in "üüü" }.joined(separator: "."), "at most 253"),
    ])
  func refuses(text: String, reason: String) {
    do {
      Issue.record("taken as \(try DomainName.normalized(text))")
    } catch {
      #expect(error.description.contains(reason), "\(error.description)")
      #expect(error.description.hasPrefix("must "))
    }
  }

  @Test("a huge text is refused by its size, and quoted in part")
  func huge() {
    let text = String(repeating: "ü", count: 1_000_000)
    #expect(throws: DomainName.Fault("must be at most 253 characters")) {
      try DomainName.normalized(text)
    }
    do throws(DomainName.Fault) {
      _ = try DomainName.normalized(String(repeating: "_", count: 240) + ".example")
    } catch {
      #expect(error.description.count < 200)
    }
  }

  /// What names are made of here, right and wrong ones.
  private static let pieces = [
    "a", "B", "z9", "-", "--", "xn--", "kva", "bcher-kva", "ü", "ß", "ſ", "K", "日本", "Ω", "ά",
    "ς", "и", "й", "i\u{307}", "İ", "ı", "א", "ب", "٣", "3", "क्", "\u{200d}", "\u{200c}", "\u{ad}",
    "ﬁ", "①", "ａ", "。", ".", "．", "\u{301}", "😀", "❤", "·", "l·l", "ー", "゛", "ꙭ", "𝒳", "Ⅷ", "℡",
  ]

  @Test("what is accepted is a fixed point, and well-formed, whatever it was made of")
  func fixedPoint() throws {
    var random = Repeatable(state: 46)
    var taken = 0
    for _ in 0..<6000 {
      let count = Int.random(in: 1...8, using: &random)
      let text =
        (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
        + (Bool.random(using: &random) ? ".example" : "")
      guard let name = try? DomainName.normalized(text) else { continue }
      taken += 1
      #expect(try DomainName.normalized(name) == name, "\(text.debugDescription)")
      #expect(try DomainName.normalized(name.uppercased()) == name)
      let labels = name.split(separator: ".", omittingEmptySubsequences: false)
      #expect(labels.count >= 2 && name.utf8.count <= 253)
      for label in labels {
        #expect((1...63).contains(label.utf8.count))
        #expect(label.wholeMatch(of: /[a-z0-9](?:[a-z0-9-]*[a-z0-9])?/) != nil)
      }
    }
    #expect(taken > 600)
  }

  @Test("a violation names the field")
  func violation() throws {
    var violations = Violations()
    #expect(violations.domainName("hosting_package.domain_name", "A.example") == "a.example")
    #expect(violations.isEmpty)
    #expect(violations.domainName("hosting_package.domain_name", "a") == nil)
    #expect(violations.all.map(\.field) == ["hosting_package.domain_name"])
  }
}
