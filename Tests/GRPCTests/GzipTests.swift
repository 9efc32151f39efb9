@testable internal import GRPC
internal import Testing

@Suite struct GzipTests {
  /// "hello, hello, hello" from Python's gzip, with a file's name in its header.
  static let named: [UInt8] = hex(
    "1f8b080800f1536500ff6e616d652e74787400cb48cdc9c9d751c840a2009fa1ca0913000000")

  private static func hex(_ text: String) -> [UInt8] {
    var digits = text[...]
    var bytes: [UInt8] = []
    while let byte = UInt8(digits.prefix(2), radix: 16) {
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
    return bytes
  }

  private func inflated(
    _ bytes: [UInt8], maxBytes: Int = 1 << 20
  ) throws(Gzip.Failure) -> [UInt8] {
    try bytes.withUnsafeBytes { bytes in
      Result { () throws(Gzip.Failure) in try Gzip.inflated(bytes, maxBytes: maxBytes) }
    }.get()
  }

  private func deflated(_ bytes: [UInt8]) -> [UInt8]? {
    bytes.withUnsafeBytes { Gzip.deflated($0) }
  }

  private func text(_ count: Int) -> [UInt8] {
    Array("plan \(count), gold, silver; ".utf8).cycled(to: count)
  }

  private func noise(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255) }
  }
}

// MARK: What is inflated

extension GzipTests {
  @Test("what Python compressed is read")
  func python() throws {
    #expect(try inflated(Self.named) == Array("hello, hello, hello".utf8))
  }

  @Test("every field that a header may have is passed over, and a stored block is read")
  func header() throws {
    let bytes = Self.hex(
      "1f8b081e0000000000ff0400616200006e0063007fba010500faff68656c6c6f86a6103605000000")
    #expect(try inflated(bytes) == Array("hello".utf8))
  }

  @Test("members that follow each other are one message (RFC 1952, 2.2)")
  func members() throws {
    let message = try inflated(Self.named + Self.named + Self.named)
    #expect(message == Array("hello, hello, hello".utf8).cycled(to: 57))
  }

  @Test("an empty message has a member, and nothing at all is not gzip")
  func empty() throws {
    let member = Self.hex("1f8b080000000000020303000000000000000000")
    #expect(try inflated(member, maxBytes: 0).isEmpty)
    #expect(throws: Gzip.Failure.malformed) { try inflated([]) }
  }

  @Test("every cut before the end is malformed", arguments: [100, 100_000])
  func truncated(_ count: Int) throws {
    let member = try #require(deflated(text(count)))
    for length in 0..<member.count {
      #expect(throws: Gzip.Failure.malformed) { try inflated(Array(member.prefix(length))) }
    }
  }

  @Test("anything behind the last member is malformed", arguments: [[0], [31], [31, 139, 8, 0]])
  func garbage(_ garbage: [UInt8]) {
    #expect(throws: Gzip.Failure.malformed) { try inflated(Self.named + garbage) }
  }

  @Test("a flipped bit fails the message or changes nothing, at every bit")
  func flippedBits() throws {
    let message = text(300)
    let member = try #require(deflated(message))
    var failures = 0
    for bit in 0..<member.count * 8 {
      var flipped = member
      flipped[bit / 8] ^= 1 << (bit % 8)
      do throws(Gzip.Failure) {
        #expect(try inflated(flipped) == message, "bit \(bit)")
      } catch {
        failures += 1
      }
    }
    // Bits of the header that tell nothing, and those that fill the last byte before the trailer.
    #expect(failures > (member.count - 10) * 8 - 8)
  }

  @Test("noise is malformed, also behind a true header")
  func noise() {
    for _ in 0..<500 {
      #expect(throws: Gzip.Failure.self) {
        try inflated(Self.hex("1f8b0800000000000203") + noise(200), maxBytes: 100_000)
      }
    }
  }

  @Test("zlib's own format and a bare stream are not gzip")
  func otherFormats() {
    let zlib = Self.hex("789ccb48cdc9c9d751c840a200442806d5")
    #expect(throws: Gzip.Failure.malformed) { try inflated(zlib) }
    #expect(throws: Gzip.Failure.malformed) { try inflated(Array(zlib[2...])) }
  }
}

// MARK: Limits

