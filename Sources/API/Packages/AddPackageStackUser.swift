/// Request of AddPackageStackUser.
package struct AddPackageStackUserRequest: Message {
  package static var name: String { "packd.v1.AddPackageStackUserRequest" }

  package var packageID = ""
  package var userID = ""
  package var requestID = ""
  package var validateOnly = false

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): packageID = try reader.string()
      case .length(2): userID = try reader.string()
      case .length(3): requestID = try reader.string()
      case .varint(4): validateOnly = try reader.bool()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, packageID)
    sink.string(2, userID)
    sink.string(3, requestID)
    sink.bool(4, validateOnly)
  }
}

/// Response of AddPackageStackUser.
package struct AddPackageStackUserResponse: Message {
  package static var name: String { "packd.v1.AddPackageStackUserResponse" }

  package var stackUser: PackageStackUser?

  package init() {}

  package init(stackUser: PackageStackUser?) {
    self.stackUser = stackUser
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &stackUser)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, stackUser)
  }
}
