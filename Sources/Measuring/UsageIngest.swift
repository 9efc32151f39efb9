package import API

/// Hands events to the daemon and waits for what became of each.
package protocol UsageIngest {
  /// The answers in the order of the events.
  func ingest(_ events: [UsageEvent]) async throws -> [IngestUsageResponse]
}

/// How many events got which answer.
package struct VerdictCounts: Equatable {
  package var accepted = 0
  package var duplicate = 0
  package var conflict = 0
  package var late = 0
  package var rejected = 0

  mutating func add(_ verdict: UsageVerdict) {
    switch verdict {
    case .accepted: accepted += 1
    case .duplicate: duplicate += 1
    case .conflict: conflict += 1
    case .late: late += 1
    default: rejected += 1
    }
  }

  package var isComplete: Bool { conflict == 0 && late == 0 && rejected == 0 }
}
