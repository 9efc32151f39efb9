internal import API

/// One page of a list: what its filter lets through of the records, in their order, each as clients
/// see it.
struct Page<Record, Element: Message> {
  private(set) var elements: [Element] = []
  /// Where the next page goes on, behind the last record that was looked at; nil on the last page.
  private(set) var last: Record?

  /// Fills the page with up to `limit` elements, or as many as its bytes allow, or until so many
  /// records were looked at as may be: so it may have few elements or none, and yet another behind
  /// it.
  ///
  /// - Parameters:
  ///   - limit: 1 or more.
  ///   - maxScanned: how many records may be looked at, 1 or more.
  ///   - fetch: up to so many records behind one, or from the start. It is asked for few at a
  ///     time: a thousand of the largest plans would take 60 MB.
  ///   - element: nil for a record that the filter keeps back.
  init(
    limit: Int, scanning maxScanned: Int = .max,
    _ fetch: (_ last: Record?, _ limit: Int) throws -> [Record],
    element makeElement: (Record) throws -> Element?
  ) rethrows {
    var bytes = 0
    var scanned = 0
    while true {
      // One more than fits tells whether the page is the last one. Once a filter has kept something
      // back, nobody knows how many it takes.
      let wanted =
        elements.count == scanned
        ? min(limit - elements.count, Limits.maxFetchedRecords) + 1 : Limits.maxFetchedRecords
      let records = try fetch(last, wanted)
      for record in records {
        guard scanned < maxScanned else { return }
        if let element = try makeElement(record) {
          bytes += element.encodedSize
          let fits = elements.isEmpty || bytes <= Limits.maxPageBytes
          guard elements.count < limit, fits else { return }
          elements.append(element)
        }
        scanned += 1
        last = record
      }
      if records.count < wanted {
        last = nil
        return
      }
    }
  }
}
