import API
import Testing

@Suite struct StringMapTests {
  @Test("entries come sorted by the bytes of their keys")
  func sorted() {
    let map: StringMap = ["é": "4", "b": "2", "a": "0", "ab": "1", "": "-", "z": "3"]
    #expect(map.sorted.map(\.value) == ["-", "0", "1", "2", "3", "4"])
  }

  @Test("canonically equivalent keys are two keys")
  func equivalentKeys() {
    var map = StringMap()
    map["e\u{301}"] = "decomposed"
    map["\u{e9}"] = "composed"
    #expect(map.count == 2)
    #expect(map["\u{e9}"] == "composed")
    #expect(map["e\u{301}"] == "decomposed")
  }

  @Test("a key takes its last value, and goes when that is nil")
  func replacement() {
    var map: StringMap = ["a": "1", "a": "2"]
    #expect(map["a"] == "2")
    map["a"] = nil
    #expect(map == StringMap())
  }
}
