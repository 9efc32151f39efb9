/// Request of VerifyCredentials.
package struct VerifyCredentialsRequest: Message {
  package static var name: String { "packd.v1.VerifyCredentialsRequest" }

  package var username = ""
  package var password = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): username = try reader.string()
      case .length(2): password = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, username)
    sink.string(2, password)
  }
}

/// Response of VerifyCredentials.
package struct VerifyCredentialsResponse: Message {
  package static var name: String { "packd.v1.VerifyCredentialsResponse" }

  package var verdict = CredentialsVerdict.unspecified
  package var packageID = ""

  package init() {}

  package init(verdict: CredentialsVerdict, packageID: String) {
    self.verdict = verdict
    self.packageID = packageID
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): verdict = try reader.enumeration()
      case .length(2): packageID = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, verdict)
    sink.string(2, packageID)
  }
}
