/// How much is allowed, in the unit of the field that holds it.
package struct Quota: Message {
  package static var name: String { "packd.v1.Quota" }

  package enum Kind: Sendable, Equatable {
    /// At most this much, 0 or more.
    case limit(Int64)
    /// No bound; only true is valid.
    case unlimited(Bool)
  }

  package var kind: Kind?

  package init() {}

  package init(_ kind: Kind) {
    self.kind = kind
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): kind = .limit(try reader.int64())
      case .varint(2): kind = .unlimited(try reader.bool())
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    switch kind {
    case .limit(let limit): sink.int64(1, always: limit)
    case .unlimited(let unlimited): sink.bool(2, always: unlimited)
    case nil: break
    }
  }
}
