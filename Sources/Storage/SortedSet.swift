/// A set in ascending order, kept in chunks, so that a change moves a few hundred elements
/// however large the set is.
struct SortedSet<Element: Comparable> {
  /// Each is ascending and not empty, and all of it comes before the next one.
  private var chunks: [[Element]] = []
  private(set) var count = 0

  var last: Element? { chunks.last?.last }

  /// Adds `element` unless it is there.
  mutating func insert(_ element: Element) {
    guard !chunks.isEmpty else {
      chunks = [[element]]
      count = 1
      return
    }
    let index = min(chunk(reaching: element), chunks.count - 1)
    let place = Self.firstIndex(in: chunks[index], notBefore: element)
    if place < chunks[index].count, chunks[index][place] == element { return }
    chunks[index].insert(element, at: place)
    count += 1
    if chunks[index].count > Limits.maxSortedChunkElements {
      let middle = chunks[index].count / 2
      chunks.insert(Array(chunks[index][middle...]), at: index + 1)
      chunks[index].removeSubrange(middle...)
    }
  }

  /// Removes `element` if it is there.
  mutating func remove(_ element: Element) {
    let index = chunk(reaching: element)
    guard index < chunks.count else { return }
    let place = Self.firstIndex(in: chunks[index], notBefore: element)
    guard place < chunks[index].count, chunks[index][place] == element else { return }
    chunks[index].remove(at: place)
    count -= 1
    if chunks[index].isEmpty { chunks.remove(at: index) }
  }

  /// Up to `limit` elements, ascending, all after `bound` when that is given.
  func elements(after bound: Element? = nil, limit: Int) -> [Element] {
    var found: [Element] = []
    var index = 0
    var place = 0
    if let bound {
      index = chunk(reaching: bound)
      guard index < chunks.count else { return [] }
      place = Self.firstIndex(in: chunks[index], notBefore: bound)
      if chunks[index][place] == bound { place += 1 }
    }
    while found.count < limit, index < chunks.count {
      found += chunks[index][place...].prefix(limit - found.count)
      index += 1
      place = 0
    }
    return found
  }

  /// Up to `limit` elements, descending, all before `bound` when that is given.
  func elements(before bound: Element?, limit: Int) -> [Element] {
    var found: [Element] = []
    var index = chunks.count - 1
    var end = chunks.last?.count ?? 0
    if let bound, case let reaching = chunk(reaching: bound), reaching < chunks.count {
      index = reaching
      end = Self.firstIndex(in: chunks[index], notBefore: bound)
    }
    while found.count < limit, index >= 0 {
      found += chunks[index][..<end].suffix(limit - found.count).reversed()
      index -= 1
      end = index >= 0 ? chunks[index].count : 0
    }
    return found
  }

  /// The first chunk whose last element is not before `element`, or the number of chunks.
  private func chunk(reaching element: Element) -> Int {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = low + (high - low) / 2
      if let last = chunks[middle].last, last < element { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private static func firstIndex(in chunk: [Element], notBefore element: Element) -> Int {
    var low = 0
    var high = chunk.count
    while low < high {
      let middle = low + (high - low) / 2
      if chunk[middle] < element { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
