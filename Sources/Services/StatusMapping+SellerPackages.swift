internal import API
internal import GRPC

extension StatusMapping {
  /// The part of the table that is about seller packages, and what is bought of them.
  func status(for refusal: SellerPackageRefusal) -> Status {
    switch refusal {
    case .packageNotFound(let id):
      Self.about(
        "SellerPackage", "sellerPackages/\(id)", .notFound, "Package not found",
        reason: "SELLER_PACKAGE_NOT_FOUND")
    case .nameTaken(let name, let resource):
      Self.about(
        "SellerPackage", resource, .alreadyExists, "A seller package named \(name.quoted) exists",
        reason: "SELLER_PACKAGE_NAME_TAKEN", "It has this name")
    case .etagMismatch(let resource):
      Self.about(
        "SellerPackage", resource, .aborted, "The etag is not current: the package has changed",
        reason: "ETAG_MISMATCH", "Read it again for its current etag")
    case .packageInUse(let resource):
      Self.failed("SELLER_PACKAGE_IN_USE", "The package is the current one of users", resource)
    case .purchaseNotFound(let id):
      Self.about(
        "Purchase", "purchases/\(id)", .notFound, "Purchase not found",
        reason: "PURCHASE_NOT_FOUND")
    case .receiptNotFound(let number):
      Self.about(
        "Receipt", "receipts/\(number.cut)", .notFound, "Receipt not found",
        reason: "RECEIPT_NOT_FOUND")
    case .noActivePackage(let userID):
      Self.failed("NO_ACTIVE_PACKAGE", "The user has no active package", "users/\(userID.cut)")
    case .listingLimitReached(let userID, let limit):
      Self.listingLimitReached(by: userID, limit)
    case .slotNotFound(let listingID):
      Self.about(
        "ListingSlot", "listings/\(listingID.cut)", .notFound, "The listing has no slot",
        reason: "SLOT_NOT_FOUND", "No slot, or it has expired")
    case .alreadyActive(let resource):
      Self.about(
        "SellerPackage", resource, .alreadyExists,
        "You already have an active package of this type",
        reason: "PACKAGE_ALREADY_ACTIVE", "It is the current package")
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
      .detailed(.aborted, "The quote no longer holds: ask for another", reason: "QUOTE_CHANGED")
    case .purchaseNotCurrent(let id):
      Self.failed("PURCHASE_NOT_CURRENT", "Another package is the current one", "purchases/\(id)")
    case .renewedTooFar(let days):
      Self.failed(
        "RENEWED_TOO_FAR", "A package cannot be renewed more than \(days) days ahead", "end_time")
    }
  }

  /// - Parameter description: of the resource; the message without one.
  private static func about(
    _ type: String, _ name: String, _ code: Status.Code, _ message: String, reason: String,
    _ description: String? = nil
  ) -> Status {
    .detailed(code, message, reason: reason, [resource(type, name, description ?? message)])
  }

  static func resource(
    _ type: String, _ name: String, _ description: String
  ) -> AnyMessage {
    AnyMessage(
      packing: ResourceInfo(
        resourceType: "packd.v1." + type, resourceName: name, description: description))
  }

  private static func listingLimitReached(by userID: String, _ limit: Int64) -> Status {
    let violation = QuotaFailure.Violation(
      subject: "users/\(userID.cut)/listings",
      description: "The package has \(limit) listings, and all are in use")
    return .detailed(
      .resourceExhausted, "Listing limit reached", reason: "LISTING_LIMIT_REACHED",
      [AnyMessage(packing: QuotaFailure(violations: [violation]))])
  }

  private static func failed(_ reason: String, _ message: String, _ subject: String) -> Status {
    let violation = PreconditionFailure.Violation(
      type: reason, subject: subject, description: message)
    return .detailed(
      .failedPrecondition, message, reason: reason,
      [AnyMessage(packing: PreconditionFailure(violations: [violation]))])
  }
}
