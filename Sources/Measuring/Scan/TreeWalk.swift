internal import Glibc

/// Walks the files below a directory and counts them.
///
/// Regular files are counted, by the blocks that they have on the disk; one with several names
/// once. What is not a file or a directory holds no data of its own. Memory goes with the number
/// of directories, not of files.
package struct TreeWalk<System: FileSystem> {
  private struct Frame {
    /// -1 while it is closed, because the walk is far below it.
    var descriptor: Int32
    let identity: FileIdentity
    let name: [CChar]
    /// The directories in it, their names one after the other, each with a NUL behind it.
    var below: [CChar] = []
    var position = 0
  }

  private let system: System
  private let crossesFileSystems: Bool
  private var frames: [Frame] = []
  /// Files with several names, and how many of the names were not seen yet.
  private var links: [FileIdentity: UInt64] = [:]

  package private(set) var directories = DirectoryTally()
  package private(set) var fileTypes = FileTypeTally()
  package private(set) var figures = WalkFigures()

  package init(system: System = RealFileSystem(), crossesFileSystems: Bool = false) {
    self.system = system
    self.crossesFileSystems = crossesFileSystems
  }

  /// Walks once. `progress` is called after each directory, `unreadable` for each entry that
  /// could not be read, with its path in the tree and why.
  package mutating func run(
    _ path: String, progress: (WalkFigures) -> Void = { _ in },
    unreadable: (String, String) -> Void = { _, _ in }
  ) throws(Failure) {
    let name = path.utf8CString
    guard let root = system.open(Array(name), in: AT_FDCWD) else {
      throw .noInput("cannot open the directory \(path): \(Self.reason(errno))")
    }
    guard let identity = FileIdentity(descriptor: root) else {
      close(root)
      throw .noInput("cannot look at the directory \(path): \(Self.reason(errno))")
    }
    directories.enter("")
    frames.append(Frame(descriptor: root, identity: identity, name: Array(name)))
    readEntries(unreadable)
    progress(figures)
    while !frames.isEmpty {
      if let name = nextDirectory() {
        guard descend(into: name, unreadable) else { continue }
        readEntries(unreadable)
        progress(figures)
      } else {
        ascend(unreadable)
      }
    }
  }

  // MARK: One directory

  /// Counts the files of the directory that was entered last, and notes the directories in it.
  private mutating func readEntries(_ unreadable: (String, String) -> Void) {
    figures.directories += 1
    let descriptor = frames[frames.count - 1].descriptor
    var below: [CChar] = []
    let isComplete = DirectoryEntries(of: descriptor)?.forEach { name, type in
      switch Int(type) {
      case Int(DT_DIR): below.append(contentsOf: name)
      case Int(DT_REG), Int(DT_UNKNOWN):
        if !countEntry(name, in: descriptor, unreadable) { below.append(contentsOf: name) }
      default: break
      }
    }
    if isComplete != true { miss(nil, errno, unreadable) }
    frames[frames.count - 1].below = below
  }

  /// False for a directory.
  private mutating func countEntry(
    _ name: UnsafeBufferPointer<CChar>, in descriptor: Int32,
    _ unreadable: (String, String) -> Void
  ) -> Bool {
    guard let start = name.baseAddress else { return true }
    var status = stat()
    guard fstatat(descriptor, start, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
      miss(Array(name), errno, unreadable)
      return true
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else { return kind != S_IFDIR }
    guard crossesFileSystems || UInt64(status.st_dev) == frames[0].identity.device else {
      figures.otherFileSystems += 1
      return true
    }
    if status.st_nlink > 1, wasCounted(status) {
      figures.furtherLinks += 1
      return true
    }
    // POSIX leaves the unit open; on Linux it is 512 bytes (stat(2)).
    let bytes = Int64(status.st_blocks) * 512
    figures.files += 1
    figures.bytes &+= bytes
    directories.add(bytes: bytes)
    let text = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(name).dropLast())
    fileTypes.add(FileTypeTally.fileType(of: text), bytes: bytes)
    return true
  }

  /// Whether the file was met under another name. One all of whose names were met is forgotten.
  private mutating func wasCounted(_ status: stat) -> Bool {
    let identity = FileIdentity(status)
    guard let left = links[identity] else {
      if links.count < MeasuringLimits.maxRememberedLinks {
        links[identity] = UInt64(status.st_nlink) - 1
      } else {
        figures.linksForgotten += 1
      }
      return false
    }
    links[identity] = left > 1 ? left - 1 : nil
    return true
  }

  // MARK: Down and up

  private mutating func nextDirectory() -> [CChar]? {
    let top = frames.count - 1
    let start = frames[top].position
    guard start < frames[top].below.count,
      let end = frames[top].below[start...].firstIndex(of: 0)
    else { return nil }
    frames[top].position = end + 1
    return Array(frames[top].below[start...end])
  }

  private mutating func descend(
    into name: [CChar], _ unreadable: (String, String) -> Void
  ) -> Bool {
    guard frames.count <= MeasuringLimits.maxWalkDepth else {
      miss(name, ENAMETOOLONG, unreadable)
      return false
    }
    guard let descriptor = system.open(name, in: frames[frames.count - 1].descriptor) else {
      miss(name, errno, unreadable)
      return false
    }
    guard let identity = FileIdentity(descriptor: descriptor) else {
      miss(name, errno, unreadable)
      close(descriptor)
      return false
    }
    guard crossesFileSystems || identity.device == frames[0].identity.device else {
      figures.otherFileSystems += 1
      close(descriptor)
      return false
    }
    frames.append(Frame(descriptor: descriptor, identity: identity, name: name))
    directories.enter(PathText.escaped(Self.bytes(name)))
    closeDistant()
    return true
  }

  /// Keeps the root, since every other directory can be opened again from there.
  private mutating func closeDistant() {
    let distant = frames.count - 1 - MeasuringLimits.maxOpenDirectories
    guard distant > 0, frames[distant].descriptor >= 0 else { return }
    close(frames[distant].descriptor)
    frames[distant].descriptor = -1
  }

  private mutating func ascend(_ unreadable: (String, String) -> Void) {
    guard let left = frames.popLast() else { return }
    directories.leave()
    if let above = frames.last, above.descriptor < 0 {
      if let descriptor = reopened(from: left.descriptor) {
        frames[frames.count - 1].descriptor = descriptor
      } else if above.position < above.below.count {
        miss(nil, ESTALE, unreadable)
        frames[frames.count - 1].position = above.below.count
      }
    }
    if left.descriptor >= 0 { close(left.descriptor) }
  }

  /// The directory that is now the last again: as the one above the one that was left, or by its
  /// path from the root. Nil when another directory is there now.
  private func reopened(from left: Int32) -> Int32? {
    guard let wanted = frames.last?.identity else { return nil }
    let dots: [CChar] = [0x2e, 0x2e, 0]
    if left >= 0, let descriptor = system.open(dots, in: left) {
      if FileIdentity(descriptor: descriptor) == wanted { return descriptor }
      close(descriptor)
    }
    var descriptor = frames[0].descriptor
    for frame in frames.dropFirst() {
      let next = system.open(frame.name, in: descriptor)
      if descriptor != frames[0].descriptor { close(descriptor) }
      guard let next else { return nil }
      descriptor = next
      guard FileIdentity(descriptor: next) == frame.identity else {
        close(next)
        return nil
      }
    }
    return descriptor
  }

  // MARK: What could not be read

  /// Counts an entry of the last directory, or that directory itself, that could not be read. What
  /// has gone since it was listed is no longer there to be counted.
  private mutating func miss(
    _ name: [CChar]?, _ error: Int32, _ unreadable: (String, String) -> Void
  ) {
    guard error != ENOENT else {
      figures.vanished += 1
      return
    }
    figures.unreadable += 1
    guard figures.unreadable <= MeasuringLimits.maxReportedEntries else { return }
    let names = frames.dropFirst().map(\.name) + (name.map { [$0] } ?? [])
    let path = names.map { PathText.escaped(Self.bytes($0)) }.joined(separator: "/")
    unreadable(path.isEmpty ? "." : path, Self.reason(error))
  }

  private static func bytes(_ name: [CChar]) -> [UInt8] {
    name.dropLast().map { UInt8(bitPattern: $0) }
  }

  private static func reason(_ error: Int32) -> String {
    error == ELOOP ? "it is a symbolic link" : String(cString: strerror(error))
  }
}

/// What a walk counts.
package struct WalkFigures: Equatable {
  package var files: Int64 = 0
  /// Allocated, not the lengths of the files.
  package var bytes: Int64 = 0
  /// That were read, with or without files.
  package var directories: Int64 = 0
  package var unreadable: Int64 = 0
  /// Entries that were removed between being listed and being looked at.
  package var vanished: Int64 = 0
  /// Directories and files on other file systems, which were left out.
  package var otherFileSystems: Int64 = 0
  /// Further names of files that were counted already.
  package var furtherLinks: Int64 = 0
  /// Files with several names that there was no room to remember: counted once for each name.
  package var linksForgotten: Int64 = 0
}
