internal import API
internal import Storage

extension PackageService {
  func getPackageDiskUsage(
    _ request: GetPackageDiskUsageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageDiskUsageResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    if !(0...Limits.maxListedDepth).contains(request.depth) {
      violations.add("depth", "must be 0 to \(Limits.maxListedDepth)")
    }
    let limit = violations.checkPageSize(request.pageSize)
    try violations.check()
    let access = PackageAccess(caller, .getPackageDiskUsage)
    // All of it in the transaction, which has a thread of its own: a page walks through a part of
    // the scan.
    let response = try await store.read { transaction in
      let package = try access.package(request.packageID, in: transaction).record
      guard let scan = try transaction.diskScan(of: package.id) else {
        throw PackageRefusal.scanNotFound(resource: package.resource)
      }
      let bytes = try transaction.diskScanContent(of: package.id) ?? []
      let query = PageToken.Query(
        caller.method, request.packageID, String(request.depth),
        String(scan.scanTime.nanosecondsSinceEpoch), String(scan.totalBytes),
        String(scan.totalFiles), String(bytes.count))
      var violations = Violations()
      let position =
        PageToken.decode(request.pageToken, of: query, as: \.directory, &violations) ?? .start
      try violations.check()
      guard let content = DiskScanContent(decoding: bytes) else {
        throw UnreadableScan(resource: package.resource)
      }
      let page = content.page(
        depth: Int(request.depth), from: position, limit: limit, maxBytes: Limits.maxPageBytes)
      guard let page else {
        if request.pageToken.isEmpty { throw UnreadableScan(resource: package.resource) }
        // More likely the token is not what it was than the scan.
        violations.add("page_token", PageToken.demand)
        throw Refusal.invalidFields(violations)
      }
      var usage = PackageDiskUsage()
      usage.packageID = PackageID.text(package.id)
      usage.scanTime = Timestamp(scan.scanTime)
      usage.totalBytes = scan.totalBytes
      usage.totalFiles = scan.totalFiles
      usage.directories = page.directories
      usage.fileTypes = content.fileTypes
      let token = page.next.map { PageToken.encode(.directory($0), of: query) } ?? ""
      return GetPackageDiskUsageResponse(diskUsage: usage, nextPageToken: token)
    }
    return Answer(response)
  }

  /// Hours are kept for a time (``PackageSettings/hourlyUsageKeepSeconds``); before that, hours
  /// and days are without traffic here, and only months tell of it.
  func getPackageBandwidthUsage(
    _ request: GetPackageBandwidthUsageRequest, _ caller: Caller
  ) async throws -> Answer<GetPackageBandwidthUsageResponse> {
    var violations = Violations()
    violations.checkPackageID("package_id", request.packageID)
    let buckets = BandwidthBuckets(request, at: now(), &violations)
    let limit = violations.checkPageSize(request.pageSize)
    let query = PageToken.Query(
      caller.method, request.packageID, String(request.interval.rawValue),
      String(buckets?.start(0).nanosecondsSinceEpoch ?? 0),
      request.endTime.map { "\($0.seconds).\($0.nanos)" } ?? "")
    let position = PageToken.decode(
      request.pageToken, of: query,
      as: { $0.number.flatMap { (0...Limits.maxBandwidthBuckets).contains($0) ? Int($0) : nil } },
      &violations)
    try violations.check()
    guard let buckets else { throw Refusal.invalidFields(violations) }
    let access = PackageAccess(caller, .getPackageBandwidthUsage)
    let from = min(position ?? 0, buckets.count)
    let until = min(from + limit, buckets.count)
    let response = try await store.read { transaction in
      let package = try access.package(request.packageID, in: transaction).record
      let records = try transaction.bandwidth(
        of: package.id, buckets.span, from: buckets.start(from), until: buckets.start(until),
        limit: (until - from) * buckets.spansPerBucket)
      let start = buckets.start(0)
      let total =
        try transaction.bandwidthTotal(
          of: package.id, buckets.span, from: start, until: buckets.start(buckets.count))
        ?? BandwidthRecord(startTime: start, inBytes: 0, outBytes: 0, requests: 0, asOf: start)
      let page = buckets.filled(from: from, limit: limit, records)
      return GetPackageBandwidthUsageResponse(
        bandwidthUsage: PackageBandwidthUsage(
          packageID: PackageID.text(package.id), buckets: page.map { BandwidthBucket($0) },
          total: BandwidthBucket(total)),
        nextPageToken: until < buckets.count
          ? PageToken.encode(.number(Int64(until)), of: query) : "")
    }
    return Answer(response)
  }
}

/// What is kept of a scan is not what was written.
private struct UnreadableScan: Error {
  let resource: String
}

extension BandwidthBuckets {
  /// What a request asks for; nil for what is a violation.
  fileprivate init?(
    _ request: GetPackageBandwidthUsageRequest, at time: Instant, _ violations: inout Violations
  ) {
    let width = Width(request.interval)
    if width == nil { violations.add("interval", "must be HOUR, DAY or MONTH") }
    if request.startTime == nil { violations.add("start_time", "is required") }
    let start = request.startTime.flatMap { violations.time("start_time", $0) }
    let end = request.endTime.map { violations.time("end_time", $0) } ?? time
    guard let width, let start, let end else { return nil }
    guard start < end else {
      if request.endTime == nil {
        violations.add("start_time", "must be before now, where end_time is not set")
      } else {
        violations.add("end_time", "must be after start_time")
      }
      return nil
    }
    self.init(width, from: start, until: end)
    if count > Limits.maxBandwidthBuckets {
      violations.add(
        "start_time",
        "must be so that there are at most \(Limits.maxBandwidthBuckets) buckets until end_time")
      return nil
    }
  }
}

extension BandwidthBucket {
  fileprivate init(_ record: BandwidthRecord) {
    self.init(
      startTime: Timestamp(record.startTime), inBytes: record.inBytes,
      outBytes: record.outBytes, requests: record.requests)
  }
}

extension Violations {
  /// The point in time; nil for one that is none, or too far away.
  fileprivate mutating func time(_ field: String, _ timestamp: Timestamp) -> Instant? {
    guard
      Limits.bandwidthTimeSeconds.contains(timestamp.seconds),
      (0...999_999_999).contains(timestamp.nanos)
    else {
      add(field, "must be a time from 1678 to 2261, with nanos from 0 to 999,999,999")
      return nil
    }
    return Instant(
      secondsSinceEpoch: timestamp.seconds, nanoseconds: Int64(timestamp.nanos))
  }
}
