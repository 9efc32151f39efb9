/// Request of WatchPackages.
package struct WatchPackagesRequest: Message {
  package static var name: String { "packd.v1.WatchPackagesRequest" }

  package var resumeToken = ""
  package var packageID = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): resumeToken = try reader.string()
      case .length(2): packageID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, resumeToken)
    sink.string(2, packageID)
  }
}

/// Response of WatchPackages. The first one comes at once and holds only a token: a client that
/// lists the packages after it and then applies the changes misses none.
package struct WatchPackagesResponse: Message {
  package static var name: String { "packd.v1.WatchPackagesResponse" }

  package var change: PackageChange?
  package var resumeToken = ""

  package init() {}

  package init(change: PackageChange?, resumeToken: String) {
    self.change = change
    self.resumeToken = resumeToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &change)
      case .length(2): resumeToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, change)
    sink.string(2, resumeToken)
  }
}
