internal import Foundation
internal import SQLiteStorage
internal import Storage

/// The stores that a service runs on.
enum StoreKind: CaseIterable, Sendable {
  case memory
  case sqlite

  /// Gives `body` an empty store, and the folder of its files; both are gone afterwards.
  func withStore<Result>(
    _ body: (any Store, _ folder: URL) async throws -> Result
  ) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "packd-services-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store: any Store =
      switch self {
      case .memory: MemoryStore()
      case .sqlite: try SQLiteStore.open(path: folder.appending(path: "packd.db").path)
      }
    do {
      let result = try await body(store, folder)
      await store.close()
      return result
    } catch {
      await store.close()
      throw error
    }
  }
}
