internal import API
internal import Storage

/// The hosting packages that were sold: what `packd.v1.PackageService` does. Its methods stand in
/// extensions, one file for each of the contract's parts.
struct PackageService: Sendable {
  let store: any Store
  let mutations: Mutations
  let settings: PackageSettings
  let ids: ULIDSource
  let now: Now
  /// Told of every account whose packages have changed, once the change is durable.
  let feed: ChangeFeed
  let passwords: PasswordHasher
  let attempts: AttemptLimiter
  /// How much usage is taken in at a time.
  let usageGate = TaskGate(limit: Limits.maxUsageBatches)

  /// The one way to change a package: as ``Mutations/run(_:by:_:)``; whoever watches the caller's
  /// account is woken once it is done.
  func change<Request: MutatingRequest, Response: Message>(
    _ request: Request, by caller: Caller,
    _ rule: @escaping @Sendable (any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    try await change(request, by: caller, preparing: {}) { _, transaction, time in
      try rule(transaction, time)
    }
  }

  /// - Parameter prepare: as in ``Mutations/run(_:by:preparing:_:)``.
  func change<Request: MutatingRequest, Response: Message, Prepared: Sendable>(
    _ request: Request, by caller: Caller,
    preparing prepare: @Sendable () async throws -> Prepared,
    _ rule:
      @escaping @Sendable (Prepared, any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    // Also when it fails: it may have been committed and the answer lost.
    defer { if !request.validateOnly { feed.wake(caller.principal.account) } }
    return try await mutations.run(request, by: caller, preparing: prepare, rule)
  }
}
