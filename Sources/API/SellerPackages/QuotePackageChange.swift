/// Request of QuotePackageChange.
package struct QuotePackageChangeRequest: Message {
  package static var name: String { "packd.v1.QuotePackageChangeRequest" }

  package var packageID: Int64 = 0

  package init() {}

  package init(packageID: Int64) {
    self.packageID = packageID
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): packageID = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, packageID)
  }
}

/// Response of QuotePackageChange.
package struct QuotePackageChangeResponse: Message {
  package static var name: String { "packd.v1.QuotePackageChangeResponse" }

  package var quote: PackageChangeQuote?

  package init() {}

  package init(quote: PackageChangeQuote?) {
    self.quote = quote
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &quote)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, quote)
  }
}
