/// Puts length-prefixed messages together from the pieces that arrive: a flag byte, a length
/// in four bytes, big-endian, and the message (PROTOCOL-HTTP2, "Length-Prefixed-Message").
struct MessageReader {
  enum Failure: Error, Equatable {
    /// The length prefix promises more than the limit.
    case tooLarge(UInt32)
    /// The compressed flag is neither 0 nor 1.
    case badFlag(UInt8)
    /// The compressed flag is set, but no encoding was agreed on.
    case unexpectedlyCompressed
  }

  /// How far ``advance(_:_:)`` came.
  enum Step: Equatable {
    /// The bytes are used up.
    case needsMore
    /// A message's prefix is there, and within the limits.
    case began
    /// The message is whole; it stays until it is taken or the next one's bytes come.
    case completed
  }

  private static let prefixCount = 5
  private static let maxReservedBytes = 1024
  private let maxMessageBytes: Int
  private var prefix: (flag: UInt8, length: UInt32, count: Int) = (0, 0, 0)
  private var isInBody = false
  private var message: [UInt8] = []
  /// Whether the compressed flag may be set.
  var allowsCompression = false

  init(maxMessageBytes: Int) {
    self.maxMessageBytes = maxMessageBytes
  }

  /// Empties it for the next call; memory up to `limit` stays, wiped: nothing of a call is to be
  /// found once it is over.
  mutating func reset(keeping limit: Int) {
    prefix = (0, 0, 0)
    isInBody = false
    allowsCompression = false
    message.wipe()
    if message.capacity > limit { message = [] } else { message.removeAll(keepingCapacity: true) }
  }

  /// A message has begun that is not whole, be it by one byte of its prefix.
  var isWithinMessage: Bool { isInBody || prefix.count > 0 }
  /// Whether the last message that was completed has its compressed flag set.
  private(set) var isCompressed = false

  /// Takes bytes from `index` on, up to the next step.
  mutating func advance(
    _ bytes: UnsafeRawBufferPointer, _ index: inout Int
  ) throws(Failure) -> Step {
    guard isInBody else { return try advancePrefix(bytes, &index) }
    let missing = Int(prefix.length) - message.count
    let count = min(missing, bytes.count - index)
    if count > 0 {
      if message.isEmpty { reserve(count) }
      message.appendWiping(UnsafeRawBufferPointer(rebasing: bytes[index..<index + count]))
      index += count
    }
    guard count == missing else { return .needsMore }
    isInBody = false
    isCompressed = prefix.flag == 1
    prefix = (0, 0, 0)
    return .completed
  }

  private mutating func advancePrefix(
    _ bytes: UnsafeRawBufferPointer, _ index: inout Int
  ) throws(Failure) -> Step {
    while index < bytes.count {
      readPrefixByte(bytes[index])
      index += 1
      guard prefix.count == Self.prefixCount else { continue }
      try judgePrefix()
      isInBody = true
      return .began
    }
    return .needsMore
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
    guard prefix.flag == 0 || allowsCompression else { throw .unexpectedlyCompressed }
    guard Int(prefix.length) <= maxMessageBytes else { throw .tooLarge(prefix.length) }
  }

  /// A message that came whole needs its own size, and a short one is not worth growing; a long one
  /// in pieces grows as they come, so that a length alone claims no memory.
  private mutating func reserve(_ count: Int) {
    let length = Int(prefix.length)
    if count == length || length <= Self.maxReservedBytes { message.reserveCapacity(length) }
  }

  /// Calls `body` with the whole message, valid only within it.
  func withMessage<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    message.withUnsafeBytes(body)
  }

  /// Hands the whole message out, and its memory.
  mutating func takeMessage() -> [UInt8] {
    defer { message = [] }
    return message
  }
}
