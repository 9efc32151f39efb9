internal import HTTP2

/// The header and trailer sections of responses (PROTOCOL-HTTP2, "Responses").
enum ResponseHeaders {
  static let ok: HeaderBlock = HeaderBlock([
    ":status": "200", "content-type": "application/grpc",
  ])
  /// Of a response whose messages may be compressed.
  static let okGzip: HeaderBlock = HeaderBlock([
    ":status": "200", "content-type": "application/grpc", "grpc-encoding": "gzip",
    "grpc-accept-encoding": "identity,gzip",
  ])
  static let okTrailers: HeaderBlock = HeaderBlock(["grpc-status": "0"])
  static let methodNotAllowed: HeaderBlock = HeaderBlock([":status": "405", "allow": "POST"])
  static let unsupportedMediaType: HeaderBlock = HeaderBlock([
    ":status": "415", "accept-post": "application/grpc",
  ])

  typealias Field = (name: String, value: [UInt8])

  /// Headers with metadata of the handler's.
  static func ok(_ metadata: Metadata, gzip: Bool) -> HeaderBlock {
    var fields: [Field] = [
      (":status", Array("200".utf8)), ("content-type", Array("application/grpc".utf8)),
    ]
    if gzip {
      fields.append(("grpc-encoding", Array("gzip".utf8)))
      fields.append(("grpc-accept-encoding", Array("identity,gzip".utf8)))
    }
    metadata.forEach { name, value in
      fields.append((String(decoding: name, as: UTF8.self), Array(value)))
    }
    return HeaderBlock(fields)
  }

  /// Trailers after messages.
  static func trailers(_ status: Status, maxBytes: Int) -> HeaderBlock {
    HeaderBlock(fields(status, maxBytes: maxBytes))
  }

  /// A response without messages: headers and trailers in one section. It always says which
  /// encodings are accepted, which a client that sent another one needs.
  static func trailersOnly(_ status: Status, maxBytes: Int) -> HeaderBlock {
    let head: [Field] = [
      (":status", Array("200".utf8)), ("content-type", Array("application/grpc".utf8)),
      ("grpc-accept-encoding", Array("identity,gzip".utf8)),
    ]
    return HeaderBlock(head + fields(status, maxBytes: maxBytes - size(head)))
  }

  /// The code always fits; then as much of the message, then the details and the metadata.
  static func fields(_ status: Status, maxBytes: Int) -> [Field] {
    var fields: [Field] = [("grpc-status", Array(String(status.code.rawValue).utf8))]
    var room = maxBytes - size(fields)
    func add(_ field: Field) {
      guard size([field]) <= room else { return }
      fields.append(field)
      room -= size([field])
    }
    if !status.message.isEmpty {
      let message = PercentEncoding.encode(
        status.message, maxBytes: max(0, room - "grpc-message".utf8.count - fieldOverhead))
      add(("grpc-message", message))
    }
    if !status.details.isEmpty {
      add(("grpc-status-details-bin", Base64.encode(status.details)))
    }
    status.trailingMetadata.forEach { name, value in
      add((String(decoding: name, as: UTF8.self), Array(value)))
    }
    return fields
  }

  /// RFC 9113 section 6.5.2 counts 32 bytes for each field.
  private static let fieldOverhead = 32

  private static func size(_ fields: [Field]) -> Int {
    fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.count + fieldOverhead }
  }
}
