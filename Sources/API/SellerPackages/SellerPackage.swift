/// A package on sale to sellers. Each field's range, and who sets it: seller_package_service.proto.
package struct SellerPackage: Message {
  package static var name: String { "packd.v1.SellerPackage" }

  package var id: Int64 = 0
  package var name = ""
  package var description = ""
  package var price: Money?
  package var durationDays: Int32 = 0
  package var listingLimit: Quota?
  package var features: [String] = []
  package var isActive = false
  package var createTime: Timestamp?
  package var updateTime: Timestamp?
  package var etag = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): id = try reader.int64()
      case .length(2): name = try reader.string()
      case .length(3): description = try reader.string()
      case .length(4): try reader.message(into: &price)
      case .varint(5): durationDays = try reader.int32()
      case .length(6): try reader.message(into: &listingLimit)
      case .length(7): features.append(try reader.string())
      case .varint(8): isActive = try reader.bool()
      case .length(9): try reader.message(into: &createTime)
      case .length(10): try reader.message(into: &updateTime)
      case .length(11): etag = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, id)
    sink.string(2, name)
    sink.string(3, description)
    sink.message(4, price)
    sink.int32(5, durationDays)
    sink.message(6, listingLimit)
    sink.strings(7, features)
    sink.bool(8, isActive)
    sink.message(9, createTime)
    sink.message(10, updateTime)
    sink.string(11, etag)
  }
}
