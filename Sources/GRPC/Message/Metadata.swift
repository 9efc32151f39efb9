/// Names and values that travel beside a call's messages, in order, names possibly repeated.
///
/// Names are lower-case; the value of a name that ends in `-bin` is kept as it is on the wire
/// (base64). All bytes stand in one array, so that filling it costs no allocation per entry.
package struct Metadata: Equatable, Sendable {
  @usableFromInline
  struct Entry: Equatable, Sendable {
    @usableFromInline var start: Int
    @usableFromInline var nameCount: Int
    @usableFromInline var valueCount: Int
  }

  @usableFromInline private(set) var storage: [UInt8] = []
  @usableFromInline private(set) var entries: [Entry] = []

  package init() {}

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }

  /// Appends a value under `name`, which must be lower-case.
  package mutating func append(_ name: String, _ value: String) {
    var name = name
    var value = value
    name.withUTF8 { n in
      value.withUTF8 { v in
        append(name: UnsafeRawBufferPointer(n), value: UnsafeRawBufferPointer(v))
      }
    }
  }

  package mutating func append(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
    entries.append(
      Entry(start: storage.count, nameCount: name.count, valueCount: value.count))
    storage.append(contentsOf: name)
    storage.append(contentsOf: value)
  }

  /// Empties it; the capacity stays.
  package mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
    entries.removeAll(keepingCapacity: true)
  }

  /// The first value under `name`, or nil.
  package func first(_ name: StaticString) -> String? {
    withFirst(name) { String(decoding: $0, as: UTF8.self) }
  }

  /// Calls `body` with the bytes of the first value under `name`, valid only within it; nil
  /// when there is none.
  @inlinable
  package func withFirst<Result>(
    _ name: StaticString, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result? {
    let wanted = UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    return try storage.withUnsafeBytes { bytes in
      for entry in entries where entry.nameCount == wanted.count {
        let found = UnsafeRawBufferPointer(
          rebasing: bytes[entry.start..<entry.start + entry.nameCount])
        if found.elementsEqual(wanted) {
          let valueStart = entry.start + entry.nameCount
          return try body(
            UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueStart + entry.valueCount]))
        }
      }
      return nil
    }
  }

  /// Calls `body` with each name and value in order, valid only within it.
  package func forEach(
    _ body: (_ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    try storage.withUnsafeBytes { bytes in
      for entry in entries {
        let valueStart = entry.start + entry.nameCount
        try body(
          UnsafeRawBufferPointer(rebasing: bytes[entry.start..<valueStart]),
          UnsafeRawBufferPointer(rebasing: bytes[valueStart..<valueStart + entry.valueCount]))
      }
    }
  }
}
