import Glibc
import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

/// What is damaged of sellers, their payments and receipts is never answered.
struct SellerDamageTests {
  let folder: TemporaryFolder

  init() async throws {
    folder = try TemporaryFolder()
    let store = try SQLiteStore.open(path: folder.database)
    try await store.write { transaction in
      for number in 1...9 as ClosedRange<Int64> {
        let user = "user \(number)"
        let id = UInt128(number)
        try transaction.insert(Sample.sellerPackage(number, isActive: number != 4))
        try transaction.insert(Sample.purchase(number, of: user, package: number))
        try transaction.insert(Sample.slot("held", of: number, expires: number * 10))
        try transaction.insert(Sample.slot("kept", of: number, expires: nil))
        try transaction.insert(
          Sample.intent(id, of: user, number == 4 ? .void : .pending, check: number * 10))
        try transaction.put(Sample.charge(id))
        try transaction.insert(Sample.receipt(number))
        try transaction.insert(Sample.mail(id, due: number == 4 ? nil : number * 10))
      }
    }
    await store.close()
  }

  private var unverified: SQLiteStore.Limits {
    var limits = SQLiteStore.Limits()
    limits.maxVerifiedFileBytes = 0
    return limits
  }

  /// Changes the file as damage would, past the adapter.
  private func damage(_ sql: String) throws {
    let connection = try SQLiteConnection(
      path: folder.database, role: .writer, limits: SQLiteStore.Limits())
    try connection.execute(sql)
    try connection.checkpoint(.truncate)
    unlink(folder.database + ".lock")
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    var sql: String
    /// A read, or a write, that meets it.
    var body: @Sendable (any WriteTransaction) throws -> Void

    var testDescription: String { sql }

    init(_ sql: String, _ body: @escaping @Sendable (any WriteTransaction) throws -> Void) {
      self.sql = sql
      self.body = body
    }
  }

  private static let id = "x'00000000000000000000000000000003'"

