internal import Storage

/// Charges nobody: for development and tests. What it did is durable.
struct SandboxGateway: PaymentGateway {
  let store: any Store
  let now: Now

  func charge(_ charge: Charge) async throws -> ChargeOutcome {
    throw PaymentGatewayError.refused(reason: "")
  }
  func lookup(_ intent: PaymentIntentRecord) async throws -> ChargeLookup { .notFound }
  func refund(_ intent: PaymentIntentRecord, transactionID: String) async throws {}
}
