/// Frames as a client sends them, made by hand (RFC 9113 sections 4.1 and 6).
package enum Frames {
  package static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
  package static let endStream: UInt8 = 0x1
  package static let endHeaders: UInt8 = 0x4
  package static let ack: UInt8 = 0x1

  package static func frame(_ type: UInt8, flags: UInt8, stream: UInt32, _ payload: [UInt8])
    -> [UInt8]
  {
    let count = payload.count
    let head: [UInt8] = [
      UInt8(count >> 16 & 255), UInt8(count >> 8 & 255), UInt8(count & 255), type, flags,
    ]
    return head + withUnsafeBytes(of: stream.bigEndian) { Array($0) } + payload
  }

  package static func settings(ack: Bool = false) -> [UInt8] {
    frame(4, flags: ack ? Self.ack : 0, stream: 0, [])
  }

  package static func data(_ stream: UInt32, _ bytes: [UInt8], ends: Bool) -> [UInt8] {
    frame(0, flags: ends ? endStream : 0, stream: stream, bytes)
  }

  package static func reset(_ stream: UInt32) -> [UInt8] {
    frame(3, flags: 0, stream: stream, [0, 0, 0, 8])
  }

  package static func pingAck(_ payload: [UInt8]) -> [UInt8] {
    frame(6, flags: ack, stream: 0, payload)
  }

  /// HEADERS with each field as a literal without indexing (RFC 7541 section 6.2.2).
  package static func headers(
    _ stream: UInt32, _ fields: KeyValuePairs<String, String>, ends: Bool, complete: Bool = true
  ) -> [UInt8] {
    var block: [UInt8] = []
    for (name, value) in fields { block += [0] + text(name) + text(value) }
    return frame(
      1, flags: (ends ? endStream : 0) | (complete ? endHeaders : 0), stream: stream, block)
  }

  /// A string literal without Huffman, its length in a 7-bit prefix (sections 5.1 and 5.2).
  private static func text(_ text: String) -> [UInt8] {
    var length = text.utf8.count
    guard length >= 127 else { return [UInt8(length)] + text.utf8 }
    var bytes: [UInt8] = [127]
    length -= 127
    while length >= 128 {
      bytes.append(UInt8(length % 128 + 128))
      length /= 128
    }
    return bytes + [UInt8(length)] + text.utf8
  }

  package static let request: KeyValuePairs<String, String> = [
    ":method": "POST", ":scheme": "http", ":path": "/a/b", ":authority": "localhost",
  ]

  /// A frame that was received.
  package struct Received: Equatable {
    package let type: UInt8
    package let flags: UInt8
    package let stream: UInt32
    package let payload: [UInt8]

    package init(type: UInt8, flags: UInt8, stream: UInt32, payload: [UInt8]) {
      self.type = type
      self.flags = flags
      self.stream = stream
      self.payload = payload
    }
  }

  /// Cuts what a server sent into frames; nil when it is not whole frames.
  package static func parse(_ bytes: [UInt8]) -> [Received]? {
    var frames: [Received] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      guard rest.count >= 9 else { return nil }
      let head = Array(rest.prefix(9))
      let count = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
      let stream = head[5...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      rest = rest.dropFirst(9)
      guard rest.count >= count else { return nil }
      frames.append(
        Received(
          type: head[3], flags: head[4], stream: stream, payload: Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    return frames
  }
}
