internal import API
internal import Glibc

/// What is kept of a package's last full scan: every directory with all that is below it, and
/// every file type. Paths are stored as what they do not share with the one before, so that the
/// directories above others, which a scan need not name, take little room however long they are:
///
///     format  count (length text bytes files)*  count (shared length text bytes files)*
///             file types, most bytes first      directories, by the bytes of their paths
///
/// The format is a byte, texts are UTF-8, and numbers are LEB128.
struct DiskScanContent: Sendable, Equatable {
  /// The most bytes first, ties by name.
  let fileTypes: [FileTypeUsage]
  /// Among them the home, and every directory above another.
  let directoryCount: Int
  private let bytes: [UInt8]
  private let firstDirectoryOffset: Int

  private static let format: UInt8 = 1

  /// - Parameter scan: valid paths, each of them once, and no negative number.
  /// - Returns: nil when there are more than ``Limits/maxScanDirectories``, counting those above.
  init?(scan: DiskScan) {
    guard let directories = DirectoryTotals(scan.directories) else { return nil }
    fileTypes = scan.fileTypes.sorted { a, b in
      a.bytes != b.bytes
        ? a.bytes > b.bytes : a.fileType.utf8.lexicographicallyPrecedes(b.fileType.utf8)
    }
    var bytes = [Self.format]
    bytes.append(leb128: fileTypes.count)
    for type in fileTypes {
      bytes.append(leb128: type.fileType.utf8.count)
      bytes += type.fileType.utf8
      bytes.append(leb128: type.bytes)
      bytes.append(leb128: type.files)
    }
    bytes.append(leb128: directories.count)
    directoryCount = directories.count
    firstDirectoryOffset = bytes.count
    directories.append(to: &bytes)
    self.bytes = bytes
  }

  /// nil for what ``encoded()`` did not give, as far as that can be told without a look at the
  /// directories.
  init?(decoding bytes: [UInt8]) {
    guard bytes.first == Self.format else { return nil }
    var reader = ByteReader(bytes, from: 1)
    guard let typeCount = reader.leb128() else { return nil }
    var types: [FileTypeUsage] = []
    for _ in 0..<typeCount {
      guard
        let length = reader.leb128(), let text = reader.take(length),
        let name = String(validating: text, as: UTF8.self),
        let size = reader.leb128(), let files = reader.leb128()
      else { return nil }
      types.append(FileTypeUsage(fileType: name, bytes: Int64(size), files: Int64(files)))
    }
    guard let count = reader.leb128() else { return nil }
    fileTypes = types
    directoryCount = count
    firstDirectoryOffset = reader.offset
    self.bytes = bytes
  }

  func encoded() -> [UInt8] { bytes }

  /// A directory that a page begins with.
  struct Position: Hashable, Sendable {
    /// How many directories come before it.
    var index: Int
    /// Where it stands, from the first directory on.
    var offset: Int
    /// What its path shares with the one before.
    var shared: [UInt8]

    static let start = Position(index: 0, offset: 0, shared: [])
  }

  /// A part of the directories, by the bytes of their paths.
  struct Page: Equatable {
    var directories: [DirectoryUsage] = []
    /// What to give for `position` to go on; nil when there is no more.
    var next: Position?
  }

  /// Up to `limit` directories that are at most `depth` levels below the home, which is at 0.
  ///
  /// - Parameters:
  ///   - position: ``Page/next`` goes on. Any other gives some page of this content, or none.
  ///   - maxBytes: of the paths together; a page has one directory at least, if it comes to one.
  ///   - maxWalked: so many directories are looked at, whatever few of them are high enough.
  /// - Returns: nil when the content is not what was encoded, or the position not of it.
  func page(
    depth: Int, from position: Position = .start, limit: Int, maxBytes: Int,
    maxWalked: Int = Limits.maxWalkedDirectories
  ) -> Page? {
    guard
      (0...directoryCount).contains(position.index),
      (0...bytes.count - firstDirectoryOffset).contains(position.offset)
    else { return nil }
    var page = Page()
    var reader = ByteReader(bytes, from: firstDirectoryOffset + position.offset)
    var path = position.shared
    var slashes = path.count { $0 == UInt8(ascii: "/") }
    var pathBytes = 0
    for index in position.index..<directoryCount {
      let offset = reader.offset
      guard
        let shared = reader.leb128(), shared <= path.count,
        let length = reader.leb128(), let suffix = reader.take(length),
        let size = reader.leb128(), let files = reader.leb128()
      else { return nil }
      slashes -= path[shared...].count { $0 == UInt8(ascii: "/") }
      slashes += suffix.count { $0 == UInt8(ascii: "/") }
      path.removeLast(path.count - shared)
      path += suffix
      let isHighEnough = (path.isEmpty ? 0 : slashes + 1) <= depth
      if isHighEnough { pathBytes += path.count }
      let isFull =
        isHighEnough && !page.directories.isEmpty
        && (page.directories.count == limit || pathBytes > maxBytes)
      guard !isFull, index - position.index < maxWalked else {
        page.next = Position(
          index: index, offset: offset - firstDirectoryOffset, shared: Array(path[..<shared]))
        return page
      }
      guard isHighEnough else { continue }
      guard let text = String(validating: path, as: UTF8.self) else { return nil }
      page.directories.append(
        DirectoryUsage(path: text, bytes: Int64(size), files: Int64(files)))
      // The home comes first, and is alone at its depth.
      if depth == 0 { return page }
    }
    return page
  }
}