  static let damages: [Damage] = [
    Damage("UPDATE seller_packages SET price_units = 1 WHERE id = 3") {
      _ = try $0.sellerPackage(3)
    },
    Damage("UPDATE seller_packages SET name = 'x' WHERE id = 3") {
      _ = try $0.sellerPackage(named: "x")
    },
    Damage("UPDATE seller_packages SET is_active = 1 WHERE id = 4") {
      _ = try $0.sellerPackages(after: 0, activeOnly: true, limit: 9)
    },
    Damage("UPDATE purchases SET end_time = 1000 WHERE id = 3") {
      _ = try $0.hasCurrentPurchase(ofPackage: 3, at: Sample.at(500))
    },
    Damage("UPDATE purchases SET periods = '' WHERE id = 3") { _ = try $0.purchase(3) },
    Damage("UPDATE purchases SET user_id = 'thief' WHERE id = 3") {
      _ = try $0.entitlement(of: "thief")
    },
    Damage("UPDATE purchases SET package_id = 7 WHERE id = 3") {
      _ = try $0.purchases(PurchaseQuery(packageID: 7, limit: 9))
    },
    Damage("UPDATE listing_slots SET expire_time = NULL WHERE purchase_id = 3") {
      _ = try $0.listingSlot("held", of: 3)
    },
    Damage("UPDATE listing_slots SET expire_time = 99 WHERE purchase_id = 3") {
      _ = try $0.entitlement(of: "user 3")
    },
    Damage("UPDATE listing_slots SET expire_time = 1 WHERE purchase_id = 3") {
      _ = try $0.deleteListingSlots(of: nil, expiredAt: Sample.at(1), limit: 1)
    },
    Damage("UPDATE listing_slot_counts SET held = 0 WHERE purchase_id = 3") {
      _ = try $0.listingSlotCounts(of: 3)
    },
    Damage("UPDATE listing_slot_counts SET user_id = 'thief' WHERE purchase_id = 3") {
      try $0.insert(Sample.slot("new", of: 3))
    },
    Damage("UPDATE payment_intents SET amount_units = 1 WHERE id = \(id)") {
      _ = try $0.paymentIntent(ULID(value: 3))
    },
    Damage("UPDATE payment_intents SET state = 3 WHERE id = \(id)") {
      try $0.update(Sample.intent(3, of: "user 3", .unknown))
    },
    Damage("UPDATE payment_intents SET user_id = 'thief' WHERE id = \(id)") {
      _ = try $0.openPaymentIntent(of: "thief")
    },
    Damage("UPDATE payment_intents SET next_check_time = 1 WHERE id = \(id)") {
      _ = try $0.paymentIntentsDue(at: Sample.at(1), limit: 9)
    },
    Damage("UPDATE payment_intents SET state = 1 WHERE state = 5") {
      _ = try $0.unresolvedPaymentIntents(of: nil, after: nil, limit: 9)
    },
    Damage("UPDATE payment_intents SET renewed_purchase_id = 3, unheard_until = 1") {
      _ = try $0.unheardRenewal(of: 3)
    },
    Damage("UPDATE sandbox_charges SET outcome = 2 WHERE intent_id = \(id)") {
      _ = try $0.sandboxCharge(ULID(value: 3))
    },
    Damage("UPDATE receipts SET charged_units = 0 WHERE sequence = 3") {
      _ = try $0.receipt(series: "A", sequence: 3)
    },
    Damage("UPDATE receipts SET sequence = 30 WHERE sequence = 3") {
      _ = try $0.lastReceiptSequence(series: "A")
    },
    Damage("UPDATE outbox_mails SET recipient = 'thief' WHERE id = \(id)") {
      _ = try $0.outboxMail(ULID(value: 3))
    },
    Damage("UPDATE outbox_mails SET next_attempt_time = 1 WHERE id = \(id)") {
      _ = try $0.outboxMailsDue(at: Sample.at(1), limit: 9)
    },
    Damage("INSERT INTO sequences VALUES ('seller_package', 3, 0) ON CONFLICT DO UPDATE SET last=3")
    { _ = try $0.nextSellerPackageID() },
  ]

  @Test("A row that is not what was written is found when it is met", arguments: damages)
  func damagedRows(_ damage: Damage) async throws {
    try self.damage(damage.sql)
    let store = try await openSoon(folder.database, limits: unverified)
    let error = await #expect(throws: StorageError.self) {
      try await store.write { try damage.body($0) }
    }
    expectDamage(error)
    // Its neighbours are as they were, and the store goes on.
    try await store.read { transaction throws in
      #expect(try transaction.purchase(6) == Sample.purchase(6, of: "user 6", package: 6))
      #expect(try transaction.entitlement(of: "user 6")?.slots.held == 1)
    }
    #expect(store.isAvailable)
    await store.close()
    // A verified start does find it.
    unlink(folder.database + ".lock")
    expectDamage(await #expect(throws: StorageError.self) { try await openSoon(folder.database) })
  }

  private func expectDamage(_ error: StorageError?) {
    guard case .damaged = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  static let lies: [Damage] = [
    Damage("DELETE FROM listing_slot_counts WHERE purchase_id = 3") {
      _ = try $0.entitlement(of: "user 3")
    },
    Damage("DELETE FROM listing_slots WHERE purchase_id = 3 AND listing_id = 'held'") {
      _ = try $0.entitlement(of: "user 3")
    },
    Damage("DELETE FROM listing_slot_counts WHERE purchase_id = 3") {
      try $0.deleteListingSlot("held", of: 3)
    },
  ]

  @Test("Slots that are not counted as they are stop what meets them", arguments: lies)
  func wrongCounts(_ lie: Damage) async throws {
    try damage(lie.sql)
    let store = try await openSoon(folder.database)
    let error = await #expect(throws: StorageError.self) {
      try await store.write { try lie.body($0) }
    }
    expectDamage(error)
    await store.close()
  }
}
