/// A message of any type: its bytes beside the name of its type.
package struct AnyMessage: Message {
  package static var name: String { "google.protobuf.Any" }

  /// "type.googleapis.com/" and the full name of the type.
  package var typeURL = ""
  package var value: [UInt8] = []

  package init() {}

  package init<M: Message>(packing message: M) {
    typeURL = "type.googleapis.com/" + M.name
    value = message.encoded()
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): typeURL = try reader.string()
      case .length(2): value = try reader.bytes()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, typeURL)
    sink.bytes(2, value)
  }
}
