/// The logs of changes that a ``MemoryStore`` holds, in the manner of ``MemoryTables``.
final class MemoryChanges {
  struct Key: Hashable {
    var accountID: ExactText
    var sequence: Int64
  }

  struct StoredChange {
    var record: PackageChangeRecord
    /// When it is as old as its time says and nothing before it is younger: a log is deleted from
    /// its front on, even if the clock was set back while it was written.
    var ageTime: Instant
  }

  /// Where a change stands in the order of age.
  struct Age: Comparable {
    var time: Instant
    var accountID: ExactText
    var sequence: Int64

    static func < (a: Self, b: Self) -> Bool {
      (a.time, a.accountID, a.sequence) < (b.time, b.accountID, b.sequence)
    }
  }

  private(set) var changes: [Key: StoredChange] = [:]
  private(set) var sequences: [ExactText: SortedSet<Int64>] = [:]
  /// All but the newest of each account, which is not deleted however old it is.
  private(set) var ages = SortedSet<Age>()

  func put(_ key: Key, _ change: StoredChange?) -> StoredChange? {
    let old = changes[key]
    let last = sequences[key.accountID]?.last
    if let last, last != key.sequence { removeAge(key) }
    changes[key] = change
    sequences.change(key.accountID) { sequences in
      if change == nil { sequences.remove(key.sequence) } else { sequences.insert(key.sequence) }
    }
    guard let newLast = sequences[key.accountID]?.last else { return old }
    if newLast != key.sequence {
      addAge(key)
      if newLast != last { removeAge(Key(accountID: key.accountID, sequence: newLast)) }
    } else if let last, newLast != last {
      addAge(Key(accountID: key.accountID, sequence: last))
    }
    return old
  }

  private func addAge(_ key: Key) {
    if let age = age(key) { ages.insert(age) }
  }

  private func removeAge(_ key: Key) {
    if let age = age(key) { ages.remove(age) }
  }

  private func age(_ key: Key) -> Age? {
    changes[key].map { change in
      Age(time: change.ageTime, accountID: key.accountID, sequence: key.sequence)
    }
  }
}
