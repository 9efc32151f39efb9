/// Request of GetPackageBandwidthUsage.
package struct GetPackageBandwidthUsageRequest: Message {
  package static var name: String { "packd.v1.GetPackageBandwidthUsageRequest" }

  package var packageID = ""
  package var startTime: Timestamp?
  package var endTime: Timestamp?
  package var interval = BandwidthInterval.unspecified
  package var pageSize: Int32 = 0
  package var pageToken = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(into: &startTime)
      case .length(3): try reader.message(into: &endTime)
      case .varint(4): interval = try reader.enumeration()
      case .varint(5): pageSize = try reader.int32()
      case .length(6): pageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.message(2, startTime)
    sink.message(3, endTime)
    sink.enumeration(4, interval)
    sink.int32(5, pageSize)
    sink.string(6, pageToken)
  }
}

/// Response of GetPackageBandwidthUsage.
package struct GetPackageBandwidthUsageResponse: Message {
  package static var name: String { "packd.v1.GetPackageBandwidthUsageResponse" }

  package var bandwidthUsage: PackageBandwidthUsage?
  package var nextPageToken = ""

  package init() {}

  package init(bandwidthUsage: PackageBandwidthUsage?, nextPageToken: String = "") {
    self.bandwidthUsage = bandwidthUsage
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &bandwidthUsage)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, bandwidthUsage)
    sink.string(2, nextPageToken)
  }
}
