internal import Glibc
internal import SQLiteStorage
internal import Storage

private let now = Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000)
private let users = 10_000

private func after(_ seconds: Int64) -> Instant {
  Instant(nanosecondsSinceEpoch: now.nanosecondsSinceEpoch + seconds * 1_000_000_000)
}

private func userID(_ number: Int) -> String { "7f3c2a90-1b5d-4e8f-9a6c-\(100_000_000 + number)" }

private func intentID(_ number: Int) -> ULID { ULID(value: 1 << 100 + UInt128(number) << 32) }

private let price = MoneyRecord(currencyCode: "USD", units: 24, nanos: 990_000_000)
private let features = ["Featured listings", "Analytics", "Priority support", "Bulk upload"]
private let nothing = MoneyRecord(currencyCode: "USD", units: 0, nanos: 0)

private func purchase(_ id: Int64, _ userID: String) -> PurchaseRecord {
  PurchaseRecord(
    id: id, userID: userID, packageID: 2, packageName: "Professional Seller", startTime: now,
    endTime: after(2_592_000), isReplaced: false, listingLimit: .limit(30), features: features,
    periods: [PurchaseRecord.Period(start: now, end: after(2_592_000), price: price)],
    transactionID: "tr_01HV5Q8Z6N4M3K2J1H0G9F8E7D", amountCharged: price, credit: nothing,
    paymentMethod: .creditCard, receiptNumber: "A-\(id)", revision: 1)
}

private func intent(_ number: Int, _ state: PaymentIntentRecord.State) -> PaymentIntentRecord {
  PaymentIntentRecord(
    id: intentID(number), userID: userID(number), email: "seller@mail.example", state: state,
    amount: price, method: .creditCard, cardBrand: "visa", cardLastFour: "4242",
    terms: PaymentIntentRecord.Terms(
      packageID: 2, packageName: "Professional Seller", listingLimit: .limit(30),
      features: features, price: price, credit: nothing, startTime: now,
      endTime: after(2_592_000), renewedPurchaseID: 0, replacedPurchaseID: 0),
    origin: PaymentIntentRecord.Origin(
      actor: userID(number), method: "/packd.v1.SellerPackageService/PurchasePackage",
      requestID: "request-\(number)", requestHash: Array(repeating: 7, count: 32)),
    transactionID: state == .succeeded ? "tr_01HV5Q8Z6N4M3K2J1H0G9F8E7D" : "", declineCode: "",
    createTime: now, checkCount: 0, lastCheckTime: nil,
    nextCheckTime: state.isOpen ? after(5) : nil)
}

private func appendAudit(
  _ transaction: any WriteTransaction, _ user: String, _ method: String
) throws {
  let last = try transaction.lastAuditRecord(partition: "users/" + user)
  try transaction.append(
    AuditRecord(
      partition: "users/" + user, sequence: (last?.sequence ?? 0) + 1, actor: user,
      method: "/packd.v1.SellerPackageService/" + method, resource: "users/\(user)/purchases/1",
      beforeETag: "", afterETag: "", time: now, requestID: "",
      previousHash: last?.hash ?? Array(repeating: 0, count: 32),
      hash: Array(repeating: 1, count: 32)))
}

private func insertReplay(
  _ transaction: any WriteTransaction, _ user: String, _ method: String, _ requestID: String
) throws {
  try transaction.insert(
    ReplayRecord(
      key: ReplayKey(
        caller: user, method: "/packd.v1.SellerPackageService/" + method, requestID: requestID),
      requestHash: Array(repeating: 7, count: 32), statusCode: 0, statusMessage: "",
      statusDetails: [], response: Array(repeating: 1, count: 200), createTime: now,
      expireTime: after(86_400)))
}

@Sendable private func begin(_ transaction: any WriteTransaction, _ number: Int) throws {
  let user = userID(number)
  guard try transaction.openPaymentIntent(of: user) == nil else { throw StorageError.conflict }
  _ = try transaction.entitlement(of: user)
  try transaction.insert(intent(number, .pending))
}

