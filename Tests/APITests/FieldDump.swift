import API

/// A message's fields as text, in the form of oracle.h, by reflection over the Swift struct:
/// so a field read under the wrong name shows, even when it is written back alike.
struct FieldDump {
  private let maps: Bool
  private var text = "{"

  private init(maps: Bool) {
    self.maps = maps
  }

  /// `maps`: whether map fields are part of the text.
  static func text(of message: any Message, maps: Bool = true) -> String {
    var dump = FieldDump(maps: maps)
    for child in Mirror(reflecting: message).children {
      dump.add(child.label ?? "", child.value)
    }
    return dump.text + "}"
  }

  /// Oracle and struct spell names differently: "disk_space_mb" and "diskSpaceMB".
  static func plain(_ text: String) -> String {
    text.lowercased().filter { $0 != "_" }
  }

  private mutating func add(_ name: String, _ value: Any) {
    switch value {
    // An empty array would cast to any other type of array.
    case let bytes as [UInt8] where type(of: value) == [UInt8].self: field(name, hex(bytes))
    case let string as String: field(name, hex(Array(string.utf8)))
    case let secret as Secret: field(name, secret.withBytes { hex(Array($0)) })
    case let flag as Bool: field(name, flag ? "1" : "0")
    case let number as Float: field(name, "\(number.bitPattern)")
    case let number as Double: field(name, "\(number.bitPattern)")
    case let number as any FixedWidthInteger: field(name, "\(number)")
    case let number as any OpenEnum: field(name, "\(number.rawValue)")
    case let message as any Message: field(name, FieldDump.text(of: message, maps: maps))
    case let map as StringMap:
      for (key, value) in map.sorted where maps {
        field(name, "{key \(hex(Array(key.utf8)));value \(hex(Array(value.utf8)));}")
      }
    default: addParts(name, value)
    }
  }

  /// The elements of a repeated field, what an optional holds, or the case of a oneof.
  private mutating func addParts(_ name: String, _ value: Any) {
    let mirror = Mirror(reflecting: value)
    for child in mirror.children {
      add(mirror.displayStyle == .enum ? child.label ?? "" : name, child.value)
    }
  }

  private mutating func field(_ name: String, _ value: String) {
    text += "\(name) \(value);"
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0" + digits : digits
    }.joined()
  }
}
