import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

struct SnapshotCacheTests {
  private func cache(
    plans: Int = 4, bytes: Int = 1 << 20
  ) -> SnapshotCache<PlanSnapshot> {
    SnapshotCache(copies: 4, maxCopies: 16, maxSnapshots: plans, maxBytes: bytes)
  }

  private func packageCache() -> SnapshotCache<PackageSnapshot> {
    SnapshotCache(copies: 2, maxCopies: 16, maxSnapshots: 4, maxBytes: 1 << 20)
  }

  private func ids(in cache: SnapshotCache<PlanSnapshot>) -> [Int64] {
    (1...100).filter { cache.plan(.id($0)) != nil }
  }

  @Test("What was filled in is found by id and by code, on every thread")
  func findsPlans() async {
    let cache = cache()
    cache.fill(Sample.plan(1), since: cache.generation)
    #expect(cache.plan(.id(1))?.record == Sample.plan(1))
    #expect(cache.plan(.code("plan-1"))?.record == Sample.plan(1))
    #expect(cache.plan(.id(2)) == nil)
    #expect(cache.plan(.code("plan-2")) == nil)
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 { group.addTask { cache.plan(.id(1)) != nil } }
      for await isFound in group { #expect(isFound) }
    }
  }

  @Test("No more plans stay than the limit says, and those in use stay")
  func countIsBounded() {
    let cache = cache(plans: 4)
    for id in 1...50 as ClosedRange<Int64> {
      cache.fill(Sample.plan(id), since: cache.generation)
      if id > 1 { #expect(cache.plan(.id(2)) != nil, "after \(id)") }
    }
    #expect(ids(in: cache).count == 4)
  }

  @Test("No more bytes stay than the limit says")
  func bytesAreBounded() {
    let cache = cache(plans: 100, bytes: 20_000)
    var large = Sample.plan(99)
    large.description = String(repeating: "x", count: 30_000)
    cache.fill(large, since: cache.generation)
    #expect(cache.plan(.id(99)) == nil)
    for id in 1...90 as ClosedRange<Int64> {
      var plan = Sample.plan(id)
      plan.description = String(repeating: "x", count: 4000)
      cache.fill(plan, since: cache.generation)
    }
    #expect((1...4).contains(ids(in: cache).count))
    #expect(cache.plan(.id(90)) != nil)
  }

  @Test("A read that began before a commit, or within it, fills nothing in")
  func staleFillsAreRefused() {
    let cache = cache()
    cache.fill(Sample.plan(1), since: cache.generation)
    let before = cache.generation
    cache.willCommit([1: .written(Sample.plan(1, version: 2))])
    let within = cache.generation
    cache.fill(Sample.plan(1), since: before)
    cache.fill(Sample.plan(1), since: within)
    #expect(cache.plan(.id(1)) == nil)
    cache.didCommit(true)
    cache.fill(Sample.plan(1), since: before)
    cache.fill(Sample.plan(1), since: within)
    #expect(cache.plan(.id(1))?.record.version == 2)
    cache.fill(Sample.plan(2), since: cache.generation)
    #expect(cache.plan(.id(2)) != nil)
  }

  @Test("While plans are committed they are not answered, and deleted ones never again")
  func changedPlansAreTakenOut() {
    let cache = cache()
    for id in 1...3 as ClosedRange<Int64> {
      cache.fill(Sample.plan(id), since: cache.generation)
    }
    cache.willCommit([1: .written(Sample.plan(1, code: "plan-2", version: 2)), 2: .removed])
    #expect(ids(in: cache) == [3])
    #expect(cache.plan(.code("plan-1")) == nil)
    cache.didCommit(true)
    #expect(ids(in: cache) == [1, 3])
    #expect(cache.plan(.code("plan-2"))?.record.id == 1)
  }

  @Test("A written plan is kept where it was, and nowhere else")
  func writtenPlansAreKeptWhereTheyWere() {
    let cache = cache(plans: 4)
    cache.fill(Sample.plan(1), since: cache.generation)
    cache.willCommit([1: .written(Sample.plan(1, version: 2)), 2: .written(Sample.plan(2))])
    cache.didCommit(true)
    #expect(ids(in: cache) == [1])
    #expect(cache.plan(.id(1))?.record.version == 2)
    // A commit that failed puts nothing back, also not at the next.
    cache.willCommit([1: .written(Sample.plan(1, version: 3))])
    cache.didCommit(false)
    cache.willCommit([1: .written(Sample.plan(1, version: 3))])
    cache.didCommit(true)
    #expect(ids(in: cache) == [])
  }

  @Test("What is kept encoded counts among the bytes")
  func encodingsAreCounted() {
    let cache = cache(plans: 100, bytes: 40_000)
    for id in 1...50 as ClosedRange<Int64> {
      var plan = Sample.plan(id)
      plan.description = String(repeating: "x", count: 4000)
      cache.fill(plan, since: cache.generation)
      _ = cache.plan(.id(id))?.getPlanResponse { Array($0.description.utf8) }
    }
    let kept = ids(in: cache)
    #expect(kept.count >= 3)
    #expect(kept.count * 8000 <= 40_000)
  }

  @Test("An emptied cache can be filled again, a closed one cannot")
  func emptiedAndClosed() {
    let cache = cache()
    let before = cache.generation
    cache.fill(Sample.plan(1), since: before)
    cache.removeAll()
    #expect(ids(in: cache) == [])
    cache.fill(Sample.plan(1), since: before)
    #expect(ids(in: cache) == [])
    cache.fill(Sample.plan(1), since: cache.generation)
    #expect(ids(in: cache) == [1])
    cache.close()
    cache.fill(Sample.plan(1), since: cache.generation)
    cache.willCommit([2: .written(Sample.plan(2))])
    cache.didCommit(true)
    #expect(ids(in: cache) == [])
  }

  @Test("What a commit does not change can be filled in while it is under way")
  func fillsBesideAChange() {
    let cache = cache()
    cache.willCommit([1: .written(Sample.plan(1))])
    cache.fill(Sample.plan(2), since: cache.generation)
    #expect(ids(in: cache) == [2])
    cache.didCommit(true)
    #expect(ids(in: cache) == [2])
  }

  @Test("A reader takes only what was there before it began")
  func readersTakeWhatWasThere() {
    let cache = cache()
    cache.fill(Sample.plan(1), since: cache.generation)
    cache.fill(Sample.plan(2), since: cache.generation)
    let before = cache.generation
    cache.willCommit([1: .written(Sample.plan(1, version: 2))])
    let within = cache.generation
    #expect(cache.find(1, since: before) == nil)
    cache.didCommit(true)
    // For all that this reader knows, it began before the commit.
    for generation in [before, within] {
      #expect(cache.find(1, since: generation) == nil)
      #expect(cache.find(2, since: generation)?.record == Sample.plan(2))
    }
    #expect(cache.find(1, since: cache.generation)?.record.version == 2)
  }

  @Test("A package that is touched keeps its record and its encoding, not what it used")
  func touchedPackages() throws {
    let cache = packageCache()
    let record = Sample.hostingPackage(1)
    let id = record.id
    cache.fill(record, since: cache.generation)
    let old = try #require(cache.find(id))
    #expect(old.getPackageResponse { _ in [1] } == [1])
    old.keepUsageResponse([2], from: Sample.at(0), until: Sample.at(9))
    cache.willCommit([id: .touched, ULID(value: 2): .touched])
    #expect(cache.find(id) == nil)
    cache.didCommit(true)
    let new = try #require(cache.find(id))
    #expect(new !== old)
    #expect(new.record == record)
    #expect(new.getPackageResponse { _ in [9] } == [1])
    #expect(new.usageResponse(at: Sample.at(5)) == nil)
    #expect(old.usageResponse(at: Sample.at(5)) == [2])
    #expect(cache.find(ULID(value: 2)) == nil)
    // When the commit fails, nobody knows what is there.
    cache.willCommit([id: .touched])
    cache.didCommit(false)
    #expect(cache.find(id) == nil)
  }

  @Test("An entitlement whose slots change keeps its purchase, not its answers")
  func changedSlots() throws {
    let cache = SnapshotCache<EntitlementSnapshot>(
      copies: 1, maxCopies: 16, maxSnapshots: 4, maxBytes: 1 << 20)
    let key = ExactText("seller")
    let none = Entitlement(purchase: Sample.purchase(1), slots: .none)
    let held = ListingSlotCounts(held: 2, committed: 0, firstExpiry: Sample.at(5))
    cache.fill(none, since: cache.generation)
    let old = try #require(cache.find(key))
    old.keep([1], as: .packageStatus, from: Sample.at(0), until: Sample.at(9))
    cache.willCommit([key: .slots(held), ExactText("other"): .slots(held)])
    #expect(cache.find(key) == nil)
    cache.didCommit(true)
    let new = try #require(cache.find(key))
    #expect(new !== old)
    #expect(new.record == none.purchase && new.slots == held)
    #expect(new.response(.packageStatus, at: Sample.at(5)) == nil)
    #expect(old.response(.packageStatus, at: Sample.at(5)) == [1])
    #expect(cache.find(ExactText("other")) == nil)
    let next = Entitlement(purchase: Sample.purchase(2), slots: .none)
    cache.willCommit([key: .written(next)])
    cache.didCommit(true)
    #expect(cache.find(key)?.record == next.purchase)
    cache.willCommit([key: .unknown])
    cache.didCommit(true)
    #expect(cache.find(key) == nil)
  }

  @Test("Of changes to an entitlement the last one counts, and the slots last written")
  func followedChanges() {
    let written = Entitlement(purchase: Sample.purchase(1), slots: .none)
    let held = ListingSlotCounts(held: 2, committed: 0, firstExpiry: Sample.at(5))
    guard case .written(let both) = EntitlementChange.written(written).followed(by: .slots(held))
    else {
      Issue.record("not written")
      return
    }
    #expect(both.purchase == written.purchase && both.slots == held)
    guard case .unknown = EntitlementChange.unknown.followed(by: .slots(held)),
      case .unknown = EntitlementChange.written(written).followed(by: .unknown),
      case .written = EntitlementChange.unknown.followed(by: .written(written)),
      case .slots(held) = EntitlementChange.slots(.none).followed(by: .slots(held))
    else {
      Issue.record("changes do not follow each other")
      return
    }
  }

  @Test("Each copy of the cache has a package of its own")
  func copiesAreApart() async {
    let cache = packageCache()
    cache.fill(Sample.hostingPackage(1), since: cache.generation)
    let id = ULID(value: 1)
    var found: Set<ObjectIdentifier> = []
    await withTaskGroup(of: ObjectIdentifier?.self) { group in
      for _ in 0..<64 { group.addTask { cache.find(id).map { ObjectIdentifier($0) } } }
      for await object in group { if let object { found.insert(object) } }
    }
    #expect((1...2).contains(found.count))
  }
}
