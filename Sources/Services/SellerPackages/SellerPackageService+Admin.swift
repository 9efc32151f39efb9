internal import API
internal import Storage

extension CreateSellerPackageRequest: MutatingRequest {}
extension UpdateSellerPackageRequest: MutatingRequest {}
extension DeleteSellerPackageRequest: MutatingRequest {}

extension SellerPackageService {
  func createSellerPackage(
    _ request: CreateSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<CreateSellerPackageResponse> {
    var violations = Violations()
    let draft = Self.draft(request, &violations)
    request.checkRequestID(&violations)
    try violations.check()
    return try await mutations.run(request, by: caller) { transaction, time in
      let package = try Self.insert(draft, at: time, in: transaction)
      return Effect(
        response: CreateSellerPackageResponse(sellerPackage: SellerPackage(package)),
        partition: .catalogue, resource: package.resource, beforeETag: "",
        afterETag: package.etag)
    }
  }

  func updateSellerPackage(
    _ request: UpdateSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<UpdateSellerPackageResponse> {
    var violations = Violations()
    let edit = SellerPackageEdit(request, &violations)
    request.checkRequestID(&violations)
    try violations.check()
    let (id, etag) = (request.sellerPackage?.id ?? 0, request.sellerPackage?.etag ?? "")
    return try await mutations.run(request, by: caller) { transaction, time in
      let current = try Self.current(id, etag: etag, in: transaction)
      var next = edit.applied(to: current)
      try Self.checkName(of: next, in: transaction)
      next.revision += 1
      next.updateTime = time
      try transaction.update(next)
      return Effect(
        response: UpdateSellerPackageResponse(sellerPackage: SellerPackage(next)),
        partition: .catalogue, resource: next.resource, beforeETag: current.etag,
        afterETag: next.etag)
    }
  }

  func deleteSellerPackage(
    _ request: DeleteSellerPackageRequest, _ caller: Caller
  ) async throws -> Answer<DeleteSellerPackageResponse> {
    var violations = Violations()
    if request.id < 1 { violations.add("id", "must be 1 or more") }
    violations.checkETag("etag", request.etag)
    request.checkRequestID(&violations)
    try violations.check()
    return try await mutations.run(request, by: caller) { transaction, time in
      let package = try Self.current(request.id, etag: request.etag, in: transaction)
      guard try !transaction.hasCurrentPurchase(ofPackage: package.id, at: time) else {
        throw SellerPackageRefusal.packageInUse(resource: package.resource)
      }
      try transaction.deleteSellerPackage(package.id)
      return Effect(
        response: DeleteSellerPackageResponse(), partition: .catalogue,
        resource: package.resource, beforeETag: package.etag, afterETag: "")
    }
  }

  /// The package to be; id and times are still to be written.
  private static func draft(
    _ request: CreateSellerPackageRequest, _ violations: inout Violations
  ) -> SellerPackageRecord {
    var draft = SellerPackageRecord.blank
    guard let package = request.sellerPackage else {
      violations.add("seller_package", "is required")
      return draft
    }
    for field in SellerPackageField.allCases {
      field.copy(from: package, to: &draft, &violations)
    }
    return draft
  }

  /// Writes a new package at revision 1, and returns it.
  static func insert(
    _ draft: SellerPackageRecord, at time: Instant, in transaction: any WriteTransaction
  ) throws -> SellerPackageRecord {
    try checkName(of: draft, in: transaction)
    var package = draft
    package.id = try transaction.nextSellerPackageID()
    package.createTime = time
    package.updateTime = time
    try transaction.insert(package)
    return package
  }

  private static func checkName(
    of package: SellerPackageRecord, in transaction: any ReadTransaction
  ) throws {
    if let holder = try transaction.sellerPackage(named: package.name), holder.id != package.id {
      throw SellerPackageRefusal.nameTaken(package.name, resource: holder.resource)
    }
  }

  /// The package, if it is there and an etag that is not empty is its own.
  private static func current(
    _ id: Int64, etag: String, in transaction: any ReadTransaction
  ) throws -> SellerPackageRecord {
    guard let package = try transaction.sellerPackage(id) else {
      throw SellerPackageRefusal.packageNotFound(id: id)
    }
    guard etag.isEmpty || etag == package.etag else {
      throw SellerPackageRefusal.etagMismatch(resource: package.resource)
    }
    return package
  }
}
