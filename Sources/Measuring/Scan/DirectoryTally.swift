package import API

/// Files by directory, while a walk goes through them: a tree of the directories that hold files
/// or lead to some, in the order in which they were entered.
///
/// It never has more than `maxDirectories`: beyond that its deepest levels are folded into the
/// ones above, and what comes later at those depths is counted there too.
package struct DirectoryTally {
  private struct Directory {
    /// Index of the one above; that of the home is 0, its own.
    var parent: Int
    let name: String
    let depth: Int
    let pathBytes: Int
    var bytes: Int64 = 0
    var files: Int64 = 0

    func moved(below parent: Int) -> Directory {
      var moved = self
      moved.parent = parent
      return moved
    }
  }

  /// A directory that the walk is in.
  private struct Entered {
    var index: Int
    /// False for one that is counted in a directory above.
    var isOwn: Bool
  }

  private let maxDirectories: Int
  private var directories = [Directory(parent: 0, name: "", depth: 0, pathBytes: 0)]
  private var entered: [Entered] = []
  /// Deeper directories are counted in the one above them of this depth.
  private var maxDepth = MeasuringLimits.maxPathDepth

  /// How many directories are counted in one above them.
  package private(set) var foldedDirectories = 0

  init(maxDirectories: Int = MeasuringLimits.maxTalliedDirectories) {
    self.maxDirectories = max(1, maxDirectories)
  }

  /// Goes from the directory that was entered last into one below it; the first is the home,
  /// whose name is of no account.
  mutating func enter(_ name: String) {
    if directories.count >= maxDirectories { fold(to: deepest - 1) }
    guard let above = entered.last else {
      entered.append(Entered(index: 0, isOwn: true))
      return
    }
    let parent = directories[above.index]
    let depth = parent.depth + 1
    let pathBytes = parent.pathBytes + (depth == 1 ? 0 : 1) + name.utf8.count
    // What is below a directory that is folded is folded as well, however short its name.
    guard above.isOwn, depth <= maxDepth, pathBytes <= MeasuringLimits.maxPathBytes else {
      foldedDirectories += 1
      entered.append(Entered(index: above.index, isOwn: false))
      return
    }
    directories.append(
      Directory(parent: above.index, name: name, depth: depth, pathBytes: pathBytes))
    entered.append(Entered(index: directories.count - 1, isOwn: true))
  }

  /// Counts a file of the directory that was entered last.
  mutating func add(bytes: Int64) {
    guard let index = entered.last?.index else { return }
    directories[index].bytes &+= bytes
    directories[index].files += 1
  }

  mutating func leave() {
    guard let left = entered.popLast(), left.isOwn, left.index > 0 else { return }
    // It is the last one, and so leads to none, unless one below it was kept.
    if left.index == directories.count - 1, directories[left.index].files == 0 {
      directories.removeLast()
    }
  }

  /// Every directory with files. The deepest levels are folded until all of them take at most
  /// `maxBytes` of a message.
  package mutating func usage(maxBytes: Int) -> [DirectoryUsage] {
    if encodedBytes > maxBytes {
      var fits = 0
      var tooDeep = deepest
      while tooDeep - fits > 1 {
        let middle = (fits + tooDeep) / 2
        var folded = self
        folded.fold(to: middle)
        if folded.encodedBytes <= maxBytes { fits = middle } else { tooDeep = middle }
      }
      fold(to: fits)
    }
    return usage
  }

  private var deepest: Int { directories.reduce(0) { max($0, $1.depth) } }

  private var encodedBytes: Int {
    directories.reduce(0) { sum, directory in
      guard directory.files > 0 else { return sum }
      let figures = DirectoryUsage(path: "", bytes: directory.bytes, files: directory.files)
      return sum
        + Self.fieldBytes(
          Self.fieldBytes(directory.pathBytes) + figures.encodedSize)
    }
  }

  /// What so many bytes take as a field whose number is at most 15, at the most.
  private static func fieldBytes(_ length: Int) -> Int {
    1 + (length < 1 << 7 ? 1 : length < 1 << 14 ? 2 : 5) + length
  }

  private var usage: [DirectoryUsage] {
    var paths: [String] = []
    paths.reserveCapacity(directories.count)
    var usage: [DirectoryUsage] = []
    // A directory stands before those below it.
    for directory in directories {
      let path =
        directory.parent == 0 ? directory.name : paths[directory.parent] + "/" + directory.name
      paths.append(path)
      guard directory.files > 0 else { continue }
      usage.append(DirectoryUsage(path: path, bytes: directory.bytes, files: directory.files))
    }
    return usage
  }

  /// Counts every directory that is deeper in the one above it of that depth, from now on too.
  private mutating func fold(to depth: Int) {
    guard depth >= 0 else { return }
    maxDepth = min(maxDepth, depth)
    var kept: [Directory] = []
    /// Where each directory is counted now.
    var places: [Int] = []
    places.reserveCapacity(directories.count)
    for directory in directories {
      let parent = places.isEmpty ? 0 : places[directory.parent]
      if directory.depth <= maxDepth {
        places.append(kept.count)
        kept.append(directory.moved(below: parent))
      } else {
        places.append(parent)
        kept[parent].bytes &+= directory.bytes
        kept[parent].files += directory.files
        foldedDirectories += 1
      }
    }
    for index in entered.indices {
      let old = entered[index].index
      if directories[old].depth > maxDepth { entered[index].isOwn = false }
      entered[index].index = places[old]
    }
    directories = kept
  }
}
