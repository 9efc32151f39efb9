import API
import Foundation
import Testing

/// Replays what the fuzzer has found, and the seeds that it starts from.
@Suite struct FuzzFindTests {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().appending(path: "FuzzFinds")

  @Test("every codec stands up to each input of FuzzFinds")
  func replay() throws {
    let files = try FileManager.default.contentsOfDirectory(
      at: FuzzFindTests.folder, includingPropertiesForKeys: nil)
    #expect(files.count >= 17)
    for file in files {
      let bytes = [UInt8](try Data(contentsOf: file))
      for type in Codecs.all {
        #expect(throws: Never.self, "\(type.name), \(file.lastPathComponent)") {
          try bytes.withUnsafeBytes { try Fixpoint.check(type, $0) }
        }
      }
    }
  }

  @Test("a codec that does not read what it writes is found out")
  func brokenCodec() {
    #expect(throws: Fixpoint.Broken.self) {
      try ([0x08, 0x05] as [UInt8]).withUnsafeBytes { try Fixpoint.check(MovesItsField.self, $0) }
    }
  }
}

/// Reads field 1 and writes it as field 2.
private struct MovesItsField: Message {
  static var name: String { "packd.test.MovesItsField" }

  var value: Int64 = 0

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): value = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(2, value)
  }
}
