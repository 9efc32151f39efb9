/// What ties a failed call to the log.
package struct RequestInfo: Message {
  package static var name: String { "google.rpc.RequestInfo" }

  package var requestID = ""
  package var servingData = ""

  package init() {}

  package init(requestID: String, servingData: String = "") {
    self.requestID = requestID
    self.servingData = servingData
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): requestID = try reader.string()
      case .length(2): servingData = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, requestID)
    sink.string(2, servingData)
  }
}
