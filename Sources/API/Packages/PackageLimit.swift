/// One limit of a package. Set by the server.
package struct PackageLimit: Message {
  package static var name: String { "packd.v1.PackageLimit" }

  package var kind = LimitKind.unspecified
  package var unit = LimitUnit.unspecified
  package var limit: Quota?
  package var used: Int64 = 0
  package var planID: Int64 = 0
  package var planVersion: Int32 = 0

  package init() {}

  package init(
    kind: LimitKind, unit: LimitUnit, limit: Quota?, used: Int64, planID: Int64, planVersion: Int32
  ) {
    self.kind = kind
    self.unit = unit
    self.limit = limit
    self.used = used
    self.planID = planID
    self.planVersion = planVersion
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): kind = try reader.enumeration()
      case .varint(2): unit = try reader.enumeration()
      case .length(3): try reader.message(into: &limit)
      case .varint(4): used = try reader.int64()
      case .varint(5): planID = try reader.int64()
      case .varint(6): planVersion = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, kind)
    sink.enumeration(2, unit)
    sink.message(3, limit)
    sink.int64(4, used)
    sink.int64(5, planID)
    sink.int32(6, planVersion)
  }
}