extension GzipTests {
  @Test(
    "the limit holds to the byte, around the size of a piece",
    arguments: [40, 32_767, 32_768, 32_769, 65_536, 100_000])
  func exactLimit(_ count: Int) throws {
    let member = try #require(deflated([UInt8](repeating: 7, count: count)))
    #expect(try inflated(member, maxBytes: count).count == count)
    #expect(throws: Gzip.Failure.tooLarge) { try inflated(member, maxBytes: count - 1) }
    #expect(throws: Gzip.Failure.tooLarge) { try inflated(member, maxBytes: 0) }
  }

  @Test("a bomb is given up before its end, whatever size it states")
  func bomb() throws {
    var bomb = try #require(deflated([UInt8](repeating: 0, count: 64 << 20)))
    #expect(bomb.count < 64 << 13)
    #expect(throws: Gzip.Failure.tooLarge) { try inflated(bomb, maxBytes: 4 << 20) }
    bomb.replaceSubrange((bomb.count - 4)..., with: [10, 0, 0, 0])
    #expect(throws: Gzip.Failure.tooLarge) { try inflated(bomb, maxBytes: 4 << 20) }
    // Cut off behind what the limit lets out: whoever read on would find it malformed.
    let head = Array(bomb.prefix(bomb.count / 8))
    #expect(throws: Gzip.Failure.tooLarge) { try inflated(head, maxBytes: 4 << 20) }
  }

  @Test("who inflates much hears of each piece")
  func pieces() throws {
    let member = try #require(deflated([UInt8](repeating: 0, count: 1 << 20)))
    var pieces = 0
    let inflated = try member.withUnsafeBytes {
      try Gzip.inflated($0, maxBytes: 1 << 20) { pieces += 1 }
    }
    #expect(inflated.count == 1 << 20)
    #expect(pieces >= 1 << 4)
  }

  @Test("the limit is for all members together")
  func bombOfMembers() throws {
    let member = try #require(deflated([UInt8](repeating: 0, count: 1000)))
    let members = member.cycled(to: member.count * 11)
    #expect(try inflated(members, maxBytes: 11_000).count == 11_000)
    #expect(throws: Gzip.Failure.tooLarge) { try inflated(members, maxBytes: 10_999) }
  }

  @Test("a stated size that is not the true one is malformed", arguments: [0, 299, 301, 1 << 30])
  func statedSize(_ size: UInt32) throws {
    var member = try #require(deflated(text(300)))
    member.replaceSubrange(
      (member.count - 4)..., with: withUnsafeBytes(of: size.littleEndian) { Array($0) })
    #expect(throws: Gzip.Failure.malformed) { try inflated(member) }
  }
}

// MARK: What is deflated

extension GzipTests {
  @Test("what is deflated is smaller and comes back", arguments: [80, 1000, 33_000, 3_000_000])
  func roundTrip(_ count: Int) throws {
    let message = text(count)
    let member = try #require(deflated(message))
    #expect(member.count < count)
    #expect(try inflated(member, maxBytes: count) == message)
  }

  @Test("what would not be smaller is not deflated")
  func notSmaller() {
    for count in 0...20 {
      #expect(deflated([UInt8](repeating: 0, count: count)) == nil)
    }
    #expect(deflated([UInt8](repeating: 0, count: 40)) != nil)
    for count in [21, 100, 1000, 40_000] {
      #expect(deflated(noise(count)) == nil)
    }
  }

  @Test("a failure leaves nothing behind for the next message")
  func afterFailure() throws {
    let message = text(50_000)
    let member = try #require(deflated(message))
    for length in stride(from: 0, to: member.count, by: 7) {
      _ = try? inflated(Array(member.prefix(length)))
      _ = try? inflated(member, maxBytes: length)
      _ = deflated(noise(100))
      #expect(try inflated(member) == message)
    }
    #expect(deflated(message) == member)
  }

  @Test("many at once do not meet")
  func concurrent() async {
    await withTaskGroup(of: Bool.self) { group in
      for number in 0..<64 {
        group.addTask {
          let message = text(1000 + number * 997)
          guard let member = deflated(message) else { return false }
          return (try? inflated(member)) == message
        }
      }
      for await isSame in group { #expect(isSame) }
    }
  }
}

extension [UInt8] {
  fileprivate func cycled(to count: Int) -> [UInt8] {
    (0..<count).map { self[$0 % self.count] }
  }
}
