internal import Testing

@testable internal import Services

@Suite("PlanCode")
struct PlanCodeTests {
  @Test(
    "makes a slug of a name",
    arguments: [
      ("Shared Basic", "shared-basic"), ("  VPS  2.0! ", "vps-2-0"), ("Café Größe", "cafe-grosse"),
      ("Cafe\u{301}", "cafe"), ("ŁÓDŹ & Århus", "lodz-arhus"), ("İstanbul", "istanbul"),
      ("Æther Œuvre Þing", "aether-oeuvre-thing"), ("--a--", "a"), ("漢字 VPS", "vps"),
      ("漢字", ""), ("", ""), ("K\u{212A}", "kk"), ("日本-", ""),
      ("24/7 Hosting", "plan-24-7-hosting"), ("2024", "plan-2024"), ("漢 1", "plan-1"),
    ])
  func made(name: String, code: String) {
    #expect(PlanCode.made(from: name) == code)
    #expect(code.isEmpty || PlanCode.isValid(code))
  }

  @Test("is never longer than 64, nor ends in a hyphen")
  func bounded() {
    #expect(PlanCode.made(from: String(repeating: "a", count: 120)).utf8.count == 64)
    let digits = PlanCode.made(from: String(repeating: "1", count: 120))
    #expect(digits == "plan-" + String(repeating: "1", count: 59))
    let cut = PlanCode.made(from: String(repeating: "a", count: 63) + " b")
    #expect(cut == String(repeating: "a", count: 63))
  }

  @Test("knows valid codes from others")
  func valid() {
    for code in ["a", "z9", "a-", "a-b", String(repeating: "a", count: 64)] {
      #expect(PlanCode.isValid(code))
    }
    for code in [
      "", "0", "7", "-", "-a", "1a", "A", "a b", "a_b", "é", "a\n",
      String(repeating: "a", count: 65),
    ] {
      #expect(!PlanCode.isValid(code))
    }
  }
}
