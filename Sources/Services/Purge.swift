/// Deletes what has had its time, a few records per transaction: other writes go in between.
enum Purge {
  /// Repeats `batch`, which deletes up to `limit` records and returns how many, until it finds no
  /// more or its task is cancelled; returns how many in all.
  static func inBatches(of limit: Int, _ batch: () async throws -> Int) async throws -> Int {
    var count = 0
    while !Task.isCancelled {
      let deleted = try await batch()
      count += deleted
      if deleted < limit { break }
      await Task.yield()
    }
    return count
  }
}
