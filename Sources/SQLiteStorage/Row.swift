internal import Storage

/// Binds the columns of a row in order, from parameter 1, and at last their checksum. SQLite
/// itself has none: a flipped bit within a value would be read as if it had been written.
struct RowWriter {
  private let statement: SQLiteStatement
  private var index: Int32 = 0
  private var checksum = Checksum()

  init(_ statement: SQLiteStatement) {
    self.statement = statement
  }

  mutating func add(_ value: Int64) throws(StorageError) {
    index += 1
    checksum.add(RowTag.integer.rawValue)
    checksum.add(UInt64(bitPattern: value))
    try statement.bind(index, value)
  }

  mutating func add(_ value: Int64?) throws(StorageError) {
    if let value { try add(value) } else { try addNull() }
  }

  /// To a column that was added to its table later: as ``RowReader/addedInt64()`` reads it.
  mutating func add(toAddedColumn value: Int64?) throws(StorageError) {
    if let value { return try add(value) }
    index += 1
    try statement.bindNull(index)
  }

  mutating func add(_ text: String) throws(StorageError) {
    index += 1
    checksum.add(RowTag.bytes.rawValue)
    text.utf8.span.bytes.withUnsafeBytes { checksum.add($0) }
    try statement.bind(index, text)
  }

  mutating func add(_ text: String?) throws(StorageError) {
    if let text { try add(text) } else { try addNull() }
  }

  mutating func add(_ blob: [UInt8]) throws(StorageError) {
    index += 1
    checksum.add(RowTag.bytes.rawValue)
    blob.withUnsafeBytes { checksum.add($0) }
    try statement.bind(index, blob)
  }

  /// 16 bytes, big-endian, so that the order of ids is that of their bytes.
  mutating func add(_ id: ULID) throws(StorageError) {
    index += 1
    checksum.add(RowTag.bytes.rawValue)
    withUnsafeBytes(of: id.value.bigEndian) { checksum.add($0) }
    try statement.bind(index, id)
  }

  private mutating func addNull() throws(StorageError) {
    index += 1
    checksum.add(RowTag.null.rawValue)
    try statement.bindNull(index)
  }

  /// Binds the checksum, which is the last column, and runs the statement.
  mutating func write() throws(StorageError) {
    try statement.bind(index + 1, checksum.value)
    _ = try statement.step()
  }
}

/// Reads the columns of a row in order, from 0, and at last their checksum.
struct RowReader {
  private let statement: SQLiteStatement
  let path: String
  private var column: Int32 = 0
  private var checksum = Checksum()

  init(_ statement: SQLiteStatement, path: String) {
    self.statement = statement
    self.path = path
  }

  mutating func int64() -> Int64 {
    let value = statement.int64(column)
    column += 1
    checksum.add(RowTag.integer.rawValue)
    checksum.add(UInt64(bitPattern: value))
    return value
  }

  /// A number that was written from 32 bits; another fails the checksum.
  mutating func int32() -> Int32 {
    Int32(truncatingIfNeeded: int64())
  }

  mutating func optionalInt64() -> Int64? {
    isNull() ? nil : int64()
  }

  /// A column that was added to its table later. The rows of before have NULL there and a
  /// checksum that does not know of it: so NULL does not enter the checksum.
  mutating func addedInt64() -> Int64? {
    if statement.isNull(column) {
      column += 1
      return nil
    }
    return int64()
  }

  /// - Throws: ``StorageError/damaged(path:reason:)`` for anything but 16 bytes: for what is read
  ///   from an index, without a checksum.
  mutating func packageID() throws(StorageError) -> ULID {
    guard let id = ulid() else {
      throw .damaged(path: path, reason: "an id is not of 16 bytes")
    }
    return id
  }

  /// - Returns: `nil` for anything but 16 bytes.
  mutating func ulid() -> ULID? {
    bytes { bytes in
      guard bytes.count == 16 else { return nil }
      return ULID(value: UInt128(bigEndian: bytes.loadUnaligned(as: UInt128.self)))
    }
  }

  /// A list that ``TextList`` made.
  /// - Returns: `nil` for what it did not make.
  mutating func texts() -> [String]? {
    bytes { TextList.texts($0) }
  }

  mutating func text() -> String {
    bytes { String(decoding: $0, as: UTF8.self) }
  }

  mutating func optionalText() -> String? {
    isNull() ? nil : text()
  }

  mutating func blob() -> [UInt8] {
    bytes { Array($0) }
  }

  /// - Throws: ``StorageError/damaged(path:reason:)`` unless the columns so far are what was
  ///   written.
  func verify() throws(StorageError) {
    guard statement.int64(column) == checksum.value else {
      throw .damaged(path: path, reason: "a row does not match its checksum")
    }
  }

  private mutating func bytes<Result>(
    _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    checksum.add(RowTag.bytes.rawValue)
    let result = statement.withBytes(column) { bytes in
      checksum.add(bytes)
      return body(bytes)
    }
    column += 1
    return result
  }

  private mutating func isNull() -> Bool {
    guard statement.isNull(column) else { return false }
    checksum.add(RowTag.null.rawValue)
    column += 1
    return true
  }
}

/// Tells the types of columns apart in a checksum.
private enum RowTag: UInt64 {
  case null = 1
  case integer = 2
  case bytes = 3
}
