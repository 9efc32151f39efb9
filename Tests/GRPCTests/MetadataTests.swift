internal import GRPC
internal import Testing

@Suite struct MetadataTests {
  @Test("the first value of a name is found, in the order they came")
  func first() {
    var metadata = Metadata()
    metadata.append("a", "1")
    metadata.append("ab", "2")
    metadata.append("a", "3")
    #expect(metadata.first("a") == "1")
    #expect(metadata.first("ab") == "2")
    #expect(metadata.first("abc") == nil)
    var all: [String] = []
    metadata.forEach {
      all.append(String(decoding: $0, as: UTF8.self) + String(decoding: $1, as: UTF8.self))
    }
    #expect(all == ["a1", "ab2", "a3"])
  }

  @Test("a copy keeps what it had when the original is emptied")
  func copies() {
    var metadata = Metadata()
    metadata.append("name", "a value long enough to be on the heap")
    let copy = metadata
    metadata.removeAll()
    metadata.append("name", "other")
    #expect(copy.first("name") == "a value long enough to be on the heap")
    #expect(metadata.count == 1)
  }
}
