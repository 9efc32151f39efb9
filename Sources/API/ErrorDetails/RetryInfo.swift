/// When a failed call may be tried again.
package struct RetryInfo: Message {
  package static var name: String { "google.rpc.RetryInfo" }

  /// Time to wait at least.
  package var retryDelay: DurationMessage?

  package init() {}

  package init(retryDelay: DurationMessage?) {
    self.retryDelay = retryDelay
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(into: &retryDelay)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.message(1, retryDelay)
  }
}
