/// Bandwidth of a package in a span of time. Set by the server.
package struct PackageBandwidthUsage: Message {
  package static var name: String { "packd.v1.PackageBandwidthUsage" }

  package var packageID = ""
  package var buckets: [BandwidthBucket] = []
  package var total: BandwidthBucket?

  package init() {}

  package init(packageID: String, buckets: [BandwidthBucket], total: BandwidthBucket?) {
    self.packageID = packageID
    self.buckets = buckets
    self.total = total
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(appendingTo: &buckets)
      case .length(3): try reader.message(into: &total)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.messages(2, buckets)
    sink.message(3, total)
  }
}

/// Bandwidth from one point in time on. Set by the server.
package struct BandwidthBucket: Message {
  package static var name: String { "packd.v1.BandwidthBucket" }

  package var startTime: Timestamp?
  package var inBytes: Int64 = 0
  package var outBytes: Int64 = 0
  package var requests: Int64 = 0

  package init() {}

  package init(startTime: Timestamp?, inBytes: Int64, outBytes: Int64, requests: Int64) {
    self.startTime = startTime
    self.inBytes = inBytes
    self.outBytes = outBytes
    self.requests = requests
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &startTime)
      case .varint(2): inBytes = try reader.int64()
      case .varint(3): outBytes = try reader.int64()
      case .varint(4): requests = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, startTime)
    sink.int64(2, inBytes)
    sink.int64(3, outBytes)
    sink.int64(4, requests)
  }
}
