internal import Storage

/// A random step of a transaction on few packages, so that steps meet.
enum PackageStep {
  case insert(HostingPackageRecord)
  case update(HostingPackageRecord)
  case purge(ULID)
  case attach(PackageResourceRecord)
  case detach(ULID, of: ULID)
  case detachAll(of: ULID)
  case event(UsageEventRecord)
  case expireEvents(Instant, limit: Int)
  case add(BandwidthRecord, BandwidthRecord.Span, of: ULID)
  case expireBandwidth(BandwidthRecord.Span, Instant, limit: Int)
  case scan(DiskScanRecord)
  case change(PackageChangeRecord)
  case expireChanges(Instant, limit: Int)
  case list(HostingPackageQuery)
  case look(ULID, domainName: String)

  init(using random: inout SeededNumbers) {
    let package = Self.package(using: &random)
    let id = package.id
    let small = Int64.random(in: 1...6, using: &random)
    let kind = PackageResourceRecord.Kind.allCases.randomElement(using: &random) ?? .mailbox
    let span: BandwidthRecord.Span = small % 2 == 0 ? .hour : .month
    let resource = UInt128.random(in: 1...9, using: &random)
    let limit = Int.random(in: 0...3, using: &random)
    switch Int.random(in: 0..<17, using: &random) {
    case 0, 1, 2: self = .insert(package)
    case 3, 4: self = .update(package)
    case 5: self = .purge(id)
    case 6:
      self = .attach(
        Sample.resource(resource, of: id.value, kind, name: "name \(small % 3)"))
    case 7: self = .detach(ULID(value: resource), of: id)
    case 8:
      self = .event(Sample.event("\(resource)", hash: UInt128(small), time: small))
    case 9: self = .expireEvents(Sample.at(small), limit: limit)
    case 10: self = .add(Sample.traffic(small, in: small, asOf: small), span, of: id)
    case 11: self = .expireBandwidth(span, Sample.at(small), limit: limit)
    case 12: self = .scan(Sample.scan(id.value, bytes: small))
    case 13:
      self = .change(
        Sample.change(Int64(resource) % 7, account: package.accountID, time: small))
    case 14: self = .expireChanges(Sample.at(small), limit: limit)
    case 15: self = .detachAll(of: id)
    default:
      if small > 3 {
        self = .list(
          HostingPackageQuery(
            accountID: package.accountID, stackUser: small > 4 ? "user \(small)" : nil,
            before: small == 6 ? id : nil, limit: limit))
      } else {
        self = .look(id, domainName: package.domainName)
      }
    }
  }

  private static func package(using random: inout SeededNumbers) -> HostingPackageRecord {
    let id = UInt128.random(in: 1...6, using: &random)
    var package = Sample.hostingPackage(id, account: id % 2 == 0 ? "even" : "odd")
    package.revision = Int64.random(in: 1...1000, using: &random)
    package.planID = Int64.random(in: 1...12, using: &random)
    package.domainName = "d-\(Int.random(in: 0..<5, using: &random)).example"
    package.extraDomainNames = (0..<Int.random(in: 0..<2, using: &random)).map { _ in
      "d-\(Int.random(in: 0..<5, using: &random)).example"
    }
    package.username = "user-\(id % 5)"
    package.stackUsers = [4, 5, 6].filter { $0 % 2 == package.revision % 2 }.map {
      StackUserRecord(userID: "user \($0)", createTime: Sample.at(1), addedBy: "a")
    }
    if package.revision % 3 == 0 {
      package = Sample.deleted(package, purgeTime: package.revision % 7)
    }
    return package
  }

  func run(_ transaction: any WriteTransaction) throws -> String {
    switch self {
    case .insert(let package):
      try transaction.insert(package, passwordHash: "hash \(package.revision)")
    case .update(let package): try transaction.update(package)
    case .purge(let id): try transaction.purgeHostingPackage(id)
    case .attach(let resource): try transaction.insert(resource)
    case .detach(let id, let packageID):
      try transaction.deletePackageResource(id, of: packageID)
    case .detachAll(let packageID):
      return "\(try transaction.deletePackageResources(of: packageID))"
    case .event(let event): return "\(String(describing: try transaction.insertIfNew(event)))"
    case .expireEvents(let time, let limit):
      return "\(try transaction.deleteUsageEvents(observedBefore: time, limit: limit))"
    case .add(let traffic, let span, let id):
      return "\(try transaction.add(traffic, to: span, of: id))"
    case .expireBandwidth(let span, let time, let limit):
      return "\(try transaction.deleteBandwidth(span, startedBefore: time, limit: limit))"
    case .scan(let scan):
      try transaction.setDiskScan(scan, content: [UInt8(truncatingIfNeeded: scan.totalBytes)])
    case .change(let change): try transaction.append(change)
    case .expireChanges(let time, let limit):
      return "\(try transaction.deletePackageChanges(before: time, limit: limit))"
    case .list(let query): return "\(try transaction.hostingPackages(query).map(\.record))"
    case .look(let id, let domainName):
      return """
        \(String(describing: try transaction.hostingPackage(id)?.record)) \
        \(String(describing: try transaction.hostingPackageID(domainName: domainName)))
        """
    }
    return "done"
  }

  /// All that can be asked about the packages of these steps.
  static func everything(_ store: any Store) async throws -> [String] {
    try await store.read { transaction throws in
      var all: [String] = []
      for account in ["even", "odd"] {
        for user in [nil, "user 4", "user 5"] {
          let query = HostingPackageQuery(accountID: account, stackUser: user, limit: 99)
          all.append("\(try transaction.hostingPackages(query).map(\.record))")
        }
        all.append("\(try transaction.liveHostingPackageCount(accountID: account))")
        all.append("\(try transaction.packageChanges(accountID: account, after: -9, limit: 99))")
        all.append("\(try transaction.lastPackageChangeSequence(accountID: account))")
      }
      for number in 0...6 as ClosedRange<UInt128> {
        let id = ULID(value: number)
        let domainName = "d-\(number).example"
        let credentials = try transaction.packageCredentials(username: "user-\(number)")
        all.append("\(String(describing: credentials))")
        let holder = try transaction.hostingPackageID(domainName: domainName)
        all.append("\(String(describing: holder))")
        let resources = try transaction.packageResources(of: id, kind: nil, after: nil, limit: 99)
        all.append("\(resources)")
        for kind in PackageResourceRecord.Kind.allCases {
          all.append("\(try transaction.packageResourceCount(of: id, kind: kind))")
        }
        for span in BandwidthRecord.Span.allCases {
          let traffic = try transaction.bandwidth(
            of: id, span, from: Sample.at(0), until: Sample.at(99), limit: 99)
          all.append("\(traffic)")
        }
        all.append("\(String(describing: try transaction.diskScan(of: id)))")
        all.append("\(String(describing: try transaction.diskScanContent(of: id)))")
      }
      for plan in 1...12 as ClosedRange<Int64> {
        all.append("\(try transaction.hostingPackageIDs(onPlan: plan, limit: 99))")
        all.append("\(try transaction.hostingPackageCount(onPlan: plan))")
      }
      for event in 1...9 {
        let found = try transaction.usageEvent(accountID: "default", eventID: "\(event)")
        all.append("\(String(describing: found))")
      }
      all.append("\(try transaction.hostingPackagesToPurge(at: Sample.at(5), limit: 99))")
      return all
    }
  }
}
