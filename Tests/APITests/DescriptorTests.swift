import API
import Testing

/// The codecs against protoc's descriptors of the proto files as they are now: a message or a
/// field that a proto file has and the codecs have not fails here.
@Suite(.enabled(if: DescriptorSet.protoc != nil, "protoc is not installed"))
struct DescriptorTests {
  /// The files whose messages have codecs, and with them what they import.
  static let files = [
    "packd/v1/types.proto", "packd/v1/catalogue_service.proto", "packd/v1/package_service.proto",
    "packd/v1/seller_package_service.proto", "google/protobuf/any.proto",
    "google/protobuf/duration.proto", "grpc/health/v1/health.proto",
    "grpc/reflection/v1/reflection.proto", "wire_shapes.proto",
  ]

  let shapes: WireShapes

  init() throws {
    shapes = WireShapes(try DescriptorSet.compile(DescriptorTests.files))
  }

  @Test("every message of the proto files has a codec")
  func messages() {
    let ofGoogleRPC = Codecs.names.filter { $0.hasPrefix("google.rpc.") }
    #expect(Set(shapes.names).union(ofGoogleRPC) == Set(Codecs.names))
  }

  @Test("every field of the proto files is read and written by its codec")
  func fields() {
    for type in Codecs.all where shapes.names.contains(type.name) {
      #expect(shapes.lost(by: type) == [], "\(type.name)")
    }
  }

  @Test("a codec that forgets a field, or has its number or type wrong, is found out")
  func forgottenField() {
    #expect(shapes.lost(by: MoneyWithFaults.self) == ["units", "nanos"])
  }
}

/// packd.v1.Money, had `units` been taken for a fixed64 and `nanos` for field 4.
private struct MoneyWithFaults: Message {
  static var name: String { Money.name }

  var currencyCode = ""
  var units: UInt64 = 0
  var nanos: Int32 = 0

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): currencyCode = try reader.string()
      case .fixed64(2): units = try reader.fixed64()
      case .varint(4): nanos = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, currencyCode)
    sink.fixed64(2, units)
    sink.int32(4, nanos)
  }
}

/// How each message looks on the wire, from its descriptor and nothing of the codecs.
struct WireShapes {
  private var types: [String: DescriptorSet.MessageType] = [:]

  init(_ set: DescriptorSet) {
    for file in set.files {
      for message in file.messages { add(message, within: file.package) }
    }
  }

  private mutating func add(_ message: DescriptorSet.MessageType, within scope: String) {
    let name = "\(scope).\(message.simpleName)"
    types[name] = message
    for nested in message.nested { add(nested, within: name) }
  }

  /// Full names of all messages but the entries of maps.
  var names: [String] {
    types.filter { !$0.value.isMapEntry }.map(\.key)
  }

  /// The names of the fields that do not come back from the codec when set alone.
  func lost(by codec: any Message.Type) -> [String] {
    (types[codec.name]?.fields ?? []).filter { field in
      let bytes = bytes(of: field, depth: 0)
      return (try? codec.init(decoding: bytes))?.encoded() != bytes
    }.map(\.fieldName)
  }

  /// The field with a value that is not its default, tag and all.
  private func bytes(of field: DescriptorSet.Field, depth: Int) -> [UInt8] {
    let (wireType, value) = value(of: field, depth: depth)
    guard field.isPacked else { return varint(field.number << 3 | wireType) + value }
    return varint(field.number << 3 | 2) + varint(UInt32(value.count)) + value
  }

  /// The wire type's number and the bytes of a value.
  private func value(of field: DescriptorSet.Field, depth: Int) -> (UInt32, [UInt8]) {
    switch field.type {
    case 1, 6, 16: (1, [1, 0, 0, 0, 0, 0, 0, 0])
    case 2, 7, 15: (5, [1, 0, 0, 0])
    case 9, 12: (2, [1, 0x61])
    case 11: (2, message(field.typeName, depth: depth + 1))
    default: (0, [1])
    }
  }

  /// A length and a message with all its fields set, of each oneof the first; below the third
  /// level an empty one.
  private func message(_ typeName: String, depth: Int) -> [UInt8] {
    guard let type = types[String(typeName.dropFirst())], depth < 3 || type.isMapEntry else {
      return [0]
    }
    var oneofs: Set<Int32> = []
    let fields = type.fields.filter { field in
      field.oneof.map { oneofs.insert($0).inserted } ?? true
    }
    let all = fields.sorted { $0.number < $1.number }.flatMap { bytes(of: $0, depth: depth) }
    return varint(UInt32(all.count)) + all
  }

  private func varint(_ value: UInt32) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7f) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