/// The directories of a scan and those above them, each with all that is below it.
private struct DirectoryTotals {
  private struct Directory {
    /// Where the path stands among the bytes of all paths.
    let start: Int
    let length: Int
    var bytes: Int64
    var files: Int64
  }

  private var paths: [UInt8] = []
  private var directories: [Directory] = []

  var count: Int { directories.count }

  init?(_ scanned: [DirectoryUsage]) {
    var leaves: [Directory] = []
    leaves.reserveCapacity(scanned.count + 1)
    leaves.append(Directory(start: 0, length: 0, bytes: 0, files: 0))
    for directory in scanned {
      let start = paths.count
      paths += directory.path.utf8
      leaves.append(
        Directory(
          start: start, length: paths.count - start, bytes: directory.bytes,
          files: directory.files))
    }
    // As the smallest byte, the slash puts a directory right before all that is below it.
    for index in paths.indices where paths[index] == UInt8(ascii: "/") { paths[index] = 0 }
    Self.sort(&leaves, paths)
    guard addUp(leaves) else { return nil }
    for index in paths.indices where paths[index] == 0 { paths[index] = UInt8(ascii: "/") }
    Self.sort(&directories, paths)
  }

  func append(to bytes: inout [UInt8]) {
    var last = Directory(start: 0, length: 0, bytes: 0, files: 0)
    for directory in directories {
      let longest = min(last.length, directory.length)
      var shared = 0
      while shared < longest, paths[last.start + shared] == paths[directory.start + shared] {
        shared += 1
      }
      bytes.append(leb128: shared)
      bytes.append(leb128: directory.length - shared)
      bytes += paths[directory.start + shared..<directory.start + directory.length]
      bytes.append(leb128: directory.bytes)
      bytes.append(leb128: directory.files)
      last = directory
    }
  }

  /// Walks through the leaves in the order of the tree; false when there are too many directories.
  private mutating func addUp(_ leaves: [Directory]) -> Bool {
    // The directories that the walk is in, by where they stand in `directories`.
    var open: [Int] = []
    for leaf in leaves {
      while let index = open.last, !contains(directories[index], leaf) { close(&open) }
      if let index = open.last, directories[index].length == leaf.length {
        directories[index].bytes = Self.sum(directories[index].bytes, leaf.bytes)
        directories[index].files = Self.sum(directories[index].files, leaf.files)
        continue
      }
      // Each directory between the one that is open and the leaf, and then the leaf.
      let known = open.last.map { directories[$0].length } ?? 0
      for end in stride(from: known + 1, to: leaf.length, by: 1) where paths[leaf.start + end] == 0
      {
        open.append(directories.count)
        directories.append(Directory(start: leaf.start, length: end, bytes: 0, files: 0))
      }
      open.append(directories.count)
      directories.append(leaf)
      guard directories.count <= Limits.maxScanDirectories else { return false }
    }
    while !open.isEmpty { close(&open) }
    return true
  }

  /// Leaves the innermost directory: what it holds is also in the one above.
  private mutating func close(_ open: inout [Int]) {
    guard let index = open.popLast(), let above = open.last else { return }
    directories[above].bytes = Self.sum(directories[above].bytes, directories[index].bytes)
    directories[above].files = Self.sum(directories[above].files, directories[index].files)
  }

  /// Whether `leaf` is the directory, or below it.
  private func contains(_ directory: Directory, _ leaf: Directory) -> Bool {
    let length = directory.length
    guard length > 0 else { return true }
    guard leaf.length >= length else { return false }
    guard leaf.length == length || paths[leaf.start + length] == 0 else { return false }
    return paths[directory.start..<directory.start + length]
      .elementsEqual(paths[leaf.start..<leaf.start + length])
  }

  private static func sort(_ directories: inout [Directory], _ paths: [UInt8]) {
    paths.withUnsafeBytes { paths in
      directories.sort { a, b in
        // Nothing was added yet, or nothing but the home.
        guard let base = paths.baseAddress else { return false }
        let order = memcmp(base + a.start, base + b.start, min(a.length, b.length))
        return order != 0 ? order < 0 : a.length < b.length
      }
    }
  }

  /// A sum that does not fit stays at the largest number.
  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}

/// Goes through bytes from the front, never beyond their end.
private struct ByteReader {
  private let bytes: [UInt8]
  private(set) var offset: Int

  init(_ bytes: [UInt8], from offset: Int) {
    self.bytes = bytes
    self.offset = offset
  }

  /// nil at the end, and for a number that does not fit.
  mutating func leb128() -> Int? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard offset < bytes.count else { return nil }
      let byte = bytes[offset]
      offset += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return Int(value) }
    }
    return nil
  }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= bytes.count - offset else { return nil }
    defer { offset += count }
    return bytes[offset..<offset + count]
  }
}

extension [UInt8] {
  /// A negative number is written as 0.
  fileprivate mutating func append(leb128 number: some BinaryInteger) {
    var rest = UInt64(clamping: number)
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }
}
