internal import API
internal import GRPC
internal import Storage

extension PackageService {
  func watchPackages(
    _ request: WatchPackagesRequest, _ caller: Caller,
    _ responses: Responses<WatchPackagesResponse>
  ) async throws {
    try await watch(
      request, PackageAccess(caller, .watchPackages), send: responses.send(encoded:))
  }

  /// Sends a token at once, then every change behind it, until the call is cancelled, the store
  /// fails or the server drains. Who calls was asked once: a token that expires does not end a
  /// watch that runs.
  ///
  /// - Parameter send: takes encoded responses, and waits while the client does not.
  func watch(
    _ request: WatchPackagesRequest, _ access: PackageAccess,
    send: ([UInt8]) async throws -> Void
  ) async throws {
    let signals = feed.signals(of: access.accountID)
    var watch = try await begin(request, access)
    try await send(watch.tokenAlone().encoded())
    try await follow(&watch, send)
    for await _ in signals { try await follow(&watch, send) }
    try Task.checkCancellation()
    guard feed.isReleased else {
      throw StorageError.unavailable(reason: "the log of changes could not be read")
    }
    throw Status.serverStopping
  }

  /// Where a watch begins.
  private func begin(
    _ request: WatchPackagesRequest, _ access: PackageAccess
  ) async throws -> PackageWatch {
    let accountID = access.accountID
    let tokens = ResumeTokens(accountID: accountID, packageID: request.packageID)
    var violations = Violations()
    let resumed = tokens.sequence(of: request.resumeToken, &violations)
    try violations.check()
    let (last, package) = try await store.read { transaction in
      let last = try transaction.lastPackageChangeSequence(accountID: accountID)
      guard let resumed else {
        let package =
          request.packageID.isEmpty
          ? nil : try access.package(request.packageID, in: transaction).record.id
        return (last, package)
      }
      if resumed > last {
        var violations = Violations()
        ResumeTokens.refuse(&violations)
        try violations.check()
      }
      try ChangePage.check(accountID: accountID, after: resumed, in: transaction)
      // It may have been purged meanwhile; the token is of a watch that has seen it.
      return (last, PackageID.parse(request.packageID))
    }
    feed.begin(accountID, at: last)
    return PackageWatch(
      accountID: accountID, packageID: package, tokens: tokens, place: resumed ?? last)
  }

  /// Sends all that there is behind the watch's place.
  private func follow(
    _ watch: inout PackageWatch, _ send: ([UInt8]) async throws -> Void
  ) async throws {
    while true {
      switch feed.news(of: watch.accountID, after: watch.place) {
      case .none: return
      case .entries(let entries):
        for entry in entries {
          if let response = watch.response(to: entry) { try await send(response) }
        }
      case .behind:
        let records = try await page(of: watch)
        if records.isEmpty { return }
        let tokens = ResumeTokens(accountID: watch.accountID, packageID: "")
        for record in records {
          // Encoded when its turn comes: a client that takes nothing holds one, and not a page.
          let response = watch.response(to: ChangeEntry(record, tokens: tokens))
          if let response { try await send(response) }
        }
      }
    }
  }

  private func page(of watch: PackageWatch) async throws -> [PackageChangeRecord] {
    let (accountID, place) = (watch.accountID, watch.place)
    return try await feed.read { transaction in
      try ChangePage.read(accountID: accountID, after: place, in: transaction)
    }
  }
}

/// Where a watch is, and what it lets through.
struct PackageWatch: Sendable {
  let accountID: String
  /// The only package of interest; nil for all.
  let packageID: ULID?
  let tokens: ResumeTokens
  /// The last change that was dealt with.
  private(set) var place: Int64
  /// The last one that the client knows of.
  private var toldPlace: Int64

  init(accountID: String, packageID: ULID?, tokens: ResumeTokens, place: Int64) {
    self.accountID = accountID
    self.packageID = packageID
    self.tokens = tokens
    self.place = place
    toldPlace = place
  }

  func tokenAlone() -> WatchPackagesResponse {
    WatchPackagesResponse(change: nil, resumeToken: tokens.token(at: place))
  }

  /// The encoded response to a change, which is the next one. One that is of another package is
  /// left out; after many of them the token moves on alone, so that it does not grow too old.
  mutating func response(to entry: ChangeEntry) -> [UInt8]? {
    place = entry.sequence
    guard let packageID else { return entry.response }
    if entry.packageID == packageID {
      toldPlace = place
      return entry.response(tokens)
    }
    guard place - toldPlace >= Limits.maxSkippedChanges else { return nil }
    toldPlace = place
    return tokenAlone().encoded()
  }
}
