import StorageContract
import Testing

@testable import Storage

struct SortedSetTests {
  @Test("A sorted set is what a sorted array is, through splits and merges")
  func isLikeASortedArray() {
    var random = SeededNumbers(seed: 1)
    var set = SortedSet<Int>()
    var model = Set<Int>()
    for round in 0..<6000 {
      // Grows beyond several chunks, then shrinks to nothing.
      let element = Int.random(in: 0..<3000, using: &random)
      if round < 3500 || Int.random(in: 0..<10, using: &random) == 0 {
        set.insert(element)
        model.insert(element)
      } else {
        for victim in element..<(element + 20) {
          set.remove(victim)
          model.remove(victim)
        }
      }
      if round % 250 == 0 { check(set, against: model.sorted(), around: element) }
    }
    for element in model { set.remove(element) }
    check(set, against: [], around: 0)
  }

  private func check(_ set: SortedSet<Int>, against model: [Int], around element: Int) {
    #expect(set.count == model.count)
    #expect(set.last == model.last)
    #expect(set.elements(limit: .max) == model)
    #expect(set.elements(before: nil, limit: .max) == model.reversed())
    for bound in [-1, 0, element, element + 1, 2999, 3000] {
      #expect(
        set.elements(after: bound, limit: 40)
          == Array(model.filter { $0 > bound }.prefix(40)))
      #expect(
        set.elements(before: bound, limit: 40)
          == Array(model.filter { $0 < bound }.suffix(40).reversed()))
    }
    #expect(set.elements(after: element, limit: 0) == [])
    #expect(set.elements(before: element, limit: -1) == [])
  }
}
