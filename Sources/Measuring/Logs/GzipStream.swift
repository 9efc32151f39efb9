internal import CZlib

/// What is compressed in a gzip file (RFC 1952), of one member or several, piece by piece, by
/// zlib, which is called here and nowhere else in this room.
struct GzipStream: ~Copyable {
  /// zlib keeps a pointer to it, so that it has to stay where it is.
  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  /// What was given to zlib; it takes from here.
  private let input = UnsafeMutableRawBufferPointer.allocate(
    byteCount: MeasuringLimits.readBytes, alignment: 16)
  private var isInMember = false

  /// Nil when there is no memory for it.
  init?() {
    stream.initialize(to: z_stream())
    // The largest window that deflate knows, and 16 for gzip's format (zlib.h, inflateInit2).
    let code = inflateInit2_(
      stream, MAX_WBITS + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else {
      stream.deallocate()
      input.deallocate()
      return nil
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    input.deallocate()
  }

  enum Piece: Equatable {
    case bytes(Int)
    /// The end, where one may be.
    case end
    /// Not gzip, damaged, or cut off.
    case damaged
  }

  /// Fills some of `output` with what comes next; `read` fills a buffer from the file, with 0
  /// bytes at its end.
  mutating func next(
    into output: UnsafeMutableRawBufferPointer,
    read: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) -> Piece {
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(clamping: output.count)
    let room = stream.pointee.avail_out
    while stream.pointee.avail_out == room {
      if stream.pointee.avail_in == 0 {
        let count = try read(input)
        guard count > 0 else { return isInMember ? .damaged : .end }
        stream.pointee.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_in = UInt32(clamping: count)
      }
      if !isInMember {
        guard inflateReset(stream) == Z_OK else { return .damaged }
        isInMember = true
      }
      switch inflate(stream, Z_NO_FLUSH) {
      case Z_OK, Z_BUF_ERROR: break
      case Z_STREAM_END: isInMember = false
      default: return .damaged
      }
    }
    return .bytes(Int(room - stream.pointee.avail_out))
  }
}
