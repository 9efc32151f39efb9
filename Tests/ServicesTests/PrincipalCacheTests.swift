internal import Storage
internal import Testing

@testable internal import Services

@Suite("PrincipalCache")
struct PrincipalCacheTests {
  let now = Instant(nanosecondsSinceEpoch: 1000)

  private func value(_ number: Int, count: Int = 40) -> [UInt8] {
    let digits = Array(String(number).utf8)
    return [UInt8](repeating: UInt8(ascii: "x"), count: count - digits.count) + digits
  }

  private func find(_ value: [UInt8], in cache: PrincipalCache, at time: Instant) -> Principal? {
    value.withUnsafeBytes { cache.find($0, at: time) }
  }

  private func principal(expiring: Int64 = .max, from: Int64 = .min) -> Principal {
    Principal(
      sub: "1", account: "default", roles: [], notBefore: Instant(nanosecondsSinceEpoch: from),
      expireTime: Instant(nanosecondsSinceEpoch: expiring))
  }

  @Test("finds what was put in, and nothing that differs in a byte")
  func finds() {
    let cache = PrincipalCache(seed: 1)
    let kept = principal()
    cache.insert(kept, for: value(1), generation: 0)
    #expect(find(value(1), in: cache, at: now) === kept)
    for index in 0..<40 {
      var other = value(1)
      other[index] ^= 1
      #expect(find(other, in: cache, at: now) == nil)
    }
    #expect(find(value(1) + [0], in: cache, at: now) == nil)
    #expect(find([], in: cache, at: now) == nil)
  }

  @Test("an entry ends with its token, and its room is given back")
  func expires() {
    let cache = PrincipalCache(seed: 1)
    cache.insert(principal(expiring: 2000), for: value(1), generation: 0)
    #expect(find(value(1), in: cache, at: Instant(nanosecondsSinceEpoch: 1999)) != nil)
    #expect(find(value(1), in: cache, at: Instant(nanosecondsSinceEpoch: 2000)) == nil)
    #expect(cache.usage == (0, 0))
  }

  @Test("never holds more entries than its bound, and keeps serving")
  func entryBound() {
    let cache = PrincipalCache(seed: 1, entriesPerStripe: 8, bytesPerStripe: 1 << 20)
    for number in 0..<1000 {
      cache.insert(principal(), for: value(number), generation: 0)
      #expect(cache.usage.entries <= 8 * Limits.tokenCacheStripes)
      #expect(find(value(number), in: cache, at: now) != nil)
    }
    #expect(cache.usage.entries > 0)
  }

  @Test("never holds more bytes than its bound")
  func byteBound() {
    let cache = PrincipalCache(seed: 1, entriesPerStripe: 64, bytesPerStripe: 1000)
    for number in 0..<200 {
      cache.insert(principal(), for: value(number, count: 300), generation: 0)
      #expect(cache.usage.bytes <= 1000 * Limits.tokenCacheStripes)
      #expect(find(value(number, count: 300), in: cache, at: now) != nil)
    }
    cache.insert(principal(), for: value(1, count: 1001), generation: 0)
    #expect(find(value(1, count: 1001), in: cache, at: now) == nil)
  }

  @Test("the same token again takes no second place")
  func replaces() {
    let cache = PrincipalCache(seed: 1)
    cache.insert(principal(), for: value(1), generation: 0)
    cache.insert(principal(), for: value(1), generation: 0)
    #expect(cache.usage == (1, 40))
  }

  @Test("keys that were replaced bring nothing in any more, in whatever order they are told")
  func generations() {
    let cache = PrincipalCache(seed: 1)
    cache.insert(principal(), for: value(1), generation: 0)
    cache.removeAll(generation: 2)
    #expect(find(value(1), in: cache, at: now) == nil)
    cache.removeAll(generation: 1)
    cache.insert(principal(), for: value(2), generation: 1)
    #expect(find(value(2), in: cache, at: now) == nil)
    cache.insert(principal(), for: value(3), generation: 2)
    #expect(find(value(3), in: cache, at: now) != nil)
  }
}
