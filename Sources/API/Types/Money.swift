/// An amount of money: `units` plus `nanos` billionths, both of one sign.
package struct Money: Message {
  package static var name: String { "packd.v1.Money" }

  /// ISO 4217, for example "USD".
  package var currencyCode = ""
  package var units: Int64 = 0
  package var nanos: Int32 = 0

  package init() {}

  package init(currencyCode: String, units: Int64, nanos: Int32 = 0) {
    self.currencyCode = currencyCode
    self.units = units
    self.nanos = nanos
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): currencyCode = try reader.string()
      case .varint(2): units = try reader.int64()
      case .varint(3): nanos = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, currencyCode)
    sink.int64(2, units)
    sink.int32(3, nanos)
  }
}
