/// What a web server needs to know of a package. Set by the server.
package struct PackageWebInfo: Message {
  package static var name: String { "packd.v1.PackageWebInfo" }

  package var packageID = ""
  package var domains: [WebDomain] = []
  package var phpVersion = ""
  package var phpMemoryLimitMB: Int32 = 0
  package var phpMaxExecutionTimeS: Int32 = 0
  package var phpUploadMaxMB: Int32 = 0
  package var sslEnabled = false
  package var forceHTTPS = false
  package var http2Enabled = false
  package var servingDisabled = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(appendingTo: &domains)
      case .length(3): phpVersion = try reader.string()
      case .varint(4): phpMemoryLimitMB = try reader.int32()
      case .varint(5): phpMaxExecutionTimeS = try reader.int32()
      case .varint(6): phpUploadMaxMB = try reader.int32()
      case .varint(7): sslEnabled = try reader.bool()
      case .varint(8): forceHTTPS = try reader.bool()
      case .varint(9): http2Enabled = try reader.bool()
      case .varint(10): servingDisabled = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.messages(2, domains)
    sink.string(3, phpVersion)
    sink.int32(4, phpMemoryLimitMB)
    sink.int32(5, phpMaxExecutionTimeS)
    sink.int32(6, phpUploadMaxMB)
    sink.bool(7, sslEnabled)
    sink.bool(8, forceHTTPS)
    sink.bool(9, http2Enabled)
    sink.bool(10, servingDisabled)
  }
}

/// A domain and where it is served from. Set by the server.
package struct WebDomain: Message {
  package static var name: String { "packd.v1.WebDomain" }

  package var domainName = ""
  package var documentRoot = ""

  package init() {}

  package init(domainName: String, documentRoot: String) {
    self.domainName = domainName
    self.documentRoot = documentRoot
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): domainName = try reader.string()
      case .length(2): documentRoot = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, domainName)
    sink.string(2, documentRoot)
  }
}
