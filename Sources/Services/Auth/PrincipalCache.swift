internal import Glibc
internal import Storage
internal import Synchronization

/// The principals of tokens that were verified before, found by the raw bytes of the
/// `authorization` value. Finding one allocates nothing and waits for no other thread: each
/// thread has a stripe, which it shares only when there are more threads than stripes.
final class PrincipalCache: Sendable {
  private let stripes: [Stripe]
  /// Unknown outside, so that nobody can choose tokens that meet in one set.
  private let seed: UInt64

  init(
    seed: UInt64, entriesPerStripe: Int = Limits.tokenCacheEntriesPerStripe,
    bytesPerStripe: Int = Limits.tokenCacheBytesPerStripe
  ) {
    self.seed = seed
    stripes = (0..<Limits.tokenCacheStripes).map { _ in
      Stripe(maxEntries: entriesPerStripe, maxBytes: bytesPerStripe)
    }
  }

  /// The principal of a token that is valid at `time`.
  func find(_ value: UnsafeRawBufferPointer, at time: Instant) -> Principal? {
    guard value.count >= 16 else { return nil }
    let hash = hash(value)
    return stripe.table.withLock { $0.find(value, hash: hash, at: time) }
  }

  /// Keeps a principal that was verified by the keys of `generation`.
  func insert(_ principal: Principal, for value: [UInt8], generation: UInt64) {
    guard value.count >= 16 else { return }
    let hash = value.withUnsafeBytes { self.hash($0) }
    stripe.table.withLock { table in
      // A verification that began before the keys were replaced must not outlive them.
      guard table.generation == generation else { return }
      table.insert(principal, for: value, hash: hash)
    }
  }

  /// Forgets all, and what verifications of earlier generations bring from now on.
  func removeAll(generation: UInt64) {
    for stripe in stripes {
      stripe.table.withLock { $0.removeAll(generation: generation) }
    }
  }

  /// Entries and bytes, in all.
  var usage: (entries: Int, bytes: Int) {
    stripes.reduce(into: (0, 0)) { sum, stripe in
      let (entries, bytes) = stripe.table.withLock { ($0.count, $0.bytes) }
      sum = (sum.0 + entries, sum.1 + bytes)
    }
  }

  private var stripe: Stripe {
    stripes[ThreadNumber.current % stripes.count]
  }

  /// Over the last 16 bytes, which are of the signature and so as good as random; only a holder
  /// of the token can get as far as the comparison of all its bytes.
  private func hash(_ value: UnsafeRawBufferPointer) -> UInt64 {
    let end = value.count
    let a = value.loadUnaligned(fromByteOffset: end - 16, as: UInt64.self)
    let b = value.loadUnaligned(fromByteOffset: end - 8, as: UInt64.self)
    let product = (a ^ seed).multipliedFullWidth(by: b ^ ~seed &* 0x9e37_79b9_7f4a_7c15)
    return product.high ^ product.low ^ UInt64(end)
  }

  private final class Stripe: Sendable {
    let table: Mutex<Table>

    init(maxEntries: Int, maxBytes: Int) {
      table = Mutex(Table(maxEntries: maxEntries, maxBytes: maxBytes))
    }
  }
}

/// Sets of four entries each; a full set gives up its entries in turn.
private struct Table {
  private struct Entry {
    let hash: UInt64
    let value: [UInt8]
    let principal: Principal
  }

  private static let ways = 4

  private let setCount: Int
  private let maxBytes: Int
  /// Empty until the first insertion: an idle stripe takes no memory.
  private var entries: [Entry?] = []
  private var turn = 0
  private(set) var count = 0
  private(set) var bytes = 0
  private(set) var generation: UInt64 = 0

  init(maxEntries: Int, maxBytes: Int) {
    setCount = max(1, maxEntries / Table.ways)
    self.maxBytes = maxBytes
  }

  mutating func find(
    _ value: UnsafeRawBufferPointer, hash: UInt64, at time: Instant
  ) -> Principal? {
    guard !entries.isEmpty else { return nil }
    for index in ways(of: hash) {
      guard let entry = entries[index], entry.hash == hash else { continue }
      let same = entry.value.withUnsafeBytes { own in
        guard own.count == value.count, let a = own.baseAddress, let b = value.baseAddress
        else { return false }
        return memcmp(a, b, own.count) == 0
      }
      guard same else { continue }
      if entry.principal.isValid(at: time) { return entry.principal }
      remove(index)
      return nil
    }
    return nil
  }

  mutating func insert(_ principal: Principal, for value: [UInt8], hash: UInt64) {
    guard value.count <= maxBytes else { return }
    if entries.isEmpty {
      entries = Array(repeating: nil, count: setCount * Table.ways)
    }
    let ways = ways(of: hash)
    let index =
      ways.first { entries[$0]?.hash == hash } ?? ways.first { entries[$0] == nil }
      ?? ways.lowerBound + turn % Table.ways
    remove(index)
    while bytes + value.count > maxBytes {
      remove(turn % entries.count)
      turn &+= 1
    }
    turn &+= 1
    entries[index] = Entry(hash: hash, value: value, principal: principal)
    count += 1
    bytes += value.count
  }

  mutating func removeAll(generation: UInt64) {
    entries = []
    count = 0
    bytes = 0
    // Two reloads may come here in the other order.
    self.generation = max(self.generation, generation)
  }

  private func ways(of hash: UInt64) -> Range<Int> {
    let first = Int(hash % UInt64(setCount)) * Table.ways
    return first..<first + Table.ways
  }

  private mutating func remove(_ index: Int) {
    guard let entry = entries[index] else { return }
    entries[index] = nil
    count -= 1
    bytes -= entry.value.count
  }
}
