internal import API
internal import GRPC
internal import Storage
internal import Testing

@testable internal import Services

/// What a gateway will not charge, and why that is whose matter.
@Suite struct PaymentRefusalTests {
  private func fixture(_ gateway: ScriptedGateway) -> SellerFixture {
    SellerFixture { _, _ in gateway }
  }

  @Test("what is refused for good ends the payment, and is kept for the request_id")
  func refused() async throws {
    let gateway = ScriptedGateway([.refuse("amount_too_small")])
    let fixture = fixture(gateway)
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    for _ in 0..<2 {
      do {
        _ = try await fixture.purchase(request)
        Issue.record("it was sold")
      } catch {
        let mapping = StatusMapping(logger: fixture.log.logger, random: { 0 })
        let status = mapping.status(
          for: error, in: .init(method: "", id: "", deadline: nil))
        #expect(status.code == .failedPrecondition)
        let details = try Details(status)
        #expect(details.reason == "PAYMENT_REFUSED")
        #expect(details.info?.metadata["refusal_code"] == "amount_too_small")
      }
    }
    #expect(gateway.calls == 1 && fixture.service.payments.events[.refused] == 1)
    #expect(try await fixture.books().open.isEmpty)
    #expect(try await fixture.purchase(PurchasePackageRequest(1, requestID: "s")).isActive)
  }

  @Test("a key that the gateway does not take is an error in the log, and none of the buyer's")
  func notAllowed() async throws {
    let fixture = fixture(ScriptedGateway([.notAllowed]))
    let request = PurchasePackageRequest(try await fixture.add().id, requestID: "r")
    await #expect(throws: PaymentRefusal.gatewayUnavailable) {
      try await fixture.purchase(request)
    }
    #expect(fixture.log.lines.contains { $0.contains("error") && $0.contains("not allowed") })
    #expect(try await fixture.purchase(request).isActive)
  }
}
