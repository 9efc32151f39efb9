internal import Storage
internal import Synchronization

/// One copy of the cache. What stays unused longest goes first, roughly: a hand goes round and
/// takes the first snapshot that nobody has asked for since it last came by (CLOCK).
final class SnapshotCacheCopy<Snapshot: CachedSnapshot>: Sendable {
  /// Keeps the copies off each other's cache lines, on either side.
  private let paddingBefore = InlineArray<16, Int>(repeating: 0)
  private let table: Mutex<SnapshotTable<Snapshot>>
  private let paddingAfter = InlineArray<16, Int>(repeating: 0)

  init(maxSnapshots: Int, maxBytes: Int) {
    table = Mutex(SnapshotTable(maxSnapshots: maxSnapshots, maxBytes: maxBytes))
  }

  var generation: UInt64 { table.withLock { $0.generation } }

  func find(_ id: Snapshot.ID) -> Snapshot? {
    table.withLock { $0.find(id) }
  }

  func find(code: ExactText) -> Snapshot? {
    table.withLock { $0.find(code: code) }
  }

  func find(_ id: Snapshot.ID, since generation: UInt64) -> Snapshot? {
    table.withLock { $0.find(id, since: generation) }
  }

  func fill(_ state: Snapshot.State, since generation: UInt64) {
    table.withLock { table in
      guard table.generation == generation, !table.isClosed else { return }
      let snapshot = Snapshot(Snapshot.withOwnTexts(state))
      guard table.changes[snapshot.id] == nil else { return }
      table.remove(snapshot.id)
      let size = Snapshot.approximateBytes(state)
      table.makeRoom(for: size)
      guard table.hasRoom(for: size) else { return }
      table.insert(snapshot, bytes: size)
    }
  }

  func beginChange(_ changes: SnapshotCache<Snapshot>.Changes) {
    table.withLock { table in
      table.generation += 1
      table.changes = changes
      for id in changes.keys {
        if let snapshot = table.remove(id) { table.takenOut[id] = snapshot }
      }
    }
  }

  /// Puts back what was taken out, as far as there is room: what grew drives none out.
  func endChange(_ isCommitted: Bool) {
    table.withLock { table in
      // Once more: a read that began within the change saw what was before it.
      table.generation += 1
      let takenOut = table.takenOut
      let changes = table.changes
      table.takenOut = [:]
      table.changes = [:]
      guard isCommitted, !table.isClosed else { return }
      for (id, old) in takenOut {
        guard let change = changes[id], let snapshot = old.changed(by: change) else { continue }
        let size = Snapshot.approximateBytes(snapshot.state)
        if table.hasRoom(for: size) { table.insert(snapshot, bytes: size) }
      }
    }
  }

  func removeAll() {
    table.withLock { $0.removeAll() }
  }

  func close() {
    table.withLock { table in
      table.isClosed = true
      table.removeAll()
    }
  }
}

private struct SnapshotTable<Snapshot: CachedSnapshot> {
  struct Slot {
    var snapshot: Snapshot
    var bytes: Int
    /// When it came here.
    var generation: UInt64
    /// Whether someone asked for it since the hand came by.
    var isUsed: Bool
  }

  let maxSnapshots: Int
  let maxBytes: Int
  /// Counts where changes begin and end.
  var generation: UInt64 = 0
  /// What the commit that is under way changes.
  var changes: SnapshotCache<Snapshot>.Changes = [:]
  /// What was here of it.
  var takenOut: [Snapshot.ID: Snapshot] = [:]
  var isClosed = false
  private var slots: [Slot?] = []
  private var freeSlots: [Int] = []
  private var slotsByID: [Snapshot.ID: Int] = [:]
  private var slotsByCode: [ExactText: Int] = [:]
  private var bytes = 0
  private var hand = 0

  init(maxSnapshots: Int, maxBytes: Int) {
    self.maxSnapshots = maxSnapshots
    self.maxBytes = maxBytes
  }

  mutating func find(_ id: Snapshot.ID) -> Snapshot? {
    use(slotsByID[id])
  }

  mutating func find(code: ExactText) -> Snapshot? {
    use(slotsByCode[code])
  }

  mutating func find(_ id: Snapshot.ID, since generation: UInt64) -> Snapshot? {
    guard let index = slotsByID[id], let slot = slots[index], slot.generation <= generation else {
      return nil
    }
    return use(index)
  }

  private mutating func use(_ index: Int?) -> Snapshot? {
    guard let index else { return nil }
    slots[index]?.isUsed = true
    return slots[index]?.snapshot
  }

  func hasRoom(for size: Int) -> Bool {
    slotsByID.count < maxSnapshots && bytes + size <= maxBytes
  }

  mutating func makeRoom(for size: Int) {
    while !hasRoom(for: size), !slotsByID.isEmpty { evictOne() }
  }

  /// Adds a snapshot that is not there.
  mutating func insert(_ snapshot: Snapshot, bytes size: Int) {
    let slot = Slot(snapshot: snapshot, bytes: size, generation: generation, isUsed: false)
    let index: Int
    if let free = freeSlots.popLast() {
      index = free
      slots[index] = slot
    } else {
      index = slots.count
      slots.append(slot)
    }
    slotsByID[snapshot.id] = index
    if let code = snapshot.code { slotsByCode[code] = index }
    bytes += size
  }

  /// - Returns: what was there.
  @discardableResult
  mutating func remove(_ id: Snapshot.ID) -> Snapshot? {
    guard let index = slotsByID.removeValue(forKey: id), let slot = slots[index] else {
      return nil
    }
    if let code = slot.snapshot.code { slotsByCode[code] = nil }
    slots[index] = nil
    freeSlots.append(index)
    bytes -= slot.bytes
    return slot.snapshot
  }

  mutating func removeAll() {
    generation += 1
    takenOut = [:]
    slots = []
    freeSlots = []
    slotsByID = [:]
    slotsByCode = [:]
    bytes = 0
    hand = 0
  }

  /// Ends: the hand clears every mark that it passes, and some slot is not empty.
  private mutating func evictOne() {
    while true {
      hand = hand + 1 < slots.count ? hand + 1 : 0
      guard let slot = slots[hand] else { continue }
      if !slot.isUsed {
        remove(slot.snapshot.id)
        return
      }
      slots[hand]?.isUsed = false
    }
  }
}
