/// A point in time, UTC: `seconds` since 1970 and `nanos` counting forward, 0 to 999,999,999.
package struct Timestamp: Message {
  package static var name: String { "google.protobuf.Timestamp" }

  package var seconds: Int64 = 0
  package var nanos: Int32 = 0

  package init() {}

  package init(seconds: Int64, nanos: Int32 = 0) {
    self.seconds = seconds
    self.nanos = nanos
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): seconds = try reader.int64()
      case .varint(2): nanos = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, seconds)
    sink.int32(2, nanos)
  }
}
