/// How a package is configured. Each field's range, and who sets it: package_service.proto.
package struct PackageConfiguration: Message {
  package static var name: String { "packd.v1.PackageConfiguration" }

  package var phpVersion = ""
  package var phpMemoryLimitMB: Int32 = 0
  package var phpMaxExecutionTimeS: Int32 = 0
  package var phpUploadMaxMB: Int32 = 0
  package var sslEnabled = false
  package var forceHTTPS = false
  package var backupEnabled = false
  package var http2Enabled = false
  package var custom = StringMap()
  package var updateTime: Timestamp?
  package var etag = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): phpVersion = try reader.string()
      case .varint(2): phpMemoryLimitMB = try reader.int32()
      case .varint(3): phpMaxExecutionTimeS = try reader.int32()
      case .varint(4): phpUploadMaxMB = try reader.int32()
      case .varint(5): sslEnabled = try reader.bool()
      case .varint(6): forceHTTPS = try reader.bool()
      case .varint(7): backupEnabled = try reader.bool()
      case .varint(8): http2Enabled = try reader.bool()
      case .length(9): try reader.mapEntry(into: &custom)
      case .length(10): try reader.message(into: &updateTime)
      case .length(11): etag = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, phpVersion)
    sink.int32(2, phpMemoryLimitMB)
    sink.int32(3, phpMaxExecutionTimeS)
    sink.int32(4, phpUploadMaxMB)
    sink.bool(5, sslEnabled)
    sink.bool(6, forceHTTPS)
    sink.bool(7, backupEnabled)
    sink.bool(8, http2Enabled)
    sink.map(9, custom)
    sink.message(10, updateTime)
    sink.string(11, etag)
  }
}
