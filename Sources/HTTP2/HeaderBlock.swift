internal import CNghttp2

/// The header or trailer section of a response, built once and sent any number of times.
package final class HeaderBlock: Sendable {
  // Both are written in init only and freed in deinit, so threads share them without races.
  nonisolated(unsafe) private let bytes: UnsafeMutableRawBufferPointer
  nonisolated(unsafe) private let pairs: UnsafeMutableBufferPointer<nghttp2_nv>

  /// Names are lower-case, pseudo-fields first; values are sent as they are.
  package init(_ fields: [(name: String, value: [UInt8])]) {
    let size = fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.count }
    bytes = .allocate(byteCount: max(size, 1), alignment: 1)
    pairs = .allocate(capacity: fields.count)
    var offset = 0
    for (index, field) in fields.enumerated() {
      let name = UnsafeMutableRawBufferPointer(
        rebasing: bytes[offset..<offset + field.name.utf8.count])
      name.copyBytes(from: field.name.utf8)
      offset += name.count
      let value = UnsafeMutableRawBufferPointer(
        rebasing: bytes[offset..<offset + field.value.count])
      value.copyBytes(from: field.value)
      offset += value.count
      pairs.initializeElement(at: index, to: Self.pair(name, value))
    }
  }

  package convenience init(_ fields: KeyValuePairs<String, String>) {
    self.init(fields.map { (name: $0.key, value: Array($0.value.utf8)) })
  }

  deinit {
    bytes.deallocate()
    pairs.deallocate()
  }

  var count: Int { pairs.count }
  var baseAddress: UnsafePointer<nghttp2_nv>? { UnsafePointer(pairs.baseAddress) }

  /// NO_COPY: nghttp2 reads names and values from here when it packs the frame. The stream
  /// keeps the block until it is closed, and nghttp2 packs nothing for a closed stream.
  private static func pair(
    _ name: UnsafeMutableRawBufferPointer, _ value: UnsafeMutableRawBufferPointer
  ) -> nghttp2_nv {
    let flags = NGHTTP2_NV_FLAG_NO_COPY_NAME.rawValue | NGHTTP2_NV_FLAG_NO_COPY_VALUE.rawValue
    return nghttp2_nv(
      name: name.baseAddress?.assumingMemoryBound(to: UInt8.self),
      value: value.baseAddress?.assumingMemoryBound(to: UInt8.self),
      namelen: name.count, valuelen: value.count, flags: UInt8(flags))
  }
}
