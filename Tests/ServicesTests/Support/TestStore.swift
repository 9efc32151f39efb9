internal import Storage

/// The stores that a test runs on, each new and empty.
enum TestStore: CaseIterable, Sendable {
  case memory

  func with(_ body: (any Store) async throws -> Void) async throws {
    switch self {
    case .memory: try await body(MemoryStore())
    }
  }
}
