internal import Storage
internal import Testing

@Suite("PlanSnapshot")
struct PlanSnapshotTests {
  @Test("encodes its record once, and keeps what came of it")
  func encodesOnce() {
    let time = Instant(nanosecondsSinceEpoch: 0)
    let snapshot = PlanSnapshot(
      PlanRecord(
        id: 1, code: "vps", name: "VPS", description: "", kind: .vps, diskSpaceMB: .unlimited,
        bandwidthMB: .unlimited, emailAccounts: .unlimited, databases: .unlimited,
        price: MoneyRecord(currencyCode: "EUR", units: 1, nanos: 0), setupFee: nil, features: [],
        isActive: true, version: 1, createTime: time, updateTime: time))
    var runs = 0
    for _ in 0..<3 {
      let bytes = snapshot.getPlanResponse { record in
        runs += 1
        return Array(record.code.utf8)
      }
      #expect(bytes == Array("vps".utf8))
    }
    #expect(runs == 1)
  }
}
