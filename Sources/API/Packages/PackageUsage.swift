/// What a package uses. Set by the server.
package struct PackageUsage: Message {
  package static var name: String { "packd.v1.PackageUsage" }

  package var packageID = ""
  package var diskSpaceMB: UsageFigure?
  package var bandwidthMB: UsageFigure?
  package var emailAccounts: UsageFigure?
  package var databases: UsageFigure?

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(into: &diskSpaceMB)
      case .length(3): try reader.message(into: &bandwidthMB)
      case .length(4): try reader.message(into: &emailAccounts)
      case .length(5): try reader.message(into: &databases)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.message(2, diskSpaceMB)
    sink.message(3, bandwidthMB)
    sink.message(4, emailAccounts)
    sink.message(5, databases)
  }
}

/// How much of something is used, in the unit of the field that holds it. Set by the server.
package struct UsageFigure: Message {
  package static var name: String { "packd.v1.UsageFigure" }

  package var used: Int64 = 0
  package var limit: Quota?
  package var asOf: Timestamp?

  package init() {}

  package init(used: Int64, limit: Quota?, asOf: Timestamp?) {
    self.used = used
    self.limit = limit
    self.asOf = asOf
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): used = try reader.int64()
      case .length(2): try reader.message(into: &limit)
      case .length(3): try reader.message(into: &asOf)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, used)
    sink.message(2, limit)
    sink.message(3, asOf)
  }
}
