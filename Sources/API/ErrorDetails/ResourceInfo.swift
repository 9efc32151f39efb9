/// The resource that a call failed on.
package struct ResourceInfo: Message {
  package static var name: String { "google.rpc.ResourceInfo" }

  /// Full name of its message: "packd.v1.Plan".
  package var resourceType = ""
  package var resourceName = ""
  package var owner = ""
  /// A sentence for a person.
  package var description = ""

  package init() {}

  package init(
    resourceType: String, resourceName: String, owner: String = "", description: String = ""
  ) {
    self.resourceType = resourceType
    self.resourceName = resourceName
    self.owner = owner
    self.description = description
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): resourceType = try reader.string()
      case .length(2): resourceName = try reader.string()
      case .length(3): owner = try reader.string()
      case .length(4): description = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, resourceType)
    sink.string(2, resourceName)
    sink.string(3, owner)
    sink.string(4, description)
  }
}
