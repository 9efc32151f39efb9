@testable internal import GRPC
internal import Testing

@Suite struct MessageReaderTests {
  private func frame(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
    [flag] + withUnsafeBytes(of: UInt32(message.count).bigEndian) { Array($0) } + message
  }

  private func feed(_ reader: inout MessageReader, _ bytes: [UInt8]) throws {
    _ = try bytes.withUnsafeBytes { try reader.receive($0) }
  }

  @Test("a message comes out whole however it is cut", arguments: 1...12)
  func pieces(_ size: Int) throws {
    let message = Array("hello".utf8)
    var reader = MessageReader(maxMessageBytes: 100)
    let bytes = frame(message)
    for start in stride(from: 0, to: bytes.count, by: size) {
      try feed(&reader, Array(bytes[start..<min(start + size, bytes.count)]))
    }
    #expect(reader.end() == .complete)
    #expect(reader.withMessage { Array($0) } == message)
  }

  @Test("every cut before the end is truncated, and nothing at all is no message")
  func truncated() throws {
    let bytes = frame([1, 2, 3])
    for count in 1..<bytes.count {
      var reader = MessageReader(maxMessageBytes: 100)
      try feed(&reader, Array(bytes.prefix(count)))
      #expect(reader.end() == .truncated)
    }
    #expect(MessageReader(maxMessageBytes: 100).end() == .noMessage)
  }

  @Test("an empty message is a message")
  func empty() throws {
    var reader = MessageReader(maxMessageBytes: 0)
    try feed(&reader, frame([]))
    #expect(reader.end() == .complete)
    #expect(reader.withMessage { $0.count } == 0)
  }

  @Test("a message at the limit is taken; one byte more is refused by its prefix alone")
  func limit() throws {
    var reader = MessageReader(maxMessageBytes: 4)
    try feed(&reader, frame([1, 2, 3, 4]))
    #expect(reader.end() == .complete)
    var second = MessageReader(maxMessageBytes: 4)
    #expect(throws: MessageReader.Failure.tooLarge(5)) { try feed(&second, [0, 0, 0, 0, 5]) }
    #expect(throws: MessageReader.Failure.tooLarge(.max)) {
      var reader = MessageReader(maxMessageBytes: 4)
      try feed(&reader, [0, 255, 255, 255, 255])
    }
  }

  @Test("a second message is refused once its prefix is there; fewer bytes are a torn one")
  func second() throws {
    var reader = MessageReader(maxMessageBytes: 100)
    try feed(&reader, frame([1]))
    try feed(&reader, [0])
    #expect(reader.end() == .truncated)
    try feed(&reader, [0, 0, 0])
    #expect(reader.end() == .truncated)
    #expect(throws: MessageReader.Failure.secondMessage) { try feed(&reader, [1]) }
    var joined = MessageReader(maxMessageBytes: 100)
    #expect(throws: MessageReader.Failure.secondMessage) {
      try feed(&joined, frame([1]) + frame([]))
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

  @Test("nothing of one message is left in the next")
  func reset() throws {
    var reader = MessageReader(maxMessageBytes: 100)
    try feed(&reader, frame([1, 2, 3]))
    reader.reset(keeping: 1)
    #expect(reader.end() == .noMessage)
    try feed(&reader, frame([9]))
    #expect(reader.withMessage { Array($0) } == [9])
  }
}
