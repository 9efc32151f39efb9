package import Storage

/// Records to write in tests.
package enum Sample {
  package static func plan(
    _ id: Int64, code: String? = nil, name: String? = nil, version: Int32 = 1
  ) -> PlanRecord {
    PlanRecord(
      id: id, code: code ?? "plan-\(id)", name: name ?? "Plan \(id)",
      description: "For those who need number \(id)", kind: .shared,
      diskSpaceMB: .limit(10_000), bandwidthMB: .unlimited, emailAccounts: .limit(0),
      databases: .limit(5), price: money(id), setupFee: nil,
      features: ["SSL certificate", "Daily backup"], isActive: true, version: version,
      createTime: Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000),
      updateTime: Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000))
  }

  package static func money(_ units: Int64, nanos: Int32 = 990_000_000) -> MoneyRecord {
    MoneyRecord(currencyCode: "USD", units: units, nanos: nanos)
  }

  package static func replay(
    _ requestID: String, caller: String = "user", expires: Int64? = 1000
  ) -> ReplayRecord {
    ReplayRecord(
      key: ReplayKey(caller: caller, method: "/packd.v1.S/M", requestID: requestID),
      requestHash: Array(repeating: 7, count: 32), statusCode: 0, statusMessage: "",
      statusDetails: [], response: [0, 1, 2, 255], createTime: at(1), expireTime: expires.map(at))
  }

  package static func audit(_ sequence: Int64, partition: String = "catalogue") -> AuditRecord {
    AuditRecord(
      partition: partition, sequence: sequence, actor: "admin", method: "CreatePlan",
      resource: "plans/\(sequence)", beforeETag: "", afterETag: "a\(sequence)",
      time: at(sequence), requestID: "", previousHash: Array(repeating: 0, count: 32),
      hash: Array(repeating: 1, count: 32))
  }

  package static func hostingPackage(
    _ id: UInt128, account: String = "default", planID: Int64 = 1
  ) -> HostingPackageRecord {
    HostingPackageRecord(
      id: ULID(value: id), accountID: account, name: "Site \(id)",
      domainName: "site-\(id).example", extraDomainNames: ["www.site-\(id).example"],
      documentRoots: ["www.site-\(id).example": "www"], planID: planID,
      planCode: "plan-\(planID)", planVersion: 1, suspensions: [], username: "user-\(id)",
      stackUsers: [], configuration: configuration, createTime: at(1), updateTime: at(1),
      deleteTime: nil, purgeTime: nil, revision: 1)
  }

  private static let configuration = PackageConfigurationRecord(
    phpVersion: "8.4", phpMemoryLimitMB: 256, phpMaxExecutionTimeS: 30, phpUploadMaxMB: 64,
    sslEnabled: true, forceHTTPS: true, backupEnabled: false, http2Enabled: true, custom: [:],
    updateTime: at(1), revision: 1)

  /// With something in every field, much of it odd.
  package static func fullPackage(
    _ id: UInt128, account: String = "default"
  ) -> HostingPackageRecord {
    var package = hostingPackage(id, account: account, planID: .max)
    package.name = "e\u{301} \0 3:abc,"
    package.extraDomainNames = ["b-\(id).example", "a-\(id).example", "xn--\(id).example"]
    package.documentRoots = ["b-\(id).example": "", "é": "a,b", "": "1:x,"]
    package.planCode = ""
    package.planVersion = .max
    package.suspensions = SuspensionRecord.Kind.allCases.map {
      SuspensionRecord(kind: $0, reason: "\($0) é\0", createTime: at(.min), suspendedBy: "")
    }
    package.stackUsers = ["", "a", "é", "👩‍👩‍👧‍👦"].map {
      StackUserRecord(userID: $0, createTime: at(.max), addedBy: "admin \($0)")
    }
    package.configuration.phpVersion = ""
    package.configuration.phpMemoryLimitMB = .min
    package.configuration.phpMaxExecutionTimeS = .max
    package.configuration.sslEnabled = false
    package.configuration.backupEnabled = true
    package.configuration.custom = ["": "", "k": "v", "k2": String(repeating: "x", count: 9000)]
    package.configuration.updateTime = at(.max)
    package.configuration.revision = .max
    package.createTime = at(.min)
    package.updateTime = at(.max)
    package.revision = .min
    return package
  }

  package static func deleted(
    _ package: HostingPackageRecord, purgeTime: Int64 = 100
  ) -> HostingPackageRecord {
    var package = package
    package.deleteTime = at(1)
    package.purgeTime = at(purgeTime)
    package.revision += 1
    return package
  }

  package static func resource(
    _ id: UInt128, of packageID: UInt128, _ kind: PackageResourceRecord.Kind = .mailbox,
    name: String? = nil
  ) -> PackageResourceRecord {
    PackageResourceRecord(
      id: ULID(value: id), packageID: ULID(value: packageID), kind: kind,
      name: name ?? "resource \(id)", createTime: at(5))
  }

  package static func event(
    _ id: String, account: String = "default", hash: UInt128 = 1, time: Int64 = 1
  ) -> UsageEventRecord {
    UsageEventRecord(
      accountID: account, eventID: id, contentHash: hash, observedTime: at(time))
  }

  package static func traffic(
    _ start: Int64, in inBytes: Int64 = 1, out outBytes: Int64 = 2, requests: Int64 = 3,
    asOf: Int64 = 0
  ) -> BandwidthRecord {
    BandwidthRecord(
      startTime: at(start), inBytes: inBytes, outBytes: outBytes, requests: requests,
      asOf: at(asOf))
  }

  package static func scan(_ packageID: UInt128, bytes: Int64 = 10) -> DiskScanRecord {
    DiskScanRecord(
      packageID: ULID(value: packageID), scanTime: at(7), totalBytes: bytes, totalFiles: 3)
  }

  package static func change(
    _ sequence: Int64, account: String = "default", time: Int64? = nil
  ) -> PackageChangeRecord {
    PackageChangeRecord(
      accountID: account, sequence: sequence, packageID: ULID(value: UInt128(sequence.magnitude)),
      kind: .updated, time: at(time ?? sequence), package: [1, 2, 3])
  }

  package static let passwordHash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

  package static func at(_ nanoseconds: Int64) -> Instant {
    Instant(nanosecondsSinceEpoch: nanoseconds)
  }
}

/// Pseudo-random numbers that are the same for the same seed (SplitMix64).
package struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  package init(seed: UInt64) {
    state = seed
  }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A body's own error.
package struct BodyFailure: Error, Equatable {
  package init() {}
}
