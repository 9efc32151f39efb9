/// A hosting package that was sold to an account. Each field's range, and who sets it:
/// package_service.proto.
package struct HostingPackage: Message {
  package static var name: String { "packd.v1.HostingPackage" }

  package var id = ""
  package var accountID = ""
  package var name = ""
  package var domainName = ""
  package var extraDomainNames: [String] = []
  package var documentRoots = StringMap()
  package var packageType = ""
  package var planID: Int64 = 0
  package var planVersion: Int32 = 0
  package var status = HostingPackageStatus.unspecified
  package var suspensions: [Suspension] = []
  package var username = ""
  package var stackUsers: [String] = []
  package var configuration: PackageConfiguration?
  package var createTime: Timestamp?
  package var updateTime: Timestamp?
  package var deleteTime: Timestamp?
  package var purgeTime: Timestamp?
  package var etag = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): id = try reader.string()
      case .length(2): accountID = try reader.string()
      case .length(3): name = try reader.string()
      case .length(4): domainName = try reader.string()
      case .length(5): extraDomainNames.append(try reader.string())
      case .length(6): try reader.mapEntry(into: &documentRoots)
      case .length(7): packageType = try reader.string()
      case .varint(8): planID = try reader.int64()
      case .varint(9): planVersion = try reader.int32()
      case .varint(10): status = try reader.enumeration()
      case .length(11): try reader.message(appendingTo: &suspensions)
      case .length(12): username = try reader.string()
      case .length(13): stackUsers.append(try reader.string())
      case .length(14): try reader.message(into: &configuration)
      case .length(15): try reader.message(into: &createTime)
      case .length(16): try reader.message(into: &updateTime)
      case .length(17): try reader.message(into: &deleteTime)
      case .length(18): try reader.message(into: &purgeTime)
      case .length(19): etag = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, id)
    sink.string(2, accountID)
    sink.string(3, name)
    sink.string(4, domainName)
    sink.strings(5, extraDomainNames)
    sink.map(6, documentRoots)
    sink.string(7, packageType)
    sink.int64(8, planID)
    sink.int32(9, planVersion)
    sink.enumeration(10, status)
    sink.messages(11, suspensions)
    sink.string(12, username)
    sink.strings(13, stackUsers)
    sink.message(14, configuration)
    sink.message(15, createTime)
    sink.message(16, updateTime)
    sink.message(17, deleteTime)
    sink.message(18, purgeTime)
    sink.string(19, etag)
  }
}

/// A reason for which a package does not serve. Set by the server.
package struct Suspension: Message {
  package static var name: String { "packd.v1.Suspension" }

  package var kind = SuspensionKind.unspecified
  package var reason = ""
  package var createTime: Timestamp?
  package var suspendedBy = ""

  package init() {}

  package init(kind: SuspensionKind, reason: String, createTime: Timestamp?, suspendedBy: String) {
    self.kind = kind
    self.reason = reason
    self.createTime = createTime
    self.suspendedBy = suspendedBy
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): kind = try reader.enumeration()
      case .length(2): reason = try reader.string()
      case .length(3): try reader.message(into: &createTime)
      case .length(4): suspendedBy = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, kind)
    sink.string(2, reason)
    sink.message(3, createTime)
    sink.string(4, suspendedBy)
  }
}
