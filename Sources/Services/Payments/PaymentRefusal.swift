/// Why nothing is given for a payment, or not yet; `StatusMapping+Payments.swift` says what the
/// client gets.
enum PaymentRefusal: Error, Equatable {
  /// What is wrong with how it is to be paid, all of it.
  case invalid(Violations)
  /// The caller is paying the same package already, to buy or to renew it.
  case purchaseUnderWay(resource: String)
  /// The same of another package, or, to who asks for a renewal, of any.
  ///
  /// Who tries a renewal without a request_id again, without `mayRetry`, may be charged twice.
  case otherUnderWay(mayRetry: Bool = true)
  case declined(code: String)
  /// The gateway charges nothing like it, whoever pays.
  case refused(code: String)
  /// The gateway's answer was lost; it is asked again until it is known.
  ///
  /// `mayRetry` as of ``otherUnderWay(mayRetry:)``.
  case unresolved(intentID: String, mayRetry: Bool = true)
  /// An earlier renewal by the caller is paid, and its answer may not have come.
  case earlierRenewalPaid(purchaseID: Int64)
  /// What was paid for could not be given any more: the money was given back.
  case returned
  /// The gateway could not be asked; nothing was charged.
  case gatewayUnavailable
}
