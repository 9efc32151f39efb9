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

  /// Bytes that the message takes on the wire.
  var encodedSize: Int { get }

  /// Writes the message, which takes `encodedSize` bytes.
  func encode(into writer: inout WireWriter)
}

extension Message {
  package var encodedSize: Int {
    var sizer = WireSizer()
    write(to: &sizer)
    return sizer.bytes
  }

  package func encode(into writer: inout WireWriter) {
    write(to: &writer)
  }

  /// The message in `bytes`, all of them.
  @inlinable
  package init(decoding bytes: UnsafeRawBufferPointer) throws(DecodingError) {
    self.init()
    var reader = WireReader(bytes)
    do throws(DecodingError) {
      try merge(from: &reader)
    } catch {
      throw error.named(Self.name)
    }
  }

  /// The message in `bytes`, all of them.
  @inlinable
  package init(decoding bytes: [UInt8]) throws(DecodingError) {
    self = try bytes.span.withUnsafeBytes { buffer throws(DecodingError) in
      try Self(decoding: buffer)
    }
  }

  /// Writes the message into a buffer of exactly `encodedSize` bytes.
  @inlinable
  package func encode(to buffer: UnsafeMutableRawBufferPointer) {
    var writer = WireWriter(buffer)
    encode(into: &writer)
    precondition(writer.isFull, "a message wrote less than its encodedSize")
  }

  /// The message's bytes.
  @inlinable
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
