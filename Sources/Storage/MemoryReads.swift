/// What a transaction on ``MemoryTables`` can ask.
class MemoryReads: ReadTransaction {
  let tables: MemoryTables

  init(_ tables: MemoryTables) {
    self.tables = tables
  }

  func plan(_ key: PlanKey) throws -> PlanRecord? {
    switch key {
    case .id(let id): tables.plans[id]?.record
    case .code(let code): tables.planIDs[ExactText(code)].flatMap { tables.plans[$0]?.record }
    }
  }

  func plan(id: Int64, version: Int32) throws -> PlanRecord? {
    tables.versions[MemoryTables.VersionKey(id: id, version: version)]
  }

  func plans(_ query: PlanQuery) throws -> [PlanRecord] {
    let bound = try query.after.map { try PlanPosition($0, in: query.order) }
    let index = PlanIndex(order: query.order, kind: query.kind, activeOnly: query.activeOnly)
    let positions = tables.planIndexes[index]?.elements(after: bound, limit: query.limit) ?? []
    return positions.compactMap { tables.plans[$0.id]?.record }
  }

  func planVersions(id: Int64, below version: Int32?, limit: Int) throws -> [PlanRecord] {
    let numbers = tables.versionNumbers[id]?.elements(before: version, limit: limit) ?? []
    return numbers.compactMap {
      tables.versions[MemoryTables.VersionKey(id: id, version: $0)]
    }
  }

  func replay(_ key: ReplayKey) throws -> ReplayRecord? {
    tables.replays[key]?.record
  }

  func auditHead(partition: String) throws -> AuditHead? {
    let partition = ExactText(partition)
    let last = tables.auditSequences[partition]?.last.flatMap {
      tables.auditRecords[MemoryTables.AuditKey(partition: partition, sequence: $0)]
    }
    return last.map { AuditHead(sequence: $0.sequence, hash: $0.hash) }
  }

  func auditRecords(
    partition: String, after sequence: Int64, limit: Int
  ) throws -> [AuditRecord] {
    let partition = ExactText(partition)
    let sequences =
      tables.auditSequences[partition]?.elements(after: sequence, limit: limit) ?? []
    return sequences.compactMap {
      tables.auditRecords[MemoryTables.AuditKey(partition: partition, sequence: $0)]
    }
  }

  func setting(_ name: String) throws -> String? {
    tables.settings[ExactText(name)]
  }
}
