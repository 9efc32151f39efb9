/// A hosting plan on sale, at one of its versions. Each field's range, and who sets it:
/// catalogue_service.proto.
package struct Plan: Message {
  package static var name: String { "packd.v1.Plan" }

  package var id: Int64 = 0
  package var code = ""
  package var name = ""
  package var description = ""
  package var kind = PlanKind.unspecified
  package var diskSpaceMB: Quota?
  package var bandwidthMB: Quota?
  package var emailAccounts: Quota?
  package var databases: Quota?
  package var price: Money?
  package var setupFee: Money?
  package var features: [String] = []
  package var isActive = false
  package var version: Int32 = 0
  package var createTime: Timestamp?
  package var updateTime: Timestamp?
  package var etag = ""
  package var diskSpaceOveruse = OveruseAction.unspecified
  package var bandwidthOveruse = OveruseAction.unspecified

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): id = try reader.int64()
      case .length(2): code = try reader.string()
      case .length(3): name = try reader.string()
      case .length(4): description = try reader.string()
      case .varint(5): kind = try reader.enumeration()
      case .length(6): try reader.message(into: &diskSpaceMB)
      case .length(7): try reader.message(into: &bandwidthMB)
      case .length(8): try reader.message(into: &emailAccounts)
      case .length(9): try reader.message(into: &databases)
      case .length(10): try reader.message(into: &price)
      case .length(11): try reader.message(into: &setupFee)
      case .length(12): features.append(try reader.string())
      case .varint(13): isActive = try reader.bool()
      case .varint(14): version = try reader.int32()
      case .length(15): try reader.message(into: &createTime)
      case .length(16): try reader.message(into: &updateTime)
      case .length(17): etag = try reader.string()
      case .varint(18): diskSpaceOveruse = try reader.enumeration()
      case .varint(19): bandwidthOveruse = try reader.enumeration()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, id)
    sink.string(2, code)
    sink.string(3, name)
    sink.string(4, description)
    sink.enumeration(5, kind)
    sink.message(6, diskSpaceMB)
    sink.message(7, bandwidthMB)
    sink.message(8, emailAccounts)
    sink.message(9, databases)
    sink.message(10, price)
    sink.message(11, setupFee)
    sink.strings(12, features)
    sink.bool(13, isActive)
    sink.int32(14, version)
    sink.message(15, createTime)
    sink.message(16, updateTime)
    sink.string(17, etag)
    sink.enumeration(18, diskSpaceOveruse)
    sink.enumeration(19, bandwidthOveruse)
  }
}
