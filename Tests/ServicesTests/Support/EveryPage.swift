/// The elements of all pages of a list, which must come to its end.
///
/// - Parameter page: the page that a token is of, "" for the first, and the next one's token.
func everyPage<Element>(
  _ page: (_ token: String) async throws -> (elements: [Element], next: String)
) async throws -> [Element] {
  var (all, token) = ([Element](), "")
  for _ in 0..<100 {
    let (elements, next) = try await page(token)
    all += elements
    guard !next.isEmpty else { return all }
    token = next
  }
  throw EndlessList()
}

private struct EndlessList: Error {}
