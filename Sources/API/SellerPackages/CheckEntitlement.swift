/// Request of CheckEntitlement.
package struct CheckEntitlementRequest: Message {
  package static var name: String { "packd.v1.CheckEntitlementRequest" }

  package var userID = ""
  package var feature = ""

  package init() {}

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): userID = try reader.string()
      case .length(2): feature = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, userID)
    sink.string(2, feature)
  }
}

/// Response of CheckEntitlement.
package struct CheckEntitlementResponse: Message {
  package static var name: String { "packd.v1.CheckEntitlementResponse" }

  package var isEntitled = false
  package var entitlement: Entitlement?

  package init() {}

  package init(isEntitled: Bool, entitlement: Entitlement?) {
    self.isEntitled = isEntitled
    self.entitlement = entitlement
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): isEntitled = try reader.bool()
      case .length(2): try reader.message(into: &entitlement)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.bool(1, isEntitled)
    sink.message(2, entitlement)
  }
}
