/// Request of ListPackages.
package struct ListPackagesRequest: Message {
  package static var name: String { "packd.v1.ListPackagesRequest" }

  package var pageSize: Int32 = 0
  package var pageToken = ""
  package var status = HostingPackageStatus.unspecified
  package var packageType = ""
  package var domainContains = ""
  package var stackUser = ""
  package var showDeleted = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): pageSize = try reader.int32()
      case .length(2): pageToken = try reader.string()
      case .varint(3): status = try reader.enumeration()
      case .length(4): packageType = try reader.string()
      case .length(5): domainContains = try reader.string()
      case .length(6): stackUser = try reader.string()
      case .varint(7): showDeleted = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, pageSize)
    sink.string(2, pageToken)
    sink.enumeration(3, status)
    sink.string(4, packageType)
    sink.string(5, domainContains)
    sink.string(6, stackUser)
    sink.bool(7, showDeleted)
  }
}

/// Response of ListPackages.
package struct ListPackagesResponse: Message {
  package static var name: String { "packd.v1.ListPackagesResponse" }

  package var hostingPackages: [HostingPackage] = []
  package var nextPageToken = ""

  package init() {}

  package init(hostingPackages: [HostingPackage], nextPageToken: String = "") {
    self.hostingPackages = hostingPackages
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &hostingPackages)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, hostingPackages)
    sink.string(2, nextPageToken)
  }
}
