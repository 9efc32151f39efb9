internal import Storage
internal import Testing

@testable internal import Services

@Suite("PageToken")
struct PageTokenTests {
  let query = PageToken.Query("ListPlans", "0", "false")

  static let positions: [PageToken.Position] = [
    .plan(.id(1)), .plan(.id(.max)), .plan(.name("", id: 3)), .plan(.name("Größe 1", id: 4)),
    .plan(.price(MoneyRecord(currencyCode: "EUR", units: 4, nanos: 990_000_000), id: 5)),
    .planVersion(7), .planVersion(.max), .id(ULID(value: 0)), .id(ULID(value: .max)), .text(""),
    .text("a/Größe"), .number(.min), .number(.max),
    .directory(.start),
    .directory(DiskScanContent.Position(index: 7, offset: .max, shared: [0, 0xff, 0x2f])),
  ]

  private func decode(
    _ token: String, of query: PageToken.Query
  ) -> (PageToken.Position?, [String]) {
    var violations = Violations()
    let position = PageToken.decode(token, of: query, as: \.self, &violations)
    return (position, violations.all.map(\.field))
  }

  @Test("brings back every position", arguments: positions)
  func roundTrip(position: PageToken.Position) {
    let (found, violations) = decode(PageToken.encode(position, of: query), of: query)
    #expect(found == position)
    #expect(violations.isEmpty)
  }

  @Test("no token is no position and no fault")
  func empty() {
    #expect(decode("", of: query) == (nil, []))
  }

  @Test("a position of another kind than the list's is no better than a token of another query")
  func otherKind() {
    let token = PageToken.encode(.id(ULID(value: 7)), of: query)
    var violations = Violations()
    #expect(PageToken.decode(token, of: query, as: \.number, &violations) == nil)
    #expect(violations.all.map(\.field) == ["page_token"])
  }

  @Test("refuses a token that was changed in any character", arguments: positions)
  func tampered(position: PageToken.Position) {
    let token = Array(PageToken.encode(position, of: query).utf8)
    for index in token.indices {
      var changed = token
      changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
      #expect(decode(String(decoding: changed, as: UTF8.self), of: query) == (nil, ["page_token"]))
      let cut = String(decoding: token[..<index], as: UTF8.self)
      #expect(index == 0 || decode(cut, of: query) == (nil, ["page_token"]))
    }
  }

  @Test("refuses tokens of other queries, garbage, and what is too long")
  func foreign() {
    let token = PageToken.encode(.plan(.id(1)), of: query)
    for other in [
      PageToken.Query("ListActivePlans", "0", "false"), PageToken.Query("ListPlans", "1", "false"),
      PageToken.Query("ListPlans", "0", "true"), PageToken.Query("ListPlans", "0false", ""),
      PageToken.Query("ListPlans0", "false"),
    ] {
      #expect(decode(token, of: other) == (nil, ["page_token"]))
    }
    for garbage in [
      "x", "====", " ", "é", "1", String(repeating: "A", count: 40),
      String(repeating: "A", count: 10_000), token + "=", token + "AA", " " + token,
    ] {
      #expect(decode(garbage, of: query) == (nil, ["page_token"]), "\(garbage)")
    }
  }
}

extension PageTokenTests {
  @Test("Base64URL takes back what it gave, for every length, and only that")
  func base64() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ count) }
      let text = Base64URL.encode(bytes)
      #expect(Base64URL.decode(text.utf8) == bytes)
      #expect(!text.contains("="))
    }
    #expect(Base64URL.encode(Array("light work.".utf8)) == "bGlnaHQgd29yay4")
    #expect(Base64URL.encode([0xfb, 0xff]) == "-_8")
    for wrong in ["A", "AAAAA", "AB", "-_9", "+/8", "AA==", "AA A"] {
      #expect(Base64URL.decode(wrong.utf8) == nil, "\(wrong)")
    }
    #expect(Base64URL.encode(UInt64(0xfbff_0000_0000_0001)) == "-_8AAAAAAAE")
    #expect(
      Base64URL.decode(Base64URL.encode(UInt64(0x0123_4567_89ab_cdef)).utf8)
        == [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef])
  }
}
