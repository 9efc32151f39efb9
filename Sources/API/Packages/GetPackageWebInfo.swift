/// Request of GetPackageWebInfo.
package struct GetPackageWebInfoRequest: Message {
  package static var name: String { "packd.v1.GetPackageWebInfoRequest" }

  package var packageID = ""

  package init() {}

  package init(packageID: String) {
    self.packageID = packageID
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
  }
}

/// Response of GetPackageWebInfo.
package struct GetPackageWebInfoResponse: Message {
  package static var name: String { "packd.v1.GetPackageWebInfoResponse" }

  package var webInfo: PackageWebInfo?

  package init() {}

  package init(webInfo: PackageWebInfo?) {
    self.webInfo = webInfo
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &webInfo)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, webInfo)
  }
}
