import Glibc
import SQLiteStorage
import Storage
import StorageContract
import Testing

struct CrashTests {
  @Test("Killed under load, again and again, the store has what it acknowledged, whole")
  func killedUnderLoad() async throws {
    let folder = try TemporaryFolder()
    var acknowledged = Set<Int64>()
    for round in 0..<8 as Range<Int64> {
      // What is acknowledged is written to a journal before the next call, as a client would.
      let journal = folder.path + "/journal-\(round)"
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [path = folder.database as String, journal = journal as String, round = round as Int64] in
        try await writeUntilKilled(path, journal, round)
      }
      let lines = String(decoding: contents(of: journal), as: UTF8.self).split(separator: "\n")
      acknowledged.formUnion(lines.compactMap { Int64($0) })
      let store = try SQLiteStore.open(path: folder.database)
      try await store.read { [acknowledged] transaction throws in
        let plans = try transaction.plans(PlanQuery(limit: .max))
        #expect(acknowledged.subtracting(plans.map(\.id)).isEmpty)
        #expect(
          try transaction.lastPackageChangeSequence(accountID: "default") == Int64(plans.count))
        #expect(
          try transaction.liveHostingPackageCount(accountID: "default") == plans.count)
        for plan in plans {
          // All of a body is there or nothing, and what is there is right.
          #expect(plan == Sample.plan(plan.id))
          #expect(try transaction.hostingPackageCount(onPlan: plan.id) == 1)
          #expect(try transaction.replay(Sample.replay("\(plan.id)").key) != nil)
          let id = ULID(value: UInt128(plan.id))
          let package = Sample.hostingPackage(UInt128(plan.id), planID: plan.id)
          #expect(try transaction.hostingPackage(id)?.record == package)
          #expect(try transaction.hostingPackageID(domainName: package.domainName) == id)
          let event = Sample.event("\(plan.id)")
          #expect(try transaction.usageEvent(accountID: "default", eventID: event.eventID) == event)
          let traffic = try transaction.bandwidthTotal(
            of: id, .hour, from: Sample.at(0), until: Sample.at(1))
          #expect(traffic == Sample.traffic(0))
        }
      }
      await store.close()
    }
    #expect(acknowledged.count > 100)
  }
}

private func writeUntilKilled(_ path: String, _ journal: String, _ round: Int64) async throws {
  var limits = SQLiteStore.Limits()
  // Killed within checkpoints, too.
  limits.maxLogPages = 50
  let store = try SQLiteStore.open(path: path, limits: limits)
  let file = open(journal, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  await withTaskGroup(of: Void.self) { group in
    for caller in 0..<16 as Range<Int64> {
      group.addTask {
        for number in 0... as PartialRangeFrom<Int64> {
          let id = 1 + caller + 16 * number + round * 1_000_000
          do {
            try await store.write { transaction in
              try transaction.insert(Sample.plan(id))
              try transaction.insert(
                Sample.hostingPackage(UInt128(id), planID: id),
                passwordHash: Sample.passwordHash)
              try transaction.insert(Sample.replay("\(id)"))
              // Counted once, however often it is sent.
              for _ in 0..<2 where try transaction.insertIfNew(Sample.event("\(id)")) == nil {
                _ = try transaction.add(
                  Sample.traffic(0), to: .hour, of: ULID(value: UInt128(id)))
              }
              let last = try transaction.lastPackageChangeSequence(accountID: "default")
              try transaction.append(Sample.change(last + 1))
            }
          } catch {
            exit(1)
          }
          let line = Array("\(id)\n".utf8)
          // One write each, so that lines are whole.
          _ = Glibc.write(file, line, line.count)
        }
      }
    }
    try? await Task.sleep(for: .milliseconds(40 + 17 * round))
    kill(getpid(), SIGKILL)
  }
}
