internal import API
internal import Storage
internal import Testing

@testable internal import Services

/// A drain does not wait for a gateway longer than for anybody else.
@Suite(.timeLimit(.minutes(10))) struct CutShortTests {
  private func fixture(
    _ gateway: ScriptedGateway, _ kind: StoreKind, _ store: any Store, _ clock: TestClock
  ) -> SellerFixture {
    SellerFixture(store: store, clock: clock) { _, _ in gateway }
  }

  @Test(
    "a payment that is cut short is unresolved, and the next process comes to its end",
    arguments: StoreKind.allCases, [true, false])
  func cutShort(kind: StoreKind, isCharged: Bool) async throws {
    try await kind.withStore { store, _ in
      let clock = TestClock()
      let (begun, inside) = AsyncStream.makeStream(of: Void.self)
      let gateway = ScriptedGateway([isCharged ? .lose : .timeOut]) {
        inside.finish()
        // Until it is cancelled.
        try? await Task.sleep(for: .seconds(3600))
      }
      let before = fixture(gateway, kind, store, clock)
      let request = PurchasePackageRequest(try await before.add().id, requestID: "r")
      let call = Task { try await before.purchase(request) }
      for await _ in begun {}
      before.service.payments.cutShort()
      await before.service.payments.finish()
      await #expect(throws: PaymentRefusal.self) { try await call.value }
      #expect(try await before.books().open.map(\.state) == [.unknown])

      let after = fixture(gateway, kind, store, clock)
      clock.advance(seconds: 1000)
      await after.service.payments.recover()
      clock.advance(seconds: 1000)
      await after.service.payments.recover()
      let books = try await after.books()
      #expect(books.open.isEmpty && books.receipts.count == (isCharged ? 1 : 0))
    }
  }
}
