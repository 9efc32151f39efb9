/// Disk use of a package. Set by the server.
package struct PackageDiskUsage: Message {
  package static var name: String { "packd.v1.PackageDiskUsage" }

  package var packageID = ""
  package var scanTime: Timestamp?
  package var totalBytes: Int64 = 0
  package var totalFiles: Int64 = 0
  package var directories: [DirectoryUsage] = []
  package var fileTypes: [FileTypeUsage] = []

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): try reader.message(into: &scanTime)
      case .varint(3): totalBytes = try reader.int64()
      case .varint(4): totalFiles = try reader.int64()
      case .length(5): try reader.message(appendingTo: &directories)
      case .length(6): try reader.message(appendingTo: &fileTypes)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.message(2, scanTime)
    sink.int64(3, totalBytes)
    sink.int64(4, totalFiles)
    sink.messages(5, directories)
    sink.messages(6, fileTypes)
  }
}

/// Files of a directory. In a scan set by the client: the files right in that directory. In an
/// answer set by the server: with those of all directories below.
package struct DirectoryUsage: Message {
  package static var name: String { "packd.v1.DirectoryUsage" }

  package var path = ""
  package var bytes: Int64 = 0
  package var files: Int64 = 0

  package init() {}

  package init(path: String, bytes: Int64, files: Int64) {
    self.path = path
    self.bytes = bytes
    self.files = files
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): path = try reader.string()
      case .varint(2): bytes = try reader.int64()
      case .varint(3): files = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, path)
    sink.int64(2, bytes)
    sink.int64(3, files)
  }
}

/// Files of one type. Set by the client in a scan, by the server in an answer.
package struct FileTypeUsage: Message {
  package static var name: String { "packd.v1.FileTypeUsage" }

  package var fileType = ""
  package var bytes: Int64 = 0
  package var files: Int64 = 0

  package init() {}

  package init(fileType: String, bytes: Int64, files: Int64) {
    self.fileType = fileType
    self.bytes = bytes
    self.files = files
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): fileType = try reader.string()
      case .varint(2): bytes = try reader.int64()
      case .varint(3): files = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, fileType)
    sink.int64(2, bytes)
    sink.int64(3, files)
  }
}
