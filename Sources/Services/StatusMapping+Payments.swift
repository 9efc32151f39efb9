internal import API
internal import GRPC

extension StatusMapping {
  /// The part of the table that is about payments.
  func status(for refusal: PaymentRefusal) -> Status {
    switch refusal {
    case .invalid(let violations):
      .detailed(
        .invalidArgument, "Payment validation failed", reason: "PAYMENT_INVALID",
        [Self.badRequest(violations)])
    case .purchaseUnderWay(let resource):
      later(
        Limits.paymentRetryMilliseconds, .alreadyExists,
        "A purchase of this package is under way", reason: "PURCHASE_UNDER_WAY",
        [Self.resource("SellerPackage", resource, "It is being paid")])
    case .otherUnderWay(mayRetry: true):
      later(
        Limits.paymentRetryMilliseconds, .aborted, "Another payment of yours is under way",
        reason: "PAYMENT_UNDER_WAY")
    case .otherUnderWay(mayRetry: false):
      .detailed(
        .aborted, "Another payment of yours is under way", reason: "PAYMENT_UNDER_WAY"
      ).withoutRetry
    case .declined(let code):
      .detailed(
        .failedPrecondition, "Payment processing failed", reason: "CARD_DECLINED",
        metadata: ["decline_code": code])
    case .refused(let code):
      .detailed(
        .failedPrecondition, "The payment cannot be made; nothing was charged",
        reason: "PAYMENT_REFUSED", metadata: ["refusal_code": code])
    case .unresolved(let intentID, mayRetry: true):
      later(
        Limits.unresolvedRetryMilliseconds, .unavailable,
        "The outcome of the payment is not known yet", reason: "PAYMENT_UNRESOLVED",
        metadata: ["intent_id": intentID])
    case .unresolved(let intentID, mayRetry: false):
      .detailed(
        .unavailable,
        "The outcome of the payment is not known yet: look at the purchase before you pay again",
        reason: "PAYMENT_UNRESOLVED", metadata: ["intent_id": intentID]
      ).withoutRetry
    case .earlierRenewalPaid(let purchaseID):
      .detailed(
        .aborted, "Your earlier renewal is paid: look at the purchase before you pay again",
        reason: "EARLIER_RENEWAL_PAID",
        [Self.resource("Purchase", "purchases/\(purchaseID)", "It was renewed not long ago")]
      ).withoutRetry
    case .returned:
      .detailed(
        .aborted, "The payment is given back: the package could not be given any more",
        reason: "PAYMENT_RETURNED")
    case .gatewayUnavailable:
      later(
        Limits.gatewayRetryMilliseconds, .unavailable,
        "Payments are not available; nothing was charged", reason: "PAYMENT_GATEWAY_UNAVAILABLE")
    }
  }

  private func later(
    _ milliseconds: UInt64, _ code: Status.Code, _ message: String, reason: String,
    metadata: StringMap = [:], _ more: [AnyMessage] = []
  ) -> Status {
    .retryable(
      code, message, reason: reason, afterMilliseconds: delay(milliseconds), metadata: metadata,
      more)
  }
}
