internal import CZlib
internal import Glibc
internal import Synchronization

/// Messages in gzip's format (RFC 1952), by zlib, which is called here and nowhere else.
///
/// Each message is inflated or deflated in one go, so a stream of zlib's is in use for no longer
/// than that and goes back to its pool: there are never more than there are threads. Of what was
/// inflated a stream keeps nothing.
enum Gzip {
  enum Failure: Error, Equatable {
    /// More than the limit comes out, or there is no memory for the work.
    case tooLarge
    /// Not gzip, damaged, cut off, or followed by something else.
    case malformed
  }

  /// What is compressed in `bytes`: one member or several (RFC 1952, section 2.2).
  ///
  /// The size that a member states at its end is compared by zlib, and believed by nobody: the
  /// result grows with what comes out, and the work stops when that passes `maxBytes`.
  ///
  /// - Parameter afterPiece: called after each piece of the work.
  static func inflated(
    _ bytes: UnsafeRawBufferPointer, maxBytes: Int, afterPiece: () -> Void = {}
  ) throws(Failure) -> [UInt8] {
    guard let inflater = inflaters.withLock({ $0.popLast() }) ?? Inflater() else {
      throw .tooLarge
    }
    defer { if !inflater.hasWindow { inflaters.withLock { $0.append(inflater) } } }
    return try inflater.inflate(bytes, maxBytes: maxBytes, afterPiece: afterPiece)
  }

  /// `bytes` as one member, or nil when that would not be smaller.
  static func deflated(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard bytes.count > minMemberBytes,
      let deflater = deflaters.withLock({ $0.popLast() }) ?? Deflater()
    else { return nil }
    defer { deflaters.withLock { $0.append(deflater) } }
    return deflater.deflate(bytes)
  }

  /// A header of 10 bytes, an empty block of 2, and a trailer of 8.
  private static let minMemberBytes = 20
  private static let inflaters = Mutex<[Inflater]>([])
  private static let deflaters = Mutex<[Deflater]>([])
}

/// The largest window that deflate knows, and 16 for gzip's format (zlib.h, `inflateInit2`).
private let gzipWindowBits: Int32 = MAX_WBITS + 16

/// 40 KiB. For messages of more than one piece zlib makes a window of as much, where the last of
/// what came out stays: such an inflater is not used again, and its memory wiped.
///
/// Unchecked: whoever took it out of the pool has it alone.
private final class Inflater: @unchecked Sendable {
  private static let pieceBytes = 32 * 1024

  /// zlib keeps a pointer to it, so that it has to stay where it is.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let piece = UnsafeMutableRawBufferPointer.allocate(
    byteCount: Inflater.pieceBytes, alignment: 16)
  private(set) var hasWindow = false

  init?() {
    stream.initialize(to: z_stream())
    stream.pointee.zalloc = { _, items, size in calloc(Int(items), Int(size)) }
    stream.pointee.zfree = { _, memory in packd_zlib_free(memory) }
    let size = Int32(MemoryLayout<z_stream>.size)
    guard inflateInit2_(stream, gzipWindowBits, ZLIB_VERSION, size) == Z_OK else { return nil }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    piece.deallocate()
  }

  func inflate(
    _ bytes: UnsafeRawBufferPointer, maxBytes: Int, afterPiece: () -> Void
  ) throws(Gzip.Failure) -> [UInt8] {
    guard let input = UInt32(exactly: bytes.count) else { throw .tooLarge }
    stream.pointee.setInput(bytes, count: input)
    defer { stream.pointee.setInput(.init(start: nil, count: 0), count: 0) }
    var result: [UInt8] = []
    do throws(Gzip.Failure) {
      repeat {
        guard inflateReset(stream) == Z_OK else { throw .malformed }
        try inflateMember(into: &result, maxBytes: maxBytes, afterPiece: afterPiece)
      } while stream.pointee.avail_in > 0
    } catch {
      result.wipe()
      throw error
    }
    return result
  }

  private func inflateMember(
    into result: inout [UInt8], maxBytes: Int, afterPiece: () -> Void
  ) throws(Gzip.Failure) {
    while true {
      stream.pointee.next_out = piece.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(piece.count)
      let code = CZlib.inflate(stream, Z_FINISH)
      // It keeps a window of what it has written, unless it came to the end at once.
      if code != Z_STREAM_END { hasWindow = true }
      let count = piece.count - Int(stream.pointee.avail_out)
      let written = UnsafeMutableRawBufferPointer(rebasing: piece[..<count])
      defer { if let start = written.baseAddress { explicit_bzero(start, count) } }
      guard count <= maxBytes - result.count else { throw .tooLarge }
      result.appendWiping(UnsafeRawBufferPointer(written))
      afterPiece()
      switch code {
      case Z_STREAM_END: return
      case Z_MEM_ERROR: throw .tooLarge
      // With Z_FINISH it tells that the end was not reached: for want of room, or of input.
      case Z_OK, Z_BUF_ERROR:
        guard stream.pointee.avail_out == 0 else { throw .malformed }
      default: throw .malformed
      }
    }
  }
}

/// 260 KiB, which take longer to get and clear than a small message takes to deflate.
///
/// Unchecked: whoever took it out of the pool has it alone.
private final class Deflater: @unchecked Sendable {
  /// Six times as fast as zlib's default (6) on lists of plans, for a quarter more bytes.
  private static let level: Int32 = 1
  /// zlib's default: with less memory large messages take longer, and small ones hardly less.
  private static let memoryLevel: Int32 = 8

  /// zlib keeps a pointer to it, so that it has to stay where it is.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

  init?() {
    stream.initialize(to: z_stream())
    let code = deflateInit2_(
      stream, Self.level, Z_DEFLATED, gzipWindowBits, Self.memoryLevel, Z_DEFAULT_STRATEGY,
      ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { return nil }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Has room for one byte less than `bytes`: what does not fit is not smaller.
  func deflate(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
    guard let input = UInt32(exactly: bytes.count), deflateReset(stream) == Z_OK else {
      return nil
    }
    stream.pointee.setInput(bytes, count: input)
    defer { stream.pointee.setInput(.init(start: nil, count: 0), count: 0) }
    var isSmaller = false
    let result = [UInt8](unsafeUninitializedCapacity: bytes.count - 1) { buffer, count in
      stream.pointee.next_out = buffer.baseAddress
      stream.pointee.avail_out = input - 1
      isSmaller = CZlib.deflate(stream, Z_FINISH) == Z_STREAM_END
      count = isSmaller ? Int(input - 1 - stream.pointee.avail_out) : 0
      stream.pointee.next_out = nil
    }
    return isSmaller ? result : nil
  }
}

extension z_stream {
  /// zlib only reads its input, although it does not say so everywhere.
  fileprivate mutating func setInput(_ bytes: UnsafeRawBufferPointer, count: UInt32) {
    next_in = UnsafeMutablePointer(
      mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self))
    avail_in = count
  }
}
