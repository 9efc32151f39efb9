/// Request of GetPackageDiskUsage.
package struct GetPackageDiskUsageRequest: Message {
  package static var name: String { "packd.v1.GetPackageDiskUsageRequest" }

  package var packageID = ""
  package var depth: Int32 = 0
  package var pageSize: Int32 = 0
  package var pageToken = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .varint(2): depth = try reader.int32()
      case .varint(3): pageSize = try reader.int32()
      case .length(4): pageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.int32(2, depth)
    sink.int32(3, pageSize)
    sink.string(4, pageToken)
  }
}

/// Response of GetPackageDiskUsage.
package struct GetPackageDiskUsageResponse: Message {
  package static var name: String { "packd.v1.GetPackageDiskUsageResponse" }

  package var diskUsage: PackageDiskUsage?
  package var nextPageToken = ""

  package init() {}

  package init(diskUsage: PackageDiskUsage?, nextPageToken: String = "") {
    self.diskUsage = diskUsage
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &diskUsage)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, diskUsage)
    sink.string(2, nextPageToken)
  }
}
