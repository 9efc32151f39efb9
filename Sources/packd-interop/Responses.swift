internal import API

// The responses of grpc.testing.TestService, as Debian's grpc-proto has them in
// grpc/testing/messages.proto and empty.proto. TestService fills none of SimpleResponse's fields
// but the payload.

/// grpc.testing.Empty.
struct Empty: Message {
  static var name: String { "grpc.testing.Empty" }

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() { try reader.skip(tag) }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {}
}

/// grpc.testing.PayloadType; only the first has a name in today's proto.
struct PayloadType: OpenEnum {
  static let compressable = PayloadType(rawValue: 0)

  var rawValue: Int32
}

/// grpc.testing.Payload.
struct Payload: Message {
  static var name: String { "grpc.testing.Payload" }

  var type = PayloadType.compressable
  var body: [UInt8] = []

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): type = try reader.enumeration()
      case .length(2): body = try reader.bytes()
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, type)
    sink.bytes(2, body)
  }
}

/// grpc.testing.SimpleResponse.
struct SimpleResponse: Message {
  static var name: String { "grpc.testing.SimpleResponse" }

  var payload: Payload?

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &payload)
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, payload)
  }
}

/// grpc.testing.StreamingInputCallResponse.
struct StreamingInputCallResponse: Message {
  static var name: String { "grpc.testing.StreamingInputCallResponse" }

  /// Bytes of all the requests' bodies.
  var aggregatedPayloadSize: Int32 = 0

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): aggregatedPayloadSize = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, aggregatedPayloadSize)
  }
}

/// grpc.testing.StreamingOutputCallResponse.
struct StreamingOutputCallResponse: Message {
  static var name: String { "grpc.testing.StreamingOutputCallResponse" }

  var payload: Payload?

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &payload)
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, payload)
  }
}
