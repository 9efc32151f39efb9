/// A protobuf message. A codec is two lists: `write` names every field once, in the order of
/// their numbers, and serves both sizing and writing; `merge` takes each field from the wire.
/// Equality is Swift's: strings that are canonically equivalent are equal, whatever their bytes.
package protocol Message: Sendable, Equatable {
  /// The full name of the type: "packd.v1.Plan".
  static var name: String { get }

  /// The message with every field at its default.
  init()

  /// Reads fields to the reader's end over what is there: the last value of a scalar wins,
  /// submessages merge, repeated fields grow.
  mutating func merge(from reader: inout WireReader) throws(DecodingError)

  /// Gives every field to the sink, in the order of their numbers.
  func write<Sink: WireSink>(to sink: inout Sink)

  /// `encodedSize` and `encode(to:)` as requirements, for `write` to be specialised where the
  /// message is declared: a generic `package` function is not, when another module calls it.
  var wireSize: Int { get }
  func put(into writer: inout WireWriter)
}

extension Message {
  package var wireSize: Int {
    var sizer = WireSizer()
    write(to: &sizer)
    return sizer.bytes
  }

  package func put(into writer: inout WireWriter) {
    write(to: &writer)
  }

  /// Bytes that the message takes on the wire.
  package var encodedSize: Int { wireSize }

  /// The message in `bytes`, all of them.
  package init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    self.init()
    try merge(decoding: bytes)
  }

  private mutating func merge(decoding bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    var reader = WireReader(bytes)
    do throws(DecodingError) {
      try merge(from: &reader)
    } catch {
      throw error.named(Self.name)
    }
  }

  /// The message in `bytes`, all of them.
  package init(decoding bytes: [UInt8]) throws(DecodingError) {
    self.init()
    try bytes.span.withUnsafeBytes { buffer throws(DecodingError) in
      try merge(decoding: buffer)
    }
  }

  /// Writes the message into a buffer of exactly `encodedSize` bytes.
  package func encode(to buffer: UnsafeMutableRawBufferPointer) {
    var writer = WireWriter(buffer)
    put(into: &writer)
    precondition(writer.isFull, "a message wrote less than its encodedSize")
  }

  /// The message's bytes.
  package func encoded() -> [UInt8] {
    let size = encodedSize
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      encode(to: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
      count = size
    }
  }
}

/// A proto3 enum: open, so that a number without a name stays what it is.
package protocol OpenEnum: RawRepresentable, Hashable, Sendable where RawValue == Int32 {
  init(rawValue: Int32)
}