@Sendable private func complete(_ transaction: any WriteTransaction, _ number: Int) throws {
  let user = userID(number)
  guard let open = try transaction.paymentIntent(intentID(number)), open.state.isOpen else {
    throw StorageError.conflict
  }
  try transaction.update(intent(number, .succeeded))
  let id = try transaction.nextPurchaseID()
  let sequence = try transaction.lastReceiptSequence(series: "A") + 1
  try transaction.insert(purchase(id, user))
  try transaction.insert(
    ReceiptRecord(
      series: "A", sequence: sequence, userID: user, purchaseID: id, packageID: 2,
      packageName: "Professional Seller", price: price, credit: nothing, amountCharged: price,
      startTime: now, endTime: after(2_592_000), paymentMethod: .creditCard, cardBrand: "visa",
      cardLastFour: "4242", transactionID: "tr_01HV5Q8Z6N4M3K2J1H0G9F8E7D", issueTime: now))
  try transaction.insert(
    OutboxMailRecord(
      id: intentID(number), messageID: "receipt-\(number)@packd.example",
      recipient: "seller@mail.example", subject: "Your receipt A-\(sequence)",
      body: String(repeating: "A line of the receipt.\r\n", count: 20), createTime: now,
      attempts: 0, nextAttemptTime: now, lastError: ""))
  try appendAudit(transaction, user, "PurchasePackage")
  try insertReplay(transaction, user, "PurchasePackage", "request-\(number)")
}

@Sendable private func reserve(
  _ transaction: any WriteTransaction, _ number: Int, _ isReplayed: Bool
) throws {
  let user = userID(number % users)
  let listing = "listing-\(number)"
  guard let found = try transaction.entitlement(of: user), found.slots.used(at: now) ?? 0 < 30,
    try transaction.listingSlot(listing, of: found.record.id) == nil
  else { throw StorageError.conflict }
  try transaction.insert(
    ListingSlotRecord(
      purchaseID: found.record.id, listingID: listing, createTime: now,
      expireTime: after(600 + Int64(number / users))))
  try appendAudit(transaction, user, "ReserveListing")
  if isReplayed { try insertReplay(transaction, user, "ReserveListing", "r-\(number)") }
}

@Sendable private func release(_ transaction: any WriteTransaction, _ number: Int) throws {
  let user = userID(number % users)
  let listing = "listing-\(number)"
  guard let found = try transaction.entitlement(of: user),
    try transaction.listingSlot(listing, of: found.record.id) != nil
  else { throw StorageError.conflict }
  try transaction.deleteListingSlot(listing, of: found.record.id)
  try appendAudit(transaction, user, "ReleaseListing")
}

/// The processor's time of the thread that runs this: within a write, of the writer.
@Sendable private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs `body` with each number, by 64 callers.
private func measure(
  _ name: String, _ store: SQLiteStore, count: Int,
  _ body: @escaping @Sendable (any WriteTransaction, Int) throws -> Void
) async throws {
  let cpu = try await store.write { _ in threadSeconds() }
  let commits = store.commitCount
  let start = nanosecondsNow()
  try await withThrowingTaskGroup(of: Void.self) { group in
    for caller in 0..<64 {
      group.addTask {
        for number in stride(from: caller, to: count, by: 64) {
          // In no order that suits a page.
          let scattered = number * 7919 % count
          try await store.write { try body($0, scattered) }
        }
      }
    }
    try await group.waitForAll()
  }
  let seconds = Double(nanosecondsNow() - start) / 1e9
  let writer = try await store.write { _ in threadSeconds() } - cpu
  print(
    """
    \(name): \(fixed(writer / Double(count) * 1e6, 1)) us CPU of the writer, \
    \(Int(Double(count) / seconds)) per second, \
    \(fixed(Double(count) / Double(max(1, store.commitCount - commits)), 0)) per commit
    """)
}

/// What a purchase, and what a slot of one, costs the one thread that writes.
func measureSellers(_ store: SQLiteStore) async throws {
  try await measure("begin a purchase", store, count: users, begin)
  try await measure("complete a purchase", store, count: users, complete)
  try await measure("reserve a listing, entitlement not cached", store, count: users) {
    try reserve($0, $1, false)
  }
  try await measure("release a listing, entitlement not cached", store, count: users, release)
  for number in 0..<users {
    _ = try await store.read { try $0.entitlement(of: userID(number)) }
  }
  let cached = (0..<users).count { store.cachedEntitlement(of: userID($0)) != nil }
  print("entitlements cached: \(cached) of \(users)")
  for isReplayed in [false, true] {
    let name = isReplayed ? "reserve a listing, with replay" : "reserve a listing"
    try await measure(name, store, count: 2 * users) { try reserve($0, $1, isReplayed) }
    try await measure("release a listing", store, count: 2 * users, release)
  }
  let ids = (0..<1000).map { userID($0) }
  let any: any Store = store
  var hits = 0
  let start = nanosecondsNow()
  for _ in 0..<1000 {
    for id in ids where any.cachedEntitlement(of: id) != nil { hits += 1 }
  }
  let each = Double(nanosecondsNow() - start) / Double(1000 * ids.count)
  print("cached entitlement: \(fixed(each, 1)) ns, \(100 * hits / (1000 * ids.count)) % hits")
}
