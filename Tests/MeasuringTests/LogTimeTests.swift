internal import Testing

@testable internal import Measuring

@Suite struct LogTimeTests {
  private func local(_ text: String) -> Int64? {
    Array(text.utf8).withUnsafeBytes { LogTime.local($0) }
  }

  @Test(
    "a local time is the second in UTC",
    arguments: [
      ("01/Jan/1970:00:00:00 +0000", 0), ("21/Nov/2026:15:04:05 +0000", 1_795_273_445),
      ("21/Nov/2026:16:04:05 +0100", 1_795_273_445), ("21/Nov/2026:09:34:05 -0530", 1_795_273_445),
      ("29/Feb/2024:12:00:00 +0000", 1_709_208_000), ("29/Feb/2000:00:00:00 +0000", 951_782_400),
      ("31/Dec/2026:23:59:60 +0000", 1_798_761_600), ("01/Mar/2100:00:00:00 +0000", 4_107_542_400),
      ("31/Dec/9999:23:59:59 +0000", 253_402_300_799),
    ] as [(String, Int64)])
  func localTimes(_ text: String, _ seconds: Int64) {
    #expect(local(text) == seconds)
  }

  @Test(
    "what is no time is none",
    arguments: [
      "", "21/Nov/2026:15:04:05", "31/Apr/2026:00:00:00 +0000", "29/Feb/2026:00:00:00 +0000",
      "29/Feb/2100:00:00:00 +0000", "00/Jan/2026:00:00:00 +0000", "21/nov/2026:00:00:00 +0000",
      "21/Nov/2026:24:00:00 +0000", "21/Nov/2026:00:60:00 +0000", "21/Nov/2026:00:00:61 +0000",
      "21/Nov/2026:00:00:00 *0000", "21/Nov/2026:00:00:00 +2400", "21-Nov-2026:00:00:00 +0000",
      "2a/Nov/2026:00:00:00 +0000", "21/Nov/1969:00:00:00 +0000", "01/Jan/1970:00:00:00 +0100",
    ])
  func noTimes(_ text: String) {
    #expect(local(text) == nil)
  }

  @Test("ISO times are read, and each hour has its name")
  func iso() {
    let text = Array("2026-11-21T16:04:05+01:00".utf8)
    let seconds = text.withUnsafeBytes { LogTime.iso($0) }
    #expect(seconds == 1_795_273_445)
    #expect(LogTime.hourName(1_795_273_445) == "2026112115")
    #expect(LogTime.hourName(0) == "1970010100")
    #expect(LogTime.hourName(951_782_399) == "2000022823")
    #expect(LogTime.hourName(253_402_300_799) == "9999123123")
  }

  @Test("every day from 1970 to 2170 is the one after the day before")
  func everyDay() throws {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    var expected: Int64 = 0
    var wrong: [String] = []
    for year in 1970..<2170 {
      for (index, month) in months.enumerated() {
        for day in 1...31 {
          let text = (day < 10 ? "0" : "") + "\(day)/\(month)/\(year):00:00:00 +0000"
          guard let seconds = local(text) else { continue }
          let digits = (Int64(year) * 100 + Int64(index + 1)) * 10_000 + Int64(day) * 100
          if seconds != expected || LogTime.hourName(seconds) != String(digits) {
            wrong.append(text)
          }
          expected += 86_400
        }
      }
    }
    #expect(wrong.isEmpty)
    #expect(expected == 73_049 * 86_400)
  }
}
