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

  /// The one way to change a package that is there: as ``Mutations/run(_:by:admitting:_:)``;
  /// whoever watches the caller's account is woken once it is done.
  ///
  /// A stack user who may not see the package any more gets no earlier answer again, which tells
  /// of it. The answers of others stay theirs, also when the package has been purged since.
  ///
  /// - Parameter id: the package's, as the client writes it.
  func change<Request: MutatingRequest, Response: Message>(
    _ id: String, _ request: Request, by caller: Caller, with access: PackageAccess,
    _ rule: @escaping @Sendable (any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    // Also when it fails: it may have been committed and the answer lost.
    defer { if !request.validateOnly { feed.wake(caller.principal.account) } }
    return try await mutations.run(
      request, by: caller,
      admitting: { if access.stackUser != nil { _ = try access.package(id, in: $0) } }, rule)
  }

  /// The one way to create a package; whoever watches is woken as above.
  ///
  /// - Parameter prepare: as in ``Mutations/run(_:by:admitting:preparing:_:)``.
  func create<Request: MutatingRequest, Response: Message, Prepared: Sendable>(
    _ request: Request, by caller: Caller,
    preparing prepare: @Sendable () async throws -> Prepared,
    _ rule:
      @escaping @Sendable (Prepared, any WriteTransaction, Instant) throws -> Effect<Response>
  ) async throws -> Answer<Response> {
    defer { if !request.validateOnly { feed.wake(caller.principal.account) } }
    return try await mutations.run(request, by: caller, preparing: prepare, rule)
  }
}
