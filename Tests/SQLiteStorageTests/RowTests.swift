import StorageContract
import Testing

@testable import SQLiteStorage

struct RowTests {
  @Test("A list of texts is read as it was written")
  func textsComeBack() {
    let lists: [[String]] = [
      [], [""], ["SSL"], ["", ""], ["a,b", "3:abc,", "\0", "é", "👩‍👩‍👧‍👦"],
      [String(repeating: "x", count: 1000)],
    ]
    for list in lists {
      #expect(texts(TextList.text(list)) == list)
    }
    #expect(TextList.text(["SSL", "Backup"]) == "3:SSL,6:Backup,")
  }

  @Test(
    "What is no list of texts is not read as one",
    arguments: [
      "x", ":", "3", "3:", "3:ab", "3:abc", "3:abcd", "-1:,", "3:abc,4:abc,", "1:a,,", " 1:a,",
      "99999999999999999999:a,", "+1:a,", "1:a,:a,", "9223372036854775807:a,",
    ])
  func brokenTexts(_ text: String) {
    #expect(texts(text) == nil)
  }

  private func texts(_ list: String) -> [String]? {
    Array(list.utf8).withUnsafeBytes { TextList.texts($0) }
  }

  @Test("Any flipped bit changes a checksum, and so does a moved boundary")
  func checksumsDiffer() {
    var random = SeededNumbers(seed: 3)
    for count in 0..<40 {
      let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      var seen: Set<Int64> = [checksum(bytes)]
      for position in bytes.indices {
        for bit in 0..<8 {
          var flipped = bytes
          flipped[position] ^= 1 << bit
          seen.insert(checksum(flipped))
        }
      }
      #expect(seen.count == 1 + 8 * count)
      #expect(checksum(bytes) != checksum(bytes + [0]))
      #expect(checksum(bytes) != checksum(bytes, []))
    }
    #expect(checksum([1], [2, 3]) != checksum([1, 2], [3]))
  }

  private func checksum(_ parts: [UInt8]...) -> Int64 {
    var checksum = Checksum()
    for part in parts { part.withUnsafeBytes { checksum.add($0) } }
    return checksum.value
  }
}
