import Glibc
import Storage
import StorageContract
import Testing

@testable import SQLiteStorage

struct PaymentMigrationTests {
  @Test("A payment that a file of the fourth step left open is found, and comes to its end")
  func paymentsOfTheFourthStep() async throws {
    let folder = try TemporaryFolder()
    write([], to: folder.database)
    do {
      let connection = try SQLiteConnection(
        path: folder.database, role: .writer, limits: SQLiteStore.Limits())
      try Migrations.apply(Array(Migrations.all[..<4]), to: connection, now: Instant.now)
      try connection.execute(Self.openPayment)
    }
    let store = try await openSoon(folder.database)
    try await store.write { transaction throws in
      var intent = try #require(try transaction.openPaymentIntent(of: "buyer"))
      #expect(intent.state == .unknown && intent.refundFailures == 0)
      #expect(intent.unheardUntil == nil)
      #expect(intent.cardLastFour == "0012" && intent.gateway == "sandbox")
      let later = Instant(nanosecondsSinceEpoch: .max)
      #expect(try transaction.paymentIntentsDue(at: later, limit: 9) == [intent])
      #expect(
        try transaction.unresolvedPaymentIntents(of: nil, after: nil, limit: 9) == [intent])
      intent.state = .refundOwed
      intent.refundFailures = 2
      intent.unheardUntil = later
      try transaction.update(intent)
    }
    await store.close()
    // Without this, the file would be taken for what it was when it was closed.
    unlink(folder.database + ".lock")
    let verified = try await openSoon(folder.database)
    try await verified.read { transaction throws in
      let owed = try transaction.unresolvedPaymentIntents(of: "buyer", after: nil, limit: 9)
      #expect(owed.map(\.refundFailures) == [2])
      #expect(try transaction.unheardRenewal(of: 0) == owed.first)
      #expect(try transaction.openPaymentIntent(of: "buyer") == nil)
    }
    await verified.close()
  }

  /// As a packd of that step wrote it.
  private static let openPayment = """
    INSERT INTO payment_intents VALUES (X'01A20048611DE083A8F97E7AF599E2CA', 'buyer',
    'buyer@example.com', 2, 'USD', 9, 990000000, 1, 'visa', '0012', 1, 'Basic Seller', 10,
    '17:Standard listings,14:Sales overview,13:Email support,', 'USD', 9, 990000000, 'USD', 0, 0,
    1795301073201926941, 1797893073201926941, 0, 0, 'default/buyer',
    '/packd.v1.SellerPackageService/PurchasePackage', '6f4bfc33-14fb-43d8-940b-003ca9fd68f7',
    X'12E7C7D9065AA3BF0B94419D4CD86290D2ABA8364113D46D1B0A649057804D6E', '', '',
    1795301073201926941, 0, NULL, 1795301078398517013, 'sandbox', 5515721669227538295)
    """
}
