/// Takes the fields of a message from bytes, and refuses what the official runtimes refuse
/// (protobuf encoding). Holds pointers: it must not outlive the buffer that it was made over.
package struct WireReader {
  /// How deep messages and groups may nest, the outermost message not counted.
  package static let maxNesting = 100

  private var position: UnsafeRawPointer
  private var end: UnsafeRawPointer
  /// The tag last read, to name the field in an error; 0 while a tag is being read.
  private var tag = Tag(rawValue: 0)
  private var nestingLeft = WireReader.maxNesting

  package init(_ bytes: UnsafeRawBufferPointer) {
    let empty: StaticString = ""
    position = bytes.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
    end = position + bytes.count
  }

  /// The next field's tag, or nil at the message's end.
  @inline(__always)
  package mutating func nextTag() throws(DecodingError) -> Tag? {
    guard position < end else { return nil }
    let first = position.load(as: UInt8.self)
    if first < 0x80 {
      position += 1
      tag = Tag(rawValue: UInt32(first))
    } else {
      tag = Tag(rawValue: 0)
      tag = Tag(rawValue: try longUInt32())
    }
    return tag
  }

  private func fault(_ reason: DecodingError.Reason) -> DecodingError {
    DecodingError(message: "", field: tag.number, reason: reason)
  }

  // MARK: Scalars

  @inline(__always)
  package mutating func uint64() throws(DecodingError) -> UInt64 {
    if position < end {
      let first = position.load(as: UInt8.self)
      if first < 0x80 {
        position += 1
        return UInt64(first)
      }
    }
    return try longVarint()
  }

  @inline(__always)
  package mutating func int64() throws(DecodingError) -> Int64 {
    Int64(bitPattern: try uint64())
  }

  /// Longer varints are cut to their low 32 bits.
  @inline(__always)
  package mutating func uint32() throws(DecodingError) -> UInt32 {
    UInt32(truncatingIfNeeded: try uint64())
  }

  @inline(__always)
  package mutating func int32() throws(DecodingError) -> Int32 {
    Int32(truncatingIfNeeded: try uint64())
  }

  package mutating func sint64() throws(DecodingError) -> Int64 {
    let zigzag = try uint64()
    return Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
  }

  package mutating func sint32() throws(DecodingError) -> Int32 {
    let zigzag = try uint32()
    return Int32(bitPattern: zigzag >> 1) ^ -Int32(bitPattern: zigzag & 1)
  }

  @inline(__always)
  package mutating func bool() throws(DecodingError) -> Bool {
    try uint64() != 0
  }

  @inline(__always)
  package mutating func enumeration<Value: OpenEnum>() throws(DecodingError) -> Value {
    Value(rawValue: try int32())
  }

  package mutating func fixed32() throws(DecodingError) -> UInt32 {
    UInt32(littleEndian: try take(4).loadUnaligned(as: UInt32.self))
  }

  package mutating func fixed64() throws(DecodingError) -> UInt64 {
    UInt64(littleEndian: try take(8).loadUnaligned(as: UInt64.self))
  }

  package mutating func float() throws(DecodingError) -> Float {
    Float(bitPattern: try fixed32())
  }

  package mutating func double() throws(DecodingError) -> Double {
    Double(bitPattern: try fixed64())
  }

  // MARK: Length-delimited

  package mutating func string() throws(DecodingError) -> String {
    let bytes = try lengthDelimited()
    let span = Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
    do {
      return String(copying: try UTF8Span(validating: span))
    } catch {
      throw fault(.invalidUTF8)
    }
  }

  /// A string that leaves no copy behind.
  package mutating func secret() throws(DecodingError) -> Secret {
    let bytes = try lengthDelimited()
    let span = Span<UInt8>(_unsafeElements: bytes.assumingMemoryBound(to: UInt8.self))
    do { _ = try UTF8Span(validating: span) } catch { throw fault(.invalidUTF8) }
    return Secret(copying: bytes)
  }

  package mutating func bytes() throws(DecodingError) -> [UInt8] {
    [UInt8](try lengthDelimited())
  }

  /// A submessage, merged into one that came before it: into that very one, since to copy what it
  /// holds for each of many parts would take quadratic time. An error leaves the field unset.
  package mutating func message<M: Message>(into field: inout M?) throws(DecodingError) {
    var value = field.take() ?? M()
    try merge(into: &value)
    field = value
  }

  /// One more element of a repeated submessage.
  package mutating func message<M: Message>(appendingTo field: inout [M]) throws(DecodingError) {
    var value = M()
    try merge(into: &value)
    field.append(value)
  }

  /// The elements of a packed repeated scalar, each read by `element`.
  package mutating func packed<Element>(
    appendingTo field: inout [Element],
    _ element: (inout WireReader) throws(DecodingError) -> Element
  ) throws(DecodingError) {
    let bytes = try lengthDelimited()
    var elements = WireReader(bytes)
    elements.tag = tag
    while elements.position < elements.end {
      field.append(try element(&elements))
    }
  }

  /// One entry of a map: absent parts are empty, a repeated key takes its last value. What is
  /// wrong in an entry is an error of the map's field.
  package mutating func mapEntry(into field: inout StringMap) throws(DecodingError) {
    let map = tag
    var entry = StringMap.Entry()
    do throws(DecodingError) {
      try merge(into: &entry)
    } catch {
      throw DecodingError(message: "", field: map.number, reason: error.reason)
    }
    field[entry.key] = entry.value
  }

  // MARK: Unknown fields

  /// Passes over a field that the message does not know.
  package mutating func skip(_ tag: Tag) throws(DecodingError) {
    guard tag.number != 0 else { throw fault(.invalidFieldNumber) }
    switch tag.wireType {
    case .varint: _ = try uint64()
    case .fixed64: _ = try take(8)
    case .length: _ = try lengthDelimited()
    case .startGroup: try skipGroup(tag.number)
    case .endGroup: throw fault(.unmatchedEndGroup)
    case .fixed32: _ = try take(4)
    case nil: throw fault(.invalidWireType)
    }
  }

  private mutating func skipGroup(_ number: UInt32) throws(DecodingError) {
    try enter()
    while let inner = try nextTag() {
      guard inner.wireType == .endGroup else {
        try skip(inner)
        continue
      }
      guard inner.number == number else { throw fault(.unmatchedEndGroup) }
      nestingLeft += 1
      return
    }
    throw fault(.truncated)
  }

  // MARK: Parts

  private mutating func enter() throws(DecodingError) {
    guard nestingLeft > 0 else { throw fault(.nestedTooDeep) }
    nestingLeft -= 1
  }

  /// Reads a length and that many bytes as the fields of `value`.
  private mutating func merge<M: Message>(into value: inout M) throws(DecodingError) {
    let count = Int(try length())
    guard end - position >= count else { throw fault(.truncated) }
    try enter()
    let outerEnd = end
    end = position + count
    do throws(DecodingError) {
      try value.merge(from: &self)
    } catch {
      throw error.named(M.name)
    }
    end = outerEnd
    nestingLeft += 1
  }

  @inline(__always)
  private mutating func take(_ count: Int) throws(DecodingError) -> UnsafeRawPointer {
    guard end - position >= count else { throw fault(.truncated) }
    let start = position
    position += count
    return start
  }

  /// The bytes after a length; the position moves behind them.
  @inline(__always)
  private mutating func lengthDelimited() throws(DecodingError) -> UnsafeRawBufferPointer {
    let count = Int(try length())
    return UnsafeRawBufferPointer(start: try take(count), count: count)
  }

  @inline(__always)
  private mutating func length() throws(DecodingError) -> UInt32 {
    if position < end {
      let first = position.load(as: UInt8.self)
      if first < 0x80 {
        position += 1
        return UInt32(first)
      }
    }
    return try longUInt32()
  }

  /// A varint of any length: at most ten bytes, bits beyond the 64th dropped.
  @inline(never)
  private mutating func longVarint() throws(DecodingError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { throw fault(.truncated) }
      let byte = position.load(as: UInt8.self)
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return value }
    }
    throw fault(.overlongVarint)
  }

  /// A varint that is a tag or a length: at most five bytes and 32 bits.
  @inline(never)
  private mutating func longUInt32() throws(DecodingError) -> UInt32 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 35, by: 7) {
      guard position < end else { throw fault(.truncated) }
      let byte = position.load(as: UInt8.self)
      position += 1
      value |= UInt64(byte & 0x7f) << shift
      guard byte >= 0x80 else {
        guard value <= UInt32.max else { throw fault(.overlongVarint) }
        return UInt32(value)
      }
    }
    throw fault(.overlongVarint)
  }
}
