/// Where something stands still until the test lets it go on.
struct Pause: Sendable {
  private let reachings = AsyncStream<Void>.makeStream()
  private let ends = AsyncStream<Void>.makeStream()

  @Sendable func hold() async {
    reachings.continuation.yield()
    for await _ in ends.stream {}
  }

  func reached() async {
    for await _ in reachings.stream { return }
  }

  func end() { ends.continuation.finish() }
}
