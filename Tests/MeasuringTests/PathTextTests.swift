internal import Measuring
internal import Testing

@Suite struct PathTextTests {
  @Test(
    "a name is itself where it is UTF-8, and escaped where not",
    arguments: [
      ("index.html", Array("index.html".utf8)),
      ("Größe 中", Array("Größe 中".utf8)),
      ("%FFa", [0xff, 0x61]),
      ("a%C3", [0x61, 0xc3]),
      ("%ED%A0%80", [0xed, 0xa0, 0x80]),
      ("%C0%AF", [0xc0, 0xaf]),
      ("a%0Ab", Array("a\nb".utf8)),
      ("%1B[2J", [0x1b, 0x5b, 0x32, 0x4a]),
      ("%7F%C2%9B", [0x7f, 0xc2, 0x9b]),
      ("100%", Array("100%".utf8)),
      ("50%x", Array("50%x".utf8)),
      ("%25FF", Array("%FF".utf8)),
      ("%2525", Array("%25".utf8)),
      ("", []),
    ])
  func escaped(_ text: String, _ name: [UInt8]) {
    #expect(PathText.escaped(name) == text)
  }

  @Test("two names never get one text")
  func unambiguous() {
    // All names of up to three of the bytes that escaping turns on.
    let bytes: [UInt8] = [0x25, 0x46, 0x32, 0x35, 0xff, 0xc3, 0xbf, 0x0a]
    var names: [[UInt8]] = [[]]
    for _ in 0..<4 { names += names.flatMap { name in bytes.map { name + [$0] } } }
    let different = Set(names)
    #expect(Set(different.map { Array(PathText.escaped($0).utf8) }).count == different.count)
  }
}
