internal import API

// The requests of grpc.testing.TestService, as Debian's grpc-proto has them in
// grpc/testing/messages.proto. Read are the fields that TestService obeys; those that are for
// other test servers (ORCA reports, load balancer routes, authenticated names) are passed over.

/// grpc.testing.SimpleRequest.
struct SimpleRequest: Message {
  static var name: String { "grpc.testing.SimpleRequest" }

  var responseType = PayloadType.compressable
  var responseSize: Int32 = 0
  var payload: Payload?
  var responseCompressed: BoolValue?
  var responseStatus: EchoStatus?
  var expectCompressed: BoolValue?

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): responseType = try reader.enumeration()
      case .varint(2): responseSize = try reader.int32()
      case .length(3): try reader.message(into: &payload)
      case .length(6): try reader.message(into: &responseCompressed)
      case .length(7): try reader.message(into: &responseStatus)
      case .length(8): try reader.message(into: &expectCompressed)
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, responseType)
    sink.int32(2, responseSize)
    sink.message(3, payload)
    sink.message(6, responseCompressed)
    sink.message(7, responseStatus)
    sink.message(8, expectCompressed)
  }
}

/// grpc.testing.StreamingInputCallRequest.
struct StreamingInputCallRequest: Message {
  static var name: String { "grpc.testing.StreamingInputCallRequest" }

  var payload: Payload?
  var expectCompressed: BoolValue?

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &payload)
      case .length(2): try reader.message(into: &expectCompressed)
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, payload)
    sink.message(2, expectCompressed)
  }
}

/// grpc.testing.StreamingOutputCallRequest.
struct StreamingOutputCallRequest: Message {
  static var name: String { "grpc.testing.StreamingOutputCallRequest" }

  var responseType = PayloadType.compressable
  var responseParameters: [ResponseParameters] = []
  var payload: Payload?
  var responseStatus: EchoStatus?

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): responseType = try reader.enumeration()
      case .length(2): try reader.message(appendingTo: &responseParameters)
      case .length(3): try reader.message(into: &payload)
      case .length(7): try reader.message(into: &responseStatus)
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, responseType)
    sink.messages(2, responseParameters)
    sink.message(3, payload)
    sink.message(7, responseStatus)
  }
}

/// grpc.testing.ResponseParameters: one response of a stream.
struct ResponseParameters: Message {
  static var name: String { "grpc.testing.ResponseParameters" }

  /// Bytes of the response's body.
  var size: Int32 = 0
  /// How long to wait before it is sent.
  var intervalMicroseconds: Int32 = 0
  var compressed: BoolValue?

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): size = try reader.int32()
      case .varint(2): intervalMicroseconds = try reader.int32()
      case .length(3): try reader.message(into: &compressed)
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, size)
    sink.int32(2, intervalMicroseconds)
    sink.message(3, compressed)
  }
}

/// grpc.testing.EchoStatus: the status that a call is to end with.
struct EchoStatus: Message {
  static var name: String { "grpc.testing.EchoStatus" }

  var code: Int32 = 0
  var message = ""

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): code = try reader.int32()
      case .length(2): message = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, code)
    sink.string(2, message)
  }
}

/// grpc.testing.BoolValue: a bool that can be absent.
struct BoolValue: Message {
  static var name: String { "grpc.testing.BoolValue" }

  var value = false

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): value = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.bool(1, value)
  }
}
