internal import Synchronization

/// The store that forgets: for development and tests, and the reference for what every adapter
/// must do. One lock makes its transactions serial; holds as much as memory does.
package final class MemoryStore: Store {
  private let tables = Mutex(MemoryTables())
  /// The committed plans, apart from `tables`, so that ``cachedPlan(_:)`` waits for no body.
  private let published = Mutex(PublishedPlans())
  /// The same for packages.
  private let publishedPackages = Mutex<[ULID: PackageSnapshot]>([:])
  /// The same for entitlements, by user.
  private let publishedEntitlements = Mutex<[ExactText: EntitlementSnapshot]>([:])

  package init() {}

  package func read<Result: Sendable>(
    _ body: @escaping @Sendable (any ReadTransaction) throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    return try tables.withLock { tables in
      guard !tables.isClosed else { throw StorageError.closed }
      return try body(MemoryReads(tables))
    }
  }

  package func write<Result: Sendable>(
    _ body: @escaping @Sendable (any WriteTransaction) throws -> Result
  ) async throws -> Result {
    try Task.checkCancellation()
    return try tables.withLock { tables in
      guard !tables.isClosed else { throw StorageError.closed }
      let transaction = MemoryWrites(tables)
      do {
        let result = try body(transaction)
        // Still under the lock, so that nobody reads what is not published yet.
        publish(transaction.changedPlanIDs, of: tables)
        publish(transaction.changedPackageIDs, of: tables.packages)
        publish(transaction.changedUserIDs, of: tables.sellers)
        return result
      } catch {
        transaction.rollBack()
        throw error
      }
    }
  }

  package func cachedPlan(_ key: PlanKey) -> PlanSnapshot? {
    published.withLock { plans in
      switch key {
      case .id(let id): plans.byID[id]
      case .code(let code): plans.byCode[ExactText(code)]
      }
    }
  }

  package func cachedHostingPackage(_ id: ULID) -> PackageSnapshot? {
    publishedPackages.withLock { $0[id] }
  }

  package func cachedEntitlement(of userID: String) -> EntitlementSnapshot? {
    publishedEntitlements.withLock { $0[ExactText(userID)] }
  }

  package var isAvailable: Bool {
    tables.withLock { !$0.isClosed }
  }

  package func close() async {
    tables.withLock { tables in
      tables.isClosed = true
      published.withLock { $0 = PublishedPlans() }
      publishedPackages.withLock { $0 = [:] }
      publishedEntitlements.withLock { $0 = [:] }
    }
  }

  private func publish(_ changed: Set<Int64>, of tables: MemoryTables) {
    guard !changed.isEmpty else { return }
    published.withLock { plans in
      // All old codes first: a plan may have taken the code that another one gave up.
      for id in changed {
        guard let old = plans.byID.removeValue(forKey: id) else { continue }
        plans.byCode[ExactText(old.record.code)] = nil
      }
      for id in changed {
        guard let new = tables.plans[id] else { continue }
        plans.byID[id] = new
        plans.byCode[ExactText(new.record.code)] = new
      }
    }
  }

  private func publish(_ changed: Set<ULID>, of packages: MemoryPackages) {
    guard !changed.isEmpty else { return }
    publishedPackages.withLock { published in
      for id in changed { published[id] = packages.snapshots[id] }
    }
  }

  private func publish(_ changed: Set<ExactText>, of sellers: MemorySellers) {
    guard !changed.isEmpty else { return }
    publishedEntitlements.withLock { published in
      for userID in changed { published[userID] = sellers.entitlements[userID] }
    }
  }
}

private struct PublishedPlans {
  var byID: [Int64: PlanSnapshot] = [:]
  var byCode: [ExactText: PlanSnapshot] = [:]
}
