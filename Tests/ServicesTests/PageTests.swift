internal import API
internal import Testing

@testable internal import Services

@Suite("Page")
struct PageTests {
  /// Numbers from 1; a page's element is a Timestamp of as many seconds.
  private struct Numbers {
    let count: Int
    var fetches: [Int] = []

    mutating func fetch(after last: Int?, limit: Int) -> [Int] {
      fetches.append(limit)
      return Array(((last ?? 0) + 1)..<(count + 1)).prefix(limit).map(\.self)
    }
  }

  private func page(
    _ numbers: inout Numbers, after start: Int? = nil, limit: Int, scanning: Int = .max,
    where isIncluded: (Int) -> Bool = { _ in true }
  ) -> Page<Int, Timestamp> {
    Page(limit: limit, scanning: scanning) {
      numbers.fetch(after: $0 ?? start, limit: $1)
    } element: {
      isIncluded($0) ? Timestamp(seconds: Int64($0)) : nil
    }
  }

  /// Of each page the elements; the position goes on from page to page.
  private func pages(
    of count: Int, limit: Int, scanning: Int = .max, where isIncluded: (Int) -> Bool = { _ in true }
  ) -> [[Int64]] {
    var numbers = Numbers(count: count)
    var pages: [[Int64]] = []
    var last: Int?
    repeat {
      let page = page(
        &numbers, after: last, limit: limit, scanning: scanning, where: isIncluded)
      pages.append(page.elements.map(\.seconds))
      last = page.last
    } while last != nil
    return pages
  }

  @Test("pages have as many elements as they may, and the last one is known as such")
  func plain() {
    #expect(pages(of: 0, limit: 3) == [[]])
    #expect(pages(of: 3, limit: 3) == [[1, 2, 3]])
    #expect(pages(of: 4, limit: 3) == [[1, 2, 3], [4]])
    #expect(pages(of: 250, limit: 1000) == [Array(1...250)])
    #expect(pages(of: 1001, limit: 1000) == [Array(1...1000), [1001]])
    var numbers = Numbers(count: 7)
    #expect(page(&numbers, limit: 5).last == 5)
    #expect(numbers.fetches == [6])
  }

  @Test("a filter's page has as many elements as the others, and no gap behind it")
  func filtered() {
    #expect(pages(of: 10, limit: 2) { $0 % 3 == 0 } == [[3, 6], [9]])
    #expect(pages(of: 500, limit: 3) { $0 > 496 } == [[497, 498, 499], [500]])
    #expect(pages(of: 500, limit: 3) { _ in false } == [[]])
  }

  @Test("what is looked at is bounded, and a page ends early for it")
  func bounded() {
    #expect(
      pages(of: 10, limit: 5, scanning: 4) { $0 % 4 == 0 } == [[4], [8], []])
    // A record that was not looked at is not passed over; one that is the last ends the list.
    #expect(pages(of: 4, limit: 5, scanning: 4) { $0 == 4 } == [[4]])
    var numbers = Numbers(count: 100_000)
    let page = page(&numbers, limit: 5, scanning: 2000) { _ in false }
    #expect(page.last == 2000)
    #expect(numbers.fetches.reduce(0, +) <= 2000 + Limits.maxFetchedRecords)
  }

  @Test("a page ends before it is too long, unless it would have no element")
  func bytes() {
    func sizes(_ characters: Int) -> [Int] {
      var sizes: [Int] = []
      var start: Int?
      repeat {
        let page = Page<Int, SellerPackage>(limit: 100) { last, limit in
          Array(((last ?? start ?? 0) + 1)..<11).prefix(limit).map(\.self)
        } element: { _ in
          var package = SellerPackage()
          package.description = String(repeating: "x", count: characters)
          return package
        }
        sizes.append(page.elements.count)
        start = page.last
      } while start != nil
      return sizes
    }
    #expect(sizes(1000) == [10])
    #expect(sizes(Limits.maxPageBytes / 3 - 100) == [3, 3, 3, 1])
    #expect(sizes(Limits.maxPageBytes) == Array(repeating: 1, count: 10))
  }
}
