/// A user with access to a package. Set by the server.
package struct PackageStackUser: Message {
  package static var name: String { "packd.v1.PackageStackUser" }

  package var userID = ""
  package var createTime: Timestamp?
  package var addedBy = ""

  package init() {}

  package init(userID: String, createTime: Timestamp?, addedBy: String) {
    self.userID = userID
    self.createTime = createTime
    self.addedBy = addedBy
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): userID = try reader.string()
      case .length(2): try reader.message(into: &createTime)
      case .length(3): addedBy = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, userID)
    sink.message(2, createTime)
    sink.string(3, addedBy)
  }
}
