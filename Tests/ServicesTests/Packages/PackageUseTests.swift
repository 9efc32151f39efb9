internal import API
internal import Storage
internal import Testing

@testable internal import Services

@Suite("PackageUse")
struct PackageUseTests {
  private let time = Instant(secondsSinceEpoch: 1_767_225_600)

  private func use(
    diskBytes: Int64? = nil, inBytes: Int64 = 0, outBytes: Int64 = 0, mailboxes: Int = 0,
    databases: Int = 0
  ) -> PackageUse {
    PackageUse(
      scan: diskBytes.map {
        DiskScanRecord(
          packageID: ULID(value: 1), scanTime: time, totalBytes: $0, totalFiles: 1)
      },
      month: BandwidthRecord(
        startTime: time, inBytes: inBytes, outBytes: outBytes, requests: 1,
        asOf: time.adding(seconds: 5)),
      mailboxes: mailboxes, databases: databases)
  }

  private func plan(
    disk: QuotaRecord = .unlimited, bandwidth: QuotaRecord = .unlimited,
    mailboxes: QuotaRecord = .unlimited, databases: QuotaRecord = .unlimited
  ) -> PlanRecord {
    var plan = PlanRecord.blank(at: time)
    plan.diskSpaceMB = disk
    plan.bandwidthMB = bandwidth
    plan.emailAccounts = mailboxes
    plan.databases = databases
    return plan
  }

  @Test("megabytes have 1,048,576 bytes and are rounded up")
  func megabytes() {
    for (bytes, megabytes) in [
      (0, 0), (1, 1), (1_048_576, 1), (1_048_577, 2), (Int64.max, 8_796_093_022_208),
    ] as [(Int64, Int64)] {
      #expect(use(diskBytes: bytes).used(.diskSpace) == megabytes)
      #expect(use(outBytes: bytes).used(.bandwidth) == megabytes)
    }
  }

  @Test("bandwidth is in and out together, and stays at the largest number")
  func bandwidth() {
    #expect(use(inBytes: 1_048_576, outBytes: 1).used(.bandwidth) == 2)
    #expect(use(inBytes: .max, outBytes: .max).used(.bandwidth) == 8_796_093_022_208)
  }

  @Test("nothing is used before it was measured, and only what is measured has a time")
  func unmeasured() {
    let none = PackageUse(scan: nil, month: nil, mailboxes: 0, databases: 0)
    for quantity in LimitedQuantity.allCases {
      #expect(none.used(quantity) == 0)
      #expect(none.measured(quantity) == nil)
    }
    #expect(use(diskBytes: 1).measured(.diskSpace) == time)
    #expect(use().measured(.bandwidth) == time.adding(seconds: 5))
    #expect(use(mailboxes: 3).measured(.emailAccounts) == nil)
  }

  @Test("a limit is exceeded above it, not at it, and every one is named in order")
  func excesses() {
    let limits = plan(
      disk: .limit(1), bandwidth: .limit(1), mailboxes: .limit(2), databases: .limit(0))
    let within = use(diskBytes: 1_048_576, inBytes: 1_048_576, mailboxes: 2)
    #expect(within.excesses(over: limits).isEmpty)
    let beyond = use(diskBytes: 1_048_577, inBytes: 1_048_577, mailboxes: 3, databases: 1)
    #expect(
      beyond.excesses(over: limits) == [
        .init(limitName: "disk_space_mb", limit: 1, used: 2),
        .init(limitName: "bandwidth_mb", limit: 1, used: 2),
        .init(limitName: "email_accounts", limit: 2, used: 3),
        .init(limitName: "databases", limit: 0, used: 1),
      ])
    #expect(beyond.excesses(over: plan()).isEmpty)
  }

  @Test("overuse leads to what the plan says for each quantity")
  func overuse() {
    var limits = plan(
      disk: .limit(0), bandwidth: .limit(0), mailboxes: .limit(0), databases: .limit(0))
    limits.diskSpaceOveruse = .block
    limits.bandwidthOveruse = .suspend
    let beyond = use(diskBytes: 1, inBytes: 1, mailboxes: 1, databases: 1)
    let names = PlanRecord.Overuse.allCases.map { overuse in
      beyond.excesses(over: limits, thatLeadTo: overuse).map(\.limitName)
    }
    #expect(names == [[], ["disk_space_mb"], ["bandwidth_mb"]])
  }
}
