import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

struct PlanCacheTests {
  private func cache(plans: Int = 4, bytes: Int = 1 << 20) -> PlanCache {
    var limits = SQLiteStore.Limits()
    limits.maxCachedPlans = plans
    limits.maxCachedPlanBytes = bytes
    return PlanCache(copies: 4, limits: limits)
  }

  private func ids(in cache: PlanCache) -> [Int64] {
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
    cache.willCommit([1])
    let within = cache.generation
    cache.fill(Sample.plan(1), since: before)
    cache.fill(Sample.plan(1), since: within)
    #expect(cache.plan(.id(1)) == nil)
    cache.didCommit([Sample.plan(1, version: 2)])
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
    cache.willCommit([1, 2])
    #expect(ids(in: cache) == [3])
    #expect(cache.plan(.code("plan-1")) == nil)
    cache.didCommit([Sample.plan(1, code: "plan-2", version: 2)])
    #expect(ids(in: cache) == [1, 3])
    #expect(cache.plan(.code("plan-2"))?.record.id == 1)
  }

  @Test("A written plan is kept where it was, and nowhere else")
  func writtenPlansAreKeptWhereTheyWere() {
    let cache = cache(plans: 4)
    cache.fill(Sample.plan(1), since: cache.generation)
    cache.willCommit([1, 2])
    cache.didCommit([Sample.plan(1, version: 2), Sample.plan(2)])
    #expect(ids(in: cache) == [1])
    #expect(cache.plan(.id(1))?.record.version == 2)
    // A commit that failed puts nothing back, also not at the next.
    cache.willCommit([1])
    cache.didCommit([])
    cache.willCommit([1])
    cache.didCommit([Sample.plan(1, version: 3)])
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
    cache.willCommit([2])
    cache.didCommit([Sample.plan(2)])
    #expect(ids(in: cache) == [])
  }
}
