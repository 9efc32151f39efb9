internal import Glibc
internal import SQLiteStorage
internal import Storage
internal import Synchronization

private let now = Instant(nanosecondsSinceEpoch: 1_700_000_000_000_000_000)
private let users = 10_000

private func after(_ seconds: Int64) -> Instant {
  Instant(nanosecondsSinceEpoch: now.nanosecondsSinceEpoch + seconds * 1_000_000_000)
}

/// Counts the holds: each expires a moment after the one before.
private let holds = Atomic<Int64>(0)

private func sellerID(_ number: Int) -> String { "7f3c2a90-1b5d-4e8f-9a6c-\(100_000_000 + number)" }

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
    id: intentID(number), userID: sellerID(number), email: "seller@mail.example", state: state,
    amount: price, method: .creditCard, cardBrand: "visa", cardLastFour: "4242",
    terms: PaymentIntentRecord.Terms(
      packageID: 2, packageName: "Professional Seller", listingLimit: .limit(30),
      features: features, price: price, credit: nothing, startTime: now,
      endTime: after(2_592_000), renewedPurchaseID: 0, replacedPurchaseID: 0),
    origin: PaymentIntentRecord.Origin(
      actor: sellerID(number), method: "/packd.v1.SellerPackageService/PurchasePackage",
      requestID: "request-\(number)", requestHash: Array(repeating: 7, count: 32)),
    transactionID: state == .succeeded ? "tr_01HV5Q8Z6N4M3K2J1H0G9F8E7D" : "", declineCode: "",
    createTime: now, checkCount: 0, lastCheckTime: nil,
    nextCheckTime: state.isOpen ? after(5) : nil)
}

private func appendAudit(
  _ transaction: any WriteTransaction, _ user: String, _ method: String
) throws {
  let last = try transaction.auditHead(partition: "users/" + user)
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
  let user = sellerID(number)
  guard try transaction.openPaymentIntent(of: user) == nil else { throw StorageError.conflict }
  _ = try transaction.entitlement(of: user)
  try transaction.insert(intent(number, .pending))
}

@Sendable private func complete(_ transaction: any WriteTransaction, _ number: Int) throws {
  let user = sellerID(number)
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

/// A listing of one of the first `users`.
private struct Listing {
  var userID: String
  var id: String

  init(_ number: Int, users: Int) {
    userID = sellerID(number % users)
    id = "listing-\(number)"
  }
}

@Sendable private func reserve(
  _ transaction: any WriteTransaction, _ listing: Listing, isReplayed: Bool
) throws {
  guard let found = try transaction.entitlement(of: listing.userID),
    found.slots.used(at: now) ?? .max < 30,
    try transaction.listingSlot(listing.id, of: found.record.id) == nil
  else { throw StorageError.conflict }
  var expireTime = after(600)
  expireTime.nanosecondsSinceEpoch += holds.add(1, ordering: .relaxed).newValue
  try transaction.insert(
    ListingSlotRecord(
      purchaseID: found.record.id, listingID: listing.id, createTime: now,
      expireTime: expireTime))
  try appendAudit(transaction, listing.userID, "ReserveListing")
  if isReplayed { try insertReplay(transaction, listing.userID, "ReserveListing", listing.id) }
}

@Sendable private func release(_ transaction: any WriteTransaction, _ listing: Listing) throws {
  guard let found = try transaction.entitlement(of: listing.userID),
    try transaction.listingSlot(listing.id, of: found.record.id) != nil
  else { throw StorageError.conflict }
  try transaction.deleteListingSlot(listing.id, of: found.record.id)
  try appendAudit(transaction, listing.userID, "ReleaseListing")
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

private func measureSlots(
  _ store: SQLiteStore, _ name: String, users: Int, isReplayed: Bool = false
) async throws {
  let count = 20_000
  try await measure("reserve a listing, \(name)", store, count: count) {
    try reserve($0, Listing($1, users: users), isReplayed: isReplayed)
  }
  try await measure("release a listing, \(name)", store, count: count) {
    try release($0, Listing($1, users: users))
  }
}

/// What a purchase, and what a slot of one, costs the one thread that writes.
func measureSellers(_ store: SQLiteStore) async throws {
  try await measure("begin a purchase", store, count: users, begin)
  try await measure("complete a purchase", store, count: users, complete)
  try await measureSlots(store, "not cached, \(users) users", users: users)
  for number in 0..<users {
    _ = try await store.read { try $0.entitlement(of: sellerID(number)) }
  }
  let cached = (0..<users).count { store.cachedEntitlement(of: sellerID($0)) != nil }
  print("entitlements cached: \(cached) of \(users)")
  try await measureSlots(store, "\(users) users", users: users)
  try await measureSlots(store, "1000 users", users: 1000)
  try await measureSlots(store, "1000 users, with replay", users: 1000, isReplayed: true)
  let ids = (0..<1000).map { sellerID($0) }
  let any: any Store = store
  var hits = 0
  let start = nanosecondsNow()
  for _ in 0..<1000 {
    for id in ids where any.cachedEntitlement(of: id) != nil { hits += 1 }
  }
  let each = Double(nanosecondsNow() - start) / Double(1000 * ids.count)
  print("cached entitlement: \(fixed(each, 1)) ns, \(100 * hits / (1000 * ids.count)) % hits")
}
