/// What `grpc-status-details-bin` carries: the status with its details.
package struct RPCStatus: Message {
  package static var name: String { "google.rpc.Status" }

  /// As in `grpc-status`.
  package var code: Int32 = 0
  /// As in `grpc-message`.
  package var message = ""
  /// One of each fitting type of this folder.
  package var details: [AnyMessage] = []

  package init() {}

  package init(code: Int32, message: String, details: [AnyMessage] = []) {
    self.code = code
    self.message = message
    self.details = details
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): code = try reader.int32()
      case .length(2): message = try reader.string()
      case .length(3): try reader.message(appendingTo: &details)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, code)
    sink.string(2, message)
    sink.messages(3, details)
  }
}
