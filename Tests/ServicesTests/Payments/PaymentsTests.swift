internal import API
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

@Suite(.timeLimit(.minutes(10))) struct PaymentsTests {
  /// A shop whose gateway has no time, and answers the first charge once it is cancelled.
  private func lateShop(_ step: ScriptedGateway.Step) -> SellerFixture {
    let isLate = Mutex(true)
    let gateway = ScriptedGateway([step]) {
      let waits = isLate.withLock { isLate in
        defer { isLate = false }
        return isLate
      }
      if waits { try? await Task.sleep(for: .seconds(3600)) }
    }
    var settings = SellerSettings()
    settings.gatewayTimeoutSeconds = 0
    return SellerFixture(settings: settings) { _, _ in gateway }
  }

  @Test("what a gateway did not do is over, also where it says so late")
  func lateNo() async throws {
    let shop = lateShop(.unreachable)
    let package = try await shop.add().id
    await #expect(throws: PaymentRefusal.gatewayUnavailable) {
      try await shop.purchase(PurchasePackageRequest(package, requestID: "a"))
    }
    #expect(try await shop.books().open.isEmpty)
    // The user is free at once.
    _ = try await shop.purchase(PurchasePackageRequest(package, requestID: "b"))
  }

  @Test("what a gateway did is given, also where it says so late")
  func lateYes() async throws {
    let shop = lateShop(.succeed)
    let package = try await shop.add().id
    _ = try await shop.purchase(PurchasePackageRequest(package, requestID: "a"))
    let books = try await shop.books()
    #expect(books.open.isEmpty && books.receipts.count == 1)
  }
}
