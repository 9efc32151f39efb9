import API

/// packd.test.Shapes of wire_shapes.proto: one field of every shape.
struct Shapes: Message {
  static var name: String { "packd.test.Shapes" }

  struct Letter: OpenEnum {
    var rawValue: Int32
  }

  var int32Value: Int32 = 0
  var int64Value: Int64 = 0
  var uint32Value: UInt32 = 0
  var uint64Value: UInt64 = 0
  var sint32Value: Int32 = 0
  var sint64Value: Int64 = 0
  var boolValue = false
  var fixed32Value: UInt32 = 0
  var fixed64Value: UInt64 = 0
  var floatValue: Float = 0
  var doubleValue: Double = 0
  var stringValue = ""
  var bytesValue: [UInt8] = []
  var enumValue = Letter(rawValue: 0)
  /// At most one: a struct cannot hold itself but in an array.
  var child: [Shapes] = []
  var packedValues: [Int64] = []
  var packedFixedValues: [UInt32] = []
  var looseValues: [Int32] = []
  var strings: [String] = []
  var children: [Shapes] = []
  var labels = StringMap()
  var last = false

  init() {}

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): int32Value = try reader.int32()
      case .varint(2): int64Value = try reader.int64()
      case .varint(3): uint32Value = try reader.uint32()
      case .varint(4): uint64Value = try reader.uint64()
      case .varint(5): sint32Value = try reader.sint32()
      case .varint(6): sint64Value = try reader.sint64()
      case .varint(7): boolValue = try reader.bool()
      case .fixed32(8): fixed32Value = try reader.fixed32()
      case .fixed64(9): fixed64Value = try reader.fixed64()
      case .fixed32(10): floatValue = try reader.float()
      case .fixed64(11): doubleValue = try reader.double()
      case .length(12): stringValue = try reader.string()
      case .length(13): bytesValue = try reader.bytes()
      case .varint(14): enumValue = try reader.enumeration()
      default: try mergeNested(tag, from: &reader)
      }
    }
  }

  private mutating func mergeNested(
    _ tag: Tag, from reader: inout WireReader
  ) throws(DecodingError) {
    switch tag {
    case .length(15):
      var only = child.first
      child = []
      try reader.message(into: &only)
      if let only { child = [only] }
    case .varint(16): packedValues.append(try reader.int64())
    case .length(16):
      try reader.packed(appendingTo: &packedValues) { each throws(DecodingError) in
        try each.int64()
      }
    case .fixed32(17): packedFixedValues.append(try reader.fixed32())
    case .length(17):
      try reader.packed(appendingTo: &packedFixedValues) { each throws(DecodingError) in
        try each.fixed32()
      }
    case .varint(18): looseValues.append(try reader.sint32())
    case .length(18):
      try reader.packed(appendingTo: &looseValues) { each throws(DecodingError) in
        try each.sint32()
      }
    case .length(19): strings.append(try reader.string())
    case .length(20): try reader.message(appendingTo: &children)
    case .length(21): try reader.mapEntry(into: &labels)
    case .varint(536_870_911): last = try reader.bool()
    default: try reader.skip(tag)
    }
  }

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, int32Value)
    sink.int64(2, int64Value)
    sink.uint32(3, uint32Value)
    sink.uint64(4, uint64Value)
    sink.sint32(5, sint32Value)
    sink.sint64(6, sint64Value)
    sink.bool(7, boolValue)
    sink.fixed32(8, fixed32Value)
    sink.fixed64(9, fixed64Value)
    sink.float(10, floatValue)
    sink.double(11, doubleValue)
    sink.string(12, stringValue)
    sink.bytes(13, bytesValue)
    sink.enumeration(14, enumValue)
    sink.message(15, child.first)
    sink.packed(16, varints: packedValues)
    sink.packed(17, fixed32: packedFixedValues)
    for value in looseValues {
      sink.uint64(18, always: UInt64(UInt32(bitPattern: value << 1 ^ value >> 31)))
    }
    sink.strings(19, strings)
    sink.messages(20, children)
    sink.map(21, labels)
    sink.bool(536_870_911, last)
  }
}
