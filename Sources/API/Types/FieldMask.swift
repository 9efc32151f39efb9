/// Which fields an update writes.
package struct FieldMask: Message {
  package static var name: String { "google.protobuf.FieldMask" }

  /// Names as in the proto file: "disk_space_mb".
  package var paths: [String] = []

  package init() {}

  package init(paths: [String]) {
    self.paths = paths
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): paths.append(try reader.string())
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.strings(1, paths)
  }
}
