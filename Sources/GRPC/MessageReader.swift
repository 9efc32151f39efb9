/// Puts length-prefixed messages together from the pieces that arrive: a flag byte, a length
/// in four bytes, big-endian, and the message (PROTOCOL-HTTP2, "Length-Prefixed-Message").
///
/// For calls with one request message: it holds one, and refuses a second.
struct MessageReader {
  enum Failure: Error, Equatable {
    /// The length prefix promises more than the limit.
    case tooLarge(UInt32)
    /// The compressed flag is neither 0 nor 1.
    case badFlag(UInt8)
    /// The compressed flag is set, but no encoding was agreed on.
    case unexpectedlyCompressed
    /// A second message has begun: its prefix is there.
    case secondMessage
  }

  /// What the end of the stream left behind.
  enum End: Equatable {
    case complete
    case noMessage
    case truncated
  }

  private static let prefixCount = 5
  private let maxMessageBytes: Int
  private var prefix: (flag: UInt8, length: UInt32, count: Int) = (0, 0, 0)
  private var message: [UInt8] = []
  private var strayCount = 0

  init(maxMessageBytes: Int) {
    self.maxMessageBytes = maxMessageBytes
  }

  /// Empties it for the next call; memory up to `limit` stays.
  mutating func reset(keeping limit: Int) {
    prefix = (0, 0, 0)
    strayCount = 0
    if message.capacity > limit { message = [] } else { message.removeAll(keepingCapacity: true) }
  }

  /// Takes the next bytes of the stream; returns how many are kept.
  mutating func receive(_ bytes: UnsafeRawBufferPointer) throws(Failure) -> Int {
    var index = 0
    while index < bytes.count {
      if prefix.count < Self.prefixCount {
        readPrefixByte(bytes[index])
        index += 1
        if prefix.count == Self.prefixCount { try judgePrefix() }
      } else {
        let missing = Int(prefix.length) - message.count
        guard missing > 0 else {
          try countStray(bytes.count - index)
          break
        }
        let count = min(missing, bytes.count - index)
        if message.isEmpty { reserve(count) }
        message.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<index + count]))
        index += count
      }
    }
    return bytes.count
  }

  /// Bytes after the message: with a whole prefix they are another one.
  private mutating func countStray(_ count: Int) throws(Failure) {
    strayCount += count
    if strayCount >= Self.prefixCount { throw .secondMessage }
  }

  private mutating func readPrefixByte(_ byte: UInt8) {
    if prefix.count == 0 {
      prefix.flag = byte
    } else {
      prefix.length = prefix.length << 8 | UInt32(byte)
    }
    prefix.count += 1
  }

  private func judgePrefix() throws(Failure) {
    guard prefix.flag <= 1 else { throw .badFlag(prefix.flag) }
    guard prefix.flag == 0 else { throw .unexpectedlyCompressed }
    guard Int(prefix.length) <= maxMessageBytes else { throw .tooLarge(prefix.length) }
  }

  /// A message that came whole needs its own size; one in pieces grows as they come, so that
  /// a length alone claims no memory.
  private mutating func reserve(_ count: Int) {
    if count == Int(prefix.length) { message.reserveCapacity(count) }
  }

  /// The client has half-closed.
  func end() -> End {
    if prefix.count == 0 { return .noMessage }
    let isWhole = prefix.count == Self.prefixCount && message.count == Int(prefix.length)
    return isWhole && strayCount == 0 ? .complete : .truncated
  }

  /// Calls `body` with the whole message, valid only within it.
  func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    message.withUnsafeBytes(body)
  }
}
