/// Something that is attached to a package. Each field's range, and who sets it:
/// package_service.proto.
package struct PackageResource: Message {
  package static var name: String { "packd.v1.PackageResource" }

  package var id = ""
  package var packageID = ""
  package var kind = ResourceKind.unspecified
  package var name = ""
  package var createTime: Timestamp?
  package var etag = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      case .length(2): packageID = try reader.string()
      case .varint(3): kind = try reader.enumeration()
      case .length(4): name = try reader.string()
      case .length(5): try reader.message(into: &createTime)
      case .length(6): etag = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
    sink.string(2, packageID)
    sink.enumeration(3, kind)
    sink.string(4, name)
    sink.message(5, createTime)
    sink.string(6, etag)
  }
}
