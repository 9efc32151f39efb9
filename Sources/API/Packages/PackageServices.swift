/// The services of a package. Set by the server.
package struct PackageServices: Message {
  package static var name: String { "packd.v1.PackageServices" }

  package var packageID = ""
  package var email: PackageServiceUse?
  package var databases: PackageServiceUse?
  package var ssl: PackageServiceUse?
  package var backups: PackageServiceUse?
  package var ftp: PackageServiceUse?
  package var stackUsers: PackageServiceUse?

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(into: &email)
      case .length(3): try reader.message(into: &databases)
      case .length(4): try reader.message(into: &ssl)
      case .length(5): try reader.message(into: &backups)
      case .length(6): try reader.message(into: &ftp)
      case .length(7): try reader.message(into: &stackUsers)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.message(2, email)
    sink.message(3, databases)
    sink.message(4, ssl)
    sink.message(5, backups)
    sink.message(6, ftp)
    sink.message(7, stackUsers)
  }
}

/// A service of a package. Set by the server.
package struct PackageServiceUse: Message {
  package static var name: String { "packd.v1.PackageServiceUse" }

  package var enabled = false
  package var used: Int64 = 0
  package var limit: Quota?

  package init() {}

  package init(enabled: Bool, used: Int64, limit: Quota?) {
    self.enabled = enabled
    self.used = used
    self.limit = limit
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): enabled = try reader.bool()
      case .varint(2): used = try reader.int64()
      case .length(3): try reader.message(into: &limit)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.bool(1, enabled)
    sink.int64(2, used)
    sink.message(3, limit)
  }
}
