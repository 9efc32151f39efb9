package import Crypto
internal import Glibc

/// The lines of a log, one after the other, from a place on that is the start of one.
final class LogReader {
  enum Line {
    /// Without its line end, and without the NULs that a writer leaves before its next line when
    /// the file under it is truncated.
    case text(UnsafeRawBufferPointer)
    /// Too long; the digest of as much of its start as a line may have.
    case tooLong(SHA256Digest)
  }

  let bytes: LogBytes
  /// Where the line that was taken last ends.
  private(set) var offset: Int64 = 0

  /// From `start` to `end` stands what was not taken; before it, as much of what was taken as
  /// `lastBytesDigest` asks for.
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  /// The line that `next` gave last, with its end; taken by `take`.
  private var lineBytes = 0
  /// How far `next` has looked for a line end.
  private var searched = 0
  /// Where in the file the buffer's `start` is: beyond `offset` when `next` has passed over
  /// something that is not taken yet. Then the digest is from before that.
  private var position: Int64 = 0
  private var digestAtOffset: String?

  init(_ path: String) throws(Failure) {
    // First: what an initializer throws away is not given to `deinit`.
    bytes = try LogBytes(path)
    buffer = .allocate(
      byteCount: MeasuringLimits.readBytes + MeasuringLimits.rereadBytes, alignment: 16)
  }

  deinit { buffer.deallocate() }

  enum Resumption {
    case same
    /// The file has less than what was read of it.
    case shorter
    case different
  }

  /// Goes on from `offset`, if what stands before it has that digest (`lastBytesDigest`).
  func resume(at offset: Int64, digest: String) throws(Failure) -> Resumption {
    let count = min(offset, Int64(MeasuringLimits.rereadBytes))
    guard try bytes.skip(to: offset - count) else { return .shorter }
    while end < Int(count) {
      guard try fill() else { return .shorter }
    }
    start = Int(count)
    position = offset
    self.offset = offset
    return lastBytesDigest == digest ? .same : .different
  }

  /// Of the first line, which stays the next; nil when there is no complete one.
  func firstLineDigest() throws(Failure) -> String? {
    switch try next() {
    case .text(let text): SHA256.hash(data: text).hex
    case .tooLong(let digest): digest.hex
    case nil: nil
    }
  }

  /// `lastBytesDigest` at the start of a file.
  static let digestOfNothing = SHA256.hash(data: [UInt8]()).hex

  /// Of the bytes right before `offset`: they tell whether the file is still the same.
  var lastBytesDigest: String {
    if let digestAtOffset { return digestAtOffset }
    let count = Int(min(offset, Int64(MeasuringLimits.rereadBytes)))
    return SHA256.hash(data: UnsafeRawBufferPointer(rebasing: buffer[start - count..<start])).hex
  }

  /// The next line, which stays the next until it is taken; nil when no complete one is left. The
  /// text is good until then.
  func next() throws(Failure) -> Line? {
    while true {
      try dropNULs()
      let looked = buffer[start + searched..<end]
      if let found = looked.firstIndex(of: 0x0a) {
        lineBytes = found + 1 - start
        searched = found - start
        guard found - start <= MeasuringLimits.maxLogLineBytes else { return tooLong }
        return .text(UnsafeRawBufferPointer(rebasing: buffer[start..<found]))
      }
      searched = end - start
      guard searched <= MeasuringLimits.maxLogLineBytes else { return try passTooLong() }
      guard try fill() else { return nil }
    }
  }

  /// Passes over the line that `next` gave.
  func take() {
    pass(lineBytes)
    offset = position
    lineBytes = 0
    searched = 0
    digestAtOffset = nil
  }

  // MARK: Parts

  private func pass(_ count: Int) {
    start += count
    position += Int64(count)
  }

  private var tooLong: Line {
    let part = buffer[start..<start + MeasuringLimits.maxLogLineBytes]
    return .tooLong(SHA256.hash(data: UnsafeRawBufferPointer(rebasing: part)))
  }

  /// Goes to the end of a line that the buffer does not hold; nil when it has none yet.
  private func passTooLong() throws(Failure) -> Line? {
    let line = tooLong
    digestAtOffset = lastBytesDigest
    while true {
      pass(end - start)
      guard try fill() else { return nil }
      if let found = buffer[start..<end].firstIndex(of: 0x0a) {
        lineBytes = found + 1 - start
        return line
      }
    }
  }

  private func dropNULs() throws(Failure) {
    guard searched == 0 else { return }
    if start == end { _ = try fill() }
    while start < end, buffer[start] == 0 {
      digestAtOffset = lastBytesDigest
      pass(1)
      if start == end { _ = try fill() }
    }
  }

  /// Reads more behind what is there; false at the end.
  private func fill() throws(Failure) -> Bool {
    if end == buffer.count {
      let kept = max(0, start - MeasuringLimits.rereadBytes)
      guard kept > 0, let bytes = buffer.baseAddress else { return false }
      memmove(bytes, bytes + kept, end - kept)
      start -= kept
      end -= kept
    }
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[end...])
    let count = try bytes.read(into: room)
    end += count
    return count > 0
  }
}

extension SHA256Digest {
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in self {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
