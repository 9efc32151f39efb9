internal import Storage
internal import StorageContract
internal import Testing

@Suite("ULID")
struct ULIDTests {
  @Test("is written in 26 characters and read again")
  func roundTrip() {
    let known: [(UInt128, String)] = [
      (0, "00000000000000000000000000"), (1, "00000000000000000000000001"),
      (31, "0000000000000000000000000Z"), (32, "00000000000000000000000010"),
      (.max, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"), (1 << 127, "40000000000000000000000000"),
    ]
    for (value, text) in known {
      #expect(ULID(value: value).text == text)
      #expect(ULID(text)?.value == value)
    }
    var random = SeededNumbers(seed: 1)
    for _ in 0..<1000 {
      let id = ULID(value: UInt128.random(in: 0...UInt128.max, using: &random))
      #expect(ULID(id.text) == id)
      // Of a substring, too.
      #expect(ULID("package-\(id.text)".dropFirst(8)) == id)
    }
  }

  @Test("holds the milliseconds before the random bits")
  func parts() {
    // The example of the specification, whose time is that of its first ten characters.
    let id = ULID(milliseconds: 1_469_918_176_385, random: 0)
    #expect(id.text.hasPrefix("01ARYZ6S41"))
    #expect(ULID(milliseconds: 1, random: 2).value == UInt128(1) << 80 | 2)
    // What does not fit is left out.
    #expect(ULID(milliseconds: .max, random: .max).value == .max)
    #expect(ULID(milliseconds: 0, random: UInt128(1) << 80).value == 0)
  }

  @Test("is handed to async functions that take more than registers hold")
  func handedOn() async {
    for number in 0..<100 {
      await Task.yield()
      let sum = await Self.sum(
        number, 2, 3, 4, 5, 6, ULID(value: UInt128(number)), isDoubled: number > 50)
      #expect(sum == (2 * number + 20) * (number > 50 ? 2 : 1))
    }
  }

  @inline(never)
  private static func sum(
    _ a: Int, _ b: Int, _ c: Int, _ d: Int, _ e: Int, _ f: Int, _ id: ULID, isDoubled: Bool
  ) async -> Int {
    await Task.yield()
    return (a + b + c + d + e + f + Int(id.value)) * (isDoubled ? 2 : 1)
  }

  @Test("is ordered as its text is")
  func order() {
    var random = SeededNumbers(seed: 2)
    let ids = (0..<500).map { _ in
      ULID(
        milliseconds: UInt64.random(in: 0..<4, using: &random),
        random: UInt128.random(in: 0..<8, using: &random))
    }
    #expect(ids.sorted().map(\.text) == ids.map(\.text).sorted())
  }

  @Test(
    "is not read from another text",
    arguments: [
      "", "0", "0000000000000000000000000", "000000000000000000000000000",
      "80000000000000000000000000", "Z0000000000000000000000000", "0000000000000000000000000I",
      "0000000000000000000000000L", "0000000000000000000000000O", "0000000000000000000000000U",
      "0000000000000000000000000a", "01aryz6s410000000000000000", "0000000000000000000000000-",
      "0000000000000000000000000é", "000000000000000000000000é", "0000000000000 000000000000",
      "0000000000000000000000000\0", "000000000000000000000000\u{FF11}",
      "0000000000000000000000000[",
      "0000000000000000000000000@", "0000000000000000000000000:", "0000000000000000000000000/",
    ])
  func refused(_ text: String) {
    #expect(ULID(text) == nil)
  }
}
