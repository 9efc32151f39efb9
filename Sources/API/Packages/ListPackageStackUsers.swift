/// Request of ListPackageStackUsers.
package struct ListPackageStackUsersRequest: Message {
  package static var name: String { "packd.v1.ListPackageStackUsersRequest" }

  package var packageID = ""
  package var pageSize: Int32 = 0
  package var pageToken = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .varint(2): pageSize = try reader.int32()
      case .length(3): pageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.int32(2, pageSize)
    sink.string(3, pageToken)
  }
}

/// Response of ListPackageStackUsers.
package struct ListPackageStackUsersResponse: Message {
  package static var name: String { "packd.v1.ListPackageStackUsersResponse" }

  package var stackUsers: [PackageStackUser] = []
  package var nextPageToken = ""

  package init() {}

  package init(stackUsers: [PackageStackUser], nextPageToken: String = "") {
    self.stackUsers = stackUsers
    self.nextPageToken = nextPageToken
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &stackUsers)
      case .length(2): nextPageToken = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, stackUsers)
    sink.string(2, nextPageToken)
  }
}
