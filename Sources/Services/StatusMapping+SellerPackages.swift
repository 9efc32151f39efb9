internal import API
internal import GRPC

extension StatusMapping {
  /// The part of the table that is about seller packages, and what is paid for them.
  func status(for refusal: SellerPackageRefusal) -> Status {
    switch refusal {
    case .packageNotFound(let id):
      .detailed(
        .notFound, "Package not found", reason: "SELLER_PACKAGE_NOT_FOUND",
        [Self.resource("SellerPackage", "sellerPackages/\(id)", "Package not found")])
    case .nameTaken(let name):
      .detailed(
        .alreadyExists, "A seller package named \(name.quoted) exists",
        reason: "SELLER_PACKAGE_NAME_TAKEN")
    case .etagMismatch(let resource):
      .detailed(
        .aborted, "The etag is not current: the package has changed", reason: "ETAG_MISMATCH",
        [Self.resource("SellerPackage", resource, "Read it again for its current etag")])
    case .packageInUse(let resource):
      Self.failed(
        "SELLER_PACKAGE_IN_USE", "The package is the current one of users", resource)
    case .paymentInvalid(let violations):
      .detailed(
        .invalidArgument, "Payment validation failed", reason: "PAYMENT_INVALID",
        [Self.badRequest(violations)])
    case .alreadyActive(let resource):
      .detailed(
        .alreadyExists, "You already have an active package of this type",
        reason: "PACKAGE_ALREADY_ACTIVE",
        [Self.resource("SellerPackage", resource, "It is the current package")])
    case .purchaseUnderWay(let resource):
      .detailed(
        .alreadyExists, "A purchase of this package is under way", reason: "PURCHASE_UNDER_WAY",
        [Self.resource("SellerPackage", resource, "It is being paid")])
    case .paymentUnderWay:
      .retryable(
        .aborted, "Another payment of yours is under way", reason: "PAYMENT_UNDER_WAY",
        afterMilliseconds: delay(Limits.paymentRetryMilliseconds))
    case .otherCurrency(let current, let new):
      Self.failed(
        "CURRENCY_MISMATCH",
        "The current package was sold in \(current), this one is sold in \(new)", "current")
    case .listingsExceedLimit(let used, let limit):
      Self.failed(
        "LISTINGS_EXCEED_LIMIT",
        "\(used) listings are in use, and the package has \(limit): release some first", "listings")
    case .quoteExpired:
      .detailed(.aborted, "The quote has expired: ask for another", reason: "QUOTE_EXPIRED")
    case .quoteChanged:
      .detailed(
        .aborted, "The quote no longer holds: ask for another", reason: "QUOTE_CHANGED")
    case .declined(let code):
      .detailed(
        .failedPrecondition, "Payment processing failed", reason: "CARD_DECLINED",
        metadata: ["decline_code": code])
    case .paymentUnresolved(let intentID):
      .retryable(
        .unavailable, "The outcome of the payment is not known yet", reason: "PAYMENT_UNRESOLVED",
        afterMilliseconds: delay(Limits.unresolvedRetryMilliseconds),
        metadata: ["intent_id": intentID])
    case .gatewayUnavailable:
      .retryable(
        .unavailable, "Payments are not available; nothing was charged",
        reason: "PAYMENT_GATEWAY_UNAVAILABLE",
        afterMilliseconds: delay(Limits.gatewayRetryMilliseconds))
    case .purchaseNotFound(let id):
      .detailed(
        .notFound, "Purchase not found", reason: "PURCHASE_NOT_FOUND",
        [Self.resource("Purchase", "purchases/\(id)", "Purchase not found")])
    case .purchaseNotCurrent(let id):
      Self.failed(
        "PURCHASE_NOT_CURRENT", "Another package is the current one", "purchases/\(id)")
    case .renewedTooFar(let days):
      Self.failed(
        "RENEWED_TOO_FAR", "A package cannot be renewed more than \(days) days ahead", "end_time")
    case .receiptNotFound(let number):
      .detailed(
        .notFound, "Receipt not found", reason: "RECEIPT_NOT_FOUND",
        [Self.resource("Receipt", "receipts/\(number.cut)", "Receipt not found")])
    case .noActivePackage(let userID):
      Self.failed("NO_ACTIVE_PACKAGE", "The user has no active package", "users/\(userID.cut)")
    case .listingLimitReached(let userID, let limit):
      .detailed(
        .resourceExhausted, "Listing limit reached", reason: "LISTING_LIMIT_REACHED",
        [
          AnyMessage(
            packing: QuotaFailure(violations: [
              .init(
                subject: "users/\(userID.cut)/listings",
                description: "The package has \(limit) listings, and all are in use")
            ]))
        ])
    case .slotNotFound(let listingID):
      .detailed(
        .notFound, "The listing has no slot", reason: "SLOT_NOT_FOUND",
        [Self.resource("ListingSlot", "listings/\(listingID.cut)", "No slot, or it has expired")])
    }
  }

  private static func resource(_ type: String, _ name: String, _ text: String) -> AnyMessage {
    AnyMessage(
      packing: ResourceInfo(
        resourceType: "packd.v1." + type, resourceName: name, description: text))
  }

  private static func badRequest(_ violations: Violations) -> AnyMessage {
    AnyMessage(
      packing: BadRequest(
        fieldViolations: violations.all.map {
          .init(field: $0.field, description: $0.description)
        }))
  }

  private static func failed(_ reason: String, _ message: String, _ subject: String) -> Status {
    let violation = PreconditionFailure.Violation(
      type: reason, subject: subject, description: message)
    return .detailed(
      .failedPrecondition, message, reason: reason,
      [AnyMessage(packing: PreconditionFailure(violations: [violation]))])
  }
}
