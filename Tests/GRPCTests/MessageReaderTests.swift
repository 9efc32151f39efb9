@testable internal import GRPC
internal import Testing

@Suite struct MessageReaderTests {
  private func frame(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  /// The messages that the bytes complete.
  private func feed(_ reader: inout MessageReader, _ bytes: [UInt8]) throws -> [[UInt8]] {
    try bytes.withUnsafeBytes { bytes in
      var messages: [[UInt8]] = []
      var index = 0
      while true {
        switch try reader.advance(bytes, &index) {
        case .needsMore: return messages
        case .began: break
        case .completed: messages.append(reader.takeMessage())
        }
      }
    }
  }

  @Test("messages come out whole however they are cut", arguments: 1...12)
  func pieces(_ size: Int) throws {
    let sent = ["hello", "", "a", "gRPC"].map { Array($0.utf8) }
    var reader = MessageReader(maxMessageBytes: 100)
    let bytes = sent.flatMap { frame($0) }
    var received: [[UInt8]] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      received += try feed(&reader, Array(bytes[start..<min(start + size, bytes.count)]))
    }
    #expect(received == sent)
    #expect(!reader.isWithinMessage)
  }

  @Test("every cut before the end is within a message")
  func truncated() throws {
    let bytes = frame([1, 2, 3])
    for count in 1..<bytes.count {
      var reader = MessageReader(maxMessageBytes: 100)
      #expect(try feed(&reader, Array(bytes.prefix(count))).isEmpty)
      #expect(reader.isWithinMessage)
    }
    #expect(!MessageReader(maxMessageBytes: 100).isWithinMessage)
  }

  @Test("a message begins with its whole prefix, and stays until it is taken")
  func steps() throws {
    var reader = MessageReader(maxMessageBytes: 100)
    let steps = try frame([7, 8]).withUnsafeBytes { bytes in
      var index = 0
      return try (0..<3).map { _ in
        let step = try reader.advance(bytes, &index)
        return (step, index)
      }
    }
    #expect(steps.map(\.0) == [.began, .completed, .needsMore])
    #expect(steps.map(\.1) == [5, 7, 7])
    #expect(reader.withMessage { Array($0) } == [7, 8])
    #expect(reader.takeMessage() == [7, 8])
  }

  @Test("a message at the limit is taken; one byte more is refused by its prefix alone")
  func limit() throws {
    var reader = MessageReader(maxMessageBytes: 4)
    #expect(try feed(&reader, frame([1, 2, 3, 4])).count == 1)
    var second = MessageReader(maxMessageBytes: 4)
    #expect(throws: MessageReader.Failure.tooLarge(5)) { try feed(&second, [0, 0, 0, 0, 5]) }
    #expect(throws: MessageReader.Failure.tooLarge(.max)) {
      var reader = MessageReader(maxMessageBytes: 4)
      return try feed(&reader, [0, 255, 255, 255, 255])
    }
  }

  @Test("a compressed message without an encoding, and a flag that is neither, are refused")
  func flags() {
    var reader = MessageReader(maxMessageBytes: 100)
    #expect(throws: MessageReader.Failure.unexpectedlyCompressed) {
      try feed(&reader, frame([1], flag: 1))
    }
    var other = MessageReader(maxMessageBytes: 100)
    #expect(throws: MessageReader.Failure.badFlag(2)) { try feed(&other, frame([1], flag: 2)) }
  }

  @Test("the compressed flag is told message by message")
  func compressed() throws {
    var reader = MessageReader(maxMessageBytes: 100)
    reader.allowsCompression = true
    _ = try feed(&reader, frame([1], flag: 1))
    #expect(reader.isCompressed)
    _ = try feed(&reader, frame([1]))
    #expect(!reader.isCompressed)
  }

  @Test("nothing of one message is left in the next")
  func reset() throws {
    var reader = MessageReader(maxMessageBytes: 100)
    _ = try feed(&reader, Array(frame([1, 2, 3]).dropLast()))
    reader.reset(keeping: 1)
    #expect(!reader.isWithinMessage)
    #expect(try feed(&reader, frame([9])) == [[9]])
  }
}
