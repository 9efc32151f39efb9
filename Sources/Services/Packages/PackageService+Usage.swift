internal import API
internal import Storage

extension PackageService {
  /// Takes events as they come, and those that are there together in one transaction; while it
  /// commits, the next arrive. So the fewer commits there can be, the more events share one.
  ///
  /// What was answered is durable, and what was not may be: whoever sends it again learns that.
  func ingestUsage(
    _ requests: Requests<IngestUsageRequest>, _ caller: Caller,
    _ responses: Responses<IngestUsageResponse>
  ) async throws {
    try await responses.sendHeaders()
    let access = PackageAccess(caller, .ingestUsage)
    var messages = requests.makeAsyncIterator()
    while try await messages.isReady() {
      // Until it is this stream's turn its messages stay in its window.
      let batch = try await usageGate.run {
        try await ingest(try await Self.gather(&messages), of: access)
      }
      for response in batch.responses { try await responses.send(response) }
      if let error = batch.error { throw error }
    }
  }

  /// The messages that are there, or as many of them as go into one transaction.
  private static func gather(
    _ messages: inout Requests<IngestUsageRequest>.AsyncIterator
  ) async throws -> [[UInt8]] {
    var gathered: [[UInt8]] = []
    var bytes = 0
    while gathered.count < Limits.maxUsageBatchEvents, bytes < Limits.maxUsageBatchBytes,
      let message = try await messages.nextEncodedIfReady()
    {
      bytes += message.count
      gathered.append(message)
    }
    return gathered
  }

  /// What became of the messages up to the one that could not be read, if there is one.
  struct Ingested: Sendable {
    var responses: [IngestUsageResponse]
    let error: (any Error)?
  }

  /// Counts what encoded IngestUsageRequests say; returns once that is durable.
  func ingest(_ messages: [[UInt8]], of access: PackageAccess) async throws -> Ingested {
    let time = now()
    let check = UsageEventCheck(accountID: access.accountID, time: time)
    let checked =
      if messages.reduce(0, { $0 + $1.count }) > Limits.maxInlineRequestBytes {
        // The loop has other calls, which do not wait for a scan of thousands of directories.
        await Task.detached { Self.checked(messages, check) }.value
      } else {
        Self.checked(messages, check)
      }
    let batch = UsageBatch(events: checked.events, access: access, time: time)
    guard batch.needsStore else {
      return Ingested(responses: batch.rejections, error: checked.error)
    }
    let outcome: UsageBatch.Outcome
    do { outcome = try await store.write { try batch.count(in: $0) } } catch {
      // The commit may have happened all the same.
      feed.wake(access.accountID)
      throw error
    }
    if outcome.hasChanges { feed.wake(access.accountID) }
    return Ingested(responses: outcome.responses, error: checked.error)
  }

  private static func checked(
    _ messages: [[UInt8]], _ check: UsageEventCheck
  ) -> (events: [CheckedUsageEvent], error: (any Error)?) {
    var events: [CheckedUsageEvent] = []
    events.reserveCapacity(messages.count)
    for message in messages {
      do {
        events.append(check.check(try IngestUsageRequest(decoding: message)))
      } catch {
        return (events, error)
      }
    }
    return (events, nil)
  }
}
