/// Every bound of this room, with its unit last.
enum Limits {
  /// A ``SortedSet`` splits a chunk that grows beyond this.
  static let maxSortedChunkElements = 512
}
