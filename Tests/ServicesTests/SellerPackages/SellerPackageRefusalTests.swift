internal import API
internal import GRPC
internal import Testing

@testable internal import Services

/// What a client is told of each refusal, word for word.
@Suite struct SellerPackageRefusalTests {
  @Test("every refusal has its row", arguments: Reason.allCases)
  func complete(_ reason: Reason) {
    let rows = Row.all.filter { $0.reason == reason }
    #expect(rows.count == 1)
    #expect(rows.allSatisfy { Reason(of: $0.refusal) == reason })
  }

  @Test("a refusal has its code, message and details, and no others", arguments: Row.all)
  func status(_ row: Row) throws {
    let mapping = StatusMapping(logger: TestLog().logger, random: { 0 })
    let status = mapping.status(
      for: row.refusal, in: StatusMapping.Call(method: "/m", id: "1", deadline: nil))
    #expect(status.code == row.code)
    #expect(status.message == row.message)
    let details = try Details(status)
    #expect(
      details.info
        == ErrorInfo(reason: row.reason.rawValue, domain: "packd.v1", metadata: row.metadata))
    #expect(details.badRequest == row.badRequest)
    #expect(details.precondition == row.precondition)
    #expect(details.quota == row.quota)
    #expect(details.resource == row.resource)
    #expect(details.retry?.retryDelay == row.retrySeconds.map { DurationMessage(seconds: $0) })
    #expect(
      status.trailingMetadata.first("grpc-retry-pushback-ms")
        == row.retrySeconds.map { "\($0)000" } ?? (row.isRetried ? nil : "-1"))
    #expect(details.request == nil)
  }

  @Test("who renews while another renewal is under way is told not to retry by itself")
  func notMeanwhile() throws {
    let status = StatusMapping(logger: TestLog().logger, random: { 0 })
      .status(for: PaymentRefusal.otherUnderWay(mayRetry: false))
    #expect(status.message == "Another payment of yours is under way")
    #expect(try Details(status).retry == nil)
    #expect(status.trailingMetadata.first("grpc-retry-pushback-ms") == "-1")
  }

  @Test("who would be charged again is told not to retry")
  func notAgain() throws {
    let status = StatusMapping(logger: TestLog().logger, random: { 0 })
      .status(for: PaymentRefusal.unresolved(intentID: "01K", mayRetry: false))
    #expect(status.code == .unavailable)
    #expect(
      status.message
        == "The outcome of the payment is not known yet: look at the purchase before you pay again")
    let details = try Details(status)
    #expect(details.reason == "PAYMENT_UNRESOLVED" && details.retry == nil)
    #expect(details.info?.metadata == ["intent_id": "01K"])
    #expect(status.trailingMetadata.first("grpc-retry-pushback-ms") == "-1")
  }

  enum Reason: String, CaseIterable {
    case sellerPackageNotFound = "SELLER_PACKAGE_NOT_FOUND"
    case sellerPackageNameTaken = "SELLER_PACKAGE_NAME_TAKEN"
    case etagMismatch = "ETAG_MISMATCH"
    case sellerPackageInUse = "SELLER_PACKAGE_IN_USE"
    case paymentInvalid = "PAYMENT_INVALID"
    case packageAlreadyActive = "PACKAGE_ALREADY_ACTIVE"
    case purchaseUnderWay = "PURCHASE_UNDER_WAY"
    case paymentUnderWay = "PAYMENT_UNDER_WAY"
    case currencyMismatch = "CURRENCY_MISMATCH"
    case listingsExceedLimit = "LISTINGS_EXCEED_LIMIT"
    case quoteExpired = "QUOTE_EXPIRED"
    case quoteChanged = "QUOTE_CHANGED"
    case cardDeclined = "CARD_DECLINED"
    case paymentRefused = "PAYMENT_REFUSED"
    case paymentUnresolved = "PAYMENT_UNRESOLVED"
    case earlierRenewalPaid = "EARLIER_RENEWAL_PAID"
    case paymentReturned = "PAYMENT_RETURNED"
    case paymentGatewayUnavailable = "PAYMENT_GATEWAY_UNAVAILABLE"
    case purchaseNotFound = "PURCHASE_NOT_FOUND"
    case purchaseNotCurrent = "PURCHASE_NOT_CURRENT"
    case renewedTooFar = "RENEWED_TOO_FAR"
    case receiptNotFound = "RECEIPT_NOT_FOUND"
    case noActivePackage = "NO_ACTIVE_PACKAGE"
    case listingLimitReached = "LISTING_LIMIT_REACHED"
    case slotNotFound = "SLOT_NOT_FOUND"

    /// nil of another kind of error.
    init?(of refusal: any Error) {
      switch refusal {
      case let refusal as SellerPackageRefusal: self.init(of: refusal)
      case let refusal as PaymentRefusal: self.init(of: refusal)
      default: return nil
      }
    }

    // Switches, so that a refusal that is new does not compile until it has a reason, and fails
    // until that has a row.

    private init(of refusal: SellerPackageRefusal) {
      self =
        switch refusal {
        case .packageNotFound: .sellerPackageNotFound
        case .nameTaken: .sellerPackageNameTaken
        case .etagMismatch: .etagMismatch
        case .packageInUse: .sellerPackageInUse
        case .alreadyActive: .packageAlreadyActive
        case .otherCurrency: .currencyMismatch
        case .listingsExceedLimit: .listingsExceedLimit
        case .quoteExpired: .quoteExpired
        case .quoteChanged: .quoteChanged
        case .purchaseNotFound: .purchaseNotFound
        case .purchaseNotCurrent: .purchaseNotCurrent
        case .renewedTooFar: .renewedTooFar
        case .receiptNotFound: .receiptNotFound
        case .noActivePackage: .noActivePackage
        case .listingLimitReached: .listingLimitReached
        case .slotNotFound: .slotNotFound
        }
    }

    private init(of refusal: PaymentRefusal) {
      self =
        switch refusal {
        case .invalid: .paymentInvalid
        case .purchaseUnderWay: .purchaseUnderWay
        case .otherUnderWay: .paymentUnderWay
        case .declined: .cardDeclined
        case .refused: .paymentRefused
        case .unresolved: .paymentUnresolved
        case .earlierRenewalPaid: .earlierRenewalPaid
        case .returned: .paymentReturned
        case .gatewayUnavailable: .paymentGatewayUnavailable
        }
    }
  }

  /// One row of the table: what is not said is not there.
  struct Row: Sendable, CustomTestStringConvertible {
    let reason: Reason
    let refusal: any Error
    let code: Status.Code
    let message: String
    var metadata: StringMap = [:]
    var retrySeconds: Int64?
    /// Whether a client may do so by itself.
    var isRetried = true
    var badRequest: BadRequest?
    var precondition: PreconditionFailure?
    var quota: QuotaFailure?
    var resource: ResourceInfo?

    var testDescription: String { reason.rawValue }

    init(
      _ reason: Reason, _ refusal: any Error, _ code: Status.Code, _ message: String,
      _ change: (inout Row) -> Void = { _ in }
    ) {
      self.reason = reason
      self.refusal = refusal
      self.code = code
      self.message = message
      change(&self)
    }

    /// FAILED_PRECONDITION, with the message again in its one violation.
    init(
      _ reason: Reason, _ refusal: any Error, failed subject: String, _ message: String
    ) {
      self.init(reason, refusal, .failedPrecondition, message) {
        $0.precondition = PreconditionFailure(violations: [
          .init(type: reason.rawValue, subject: subject, description: message)
        ])
      }
    }

    /// - Parameter description: of the resource; the message without one.
    init(
      _ reason: Reason, _ refusal: any Error, _ code: Status.Code,
      about type: String, _ name: String, _ message: String, _ description: String? = nil
    ) {
      self.init(reason, refusal, code, message) {
        $0.resource = ResourceInfo(
          resourceType: "packd.v1.\(type)", resourceName: name,
          description: description ?? message)
      }
    }

    static let all = packages + purchases + payments + listings

    private static let packages = [
      Row(
        .sellerPackageNotFound, SellerPackageRefusal.packageNotFound(id: 7), .notFound,
        about: "SellerPackage", "sellerPackages/7", "Package not found"),
      Row(
        .sellerPackageNameTaken,
        SellerPackageRefusal.nameTaken("Basic", resource: "sellerPackages/7"),
        .alreadyExists, about: "SellerPackage", "sellerPackages/7",
        "A seller package named \"Basic\" exists", "It has this name"),
      Row(
        .etagMismatch, SellerPackageRefusal.etagMismatch(resource: "sellerPackages/7"), .aborted,
        about: "SellerPackage", "sellerPackages/7",
        "The etag is not current: the package has changed",
        "Read it again for its current etag"),
      Row(
        .sellerPackageInUse, SellerPackageRefusal.packageInUse(resource: "sellerPackages/7"),
        failed: "sellerPackages/7", "The package is the current one of users"),
    ]

    private static let purchases = [
      Row(
        .packageAlreadyActive, SellerPackageRefusal.alreadyActive(resource: "sellerPackages/7"),
        .alreadyExists,
        about: "SellerPackage", "sellerPackages/7",
        "You already have an active package of this type", "It is the current package"),
      Row(
        .currencyMismatch, SellerPackageRefusal.otherCurrency(current: "USD", new: "EUR"),
        failed: "current",
        "The current package was sold in USD, this one is sold in EUR"),
      Row(
        .listingsExceedLimit, SellerPackageRefusal.listingsExceedLimit(used: 5, limit: 3),
        failed: "listings",
        "5 listings are in use, and the package has 3: release some first"),
      Row(
        .quoteExpired, SellerPackageRefusal.quoteExpired, .aborted,
        "The quote has expired: ask for another"),
      Row(
        .quoteChanged, SellerPackageRefusal.quoteChanged, .aborted,
        "The quote no longer holds: ask for another"),
      Row(
        .purchaseNotFound, SellerPackageRefusal.purchaseNotFound(id: 9), .notFound,
        about: "Purchase", "purchases/9",
        "Purchase not found"),
      Row(
        .purchaseNotCurrent, SellerPackageRefusal.purchaseNotCurrent(id: 9), failed: "purchases/9",
        "Another package is the current one"),
      Row(
        .renewedTooFar, SellerPackageRefusal.renewedTooFar(days: 3660), failed: "end_time",
        "A package cannot be renewed more than 3660 days ahead"),
      Row(
        .receiptNotFound, SellerPackageRefusal.receiptNotFound(number: "A-000001"), .notFound,
        about: "Receipt",
        "receipts/A-000001", "Receipt not found"),
    ]

    private static let payments = [
      Row(
        .paymentInvalid, PaymentRefusal.invalid(violations), .invalidArgument,
        "Payment validation failed"
      ) {
        $0.badRequest = BadRequest(fieldViolations: [
          .init(field: "credit_card.number", description: "Invalid card number"),
          .init(field: "credit_card.cvv", description: "CVV is required"),
        ])
      },
      Row(
        .purchaseUnderWay, PaymentRefusal.purchaseUnderWay(resource: "sellerPackages/7"),
        .alreadyExists,
        about: "SellerPackage", "sellerPackages/7", "A purchase of this package is under way",
        "It is being paid"
      ).retried(after: 1),
      Row(
        .paymentUnderWay, PaymentRefusal.otherUnderWay(), .aborted,
        "Another payment of yours is under way"
      ).retried(after: 1),
      Row(
        .cardDeclined, PaymentRefusal.declined(code: "lost_card"), .failedPrecondition,
        "Payment processing failed"
      ) { $0.metadata = ["decline_code": "lost_card"] },
      Row(
        .paymentRefused, PaymentRefusal.refused(code: "amount_too_small"), .failedPrecondition,
        "The payment cannot be made; nothing was charged"
      ) { $0.metadata = ["refusal_code": "amount_too_small"] },
      Row(
        .paymentUnresolved, PaymentRefusal.unresolved(intentID: "01K"), .unavailable,
        "The outcome of the payment is not known yet"
      ) { $0.metadata = ["intent_id": "01K"] }.retried(after: 5),
      Row(
        .earlierRenewalPaid, PaymentRefusal.earlierRenewalPaid(purchaseID: 9), .aborted,
        about: "Purchase", "purchases/9",
        "Your earlier renewal is paid: look at the purchase before you pay again",
        "It was renewed not long ago"
      ).notRetried,
      Row(
        .paymentReturned, PaymentRefusal.returned, .aborted,
        "The payment is given back: the package could not be given any more"),
      Row(
        .paymentGatewayUnavailable, PaymentRefusal.gatewayUnavailable, .unavailable,
        "Payments are not available; nothing was charged"
      ).retried(after: 2),
    ]

    private static let listings = [
      Row(
        .noActivePackage, SellerPackageRefusal.noActivePackage(userID: "10"), failed: "users/10",
        "The user has no active package"),
      Row(
        .listingLimitReached, SellerPackageRefusal.listingLimitReached(userID: "10", limit: 3),
        .resourceExhausted,
        "Listing limit reached"
      ) {
        $0.quota = QuotaFailure(violations: [
          .init(
            subject: "users/10/listings",
            description: "The package has 3 listings, and all are in use")
        ])
      },
      Row(
        .slotNotFound, SellerPackageRefusal.slotNotFound(listingID: "l"), .notFound,
        about: "ListingSlot",
        "listings/l", "The listing has no slot", "No slot, or it has expired"),
    ]

    private var notRetried: Row {
      var row = self
      row.isRetried = false
      return row
    }

    private func retried(after seconds: Int64) -> Row {
      var row = self
      row.retrySeconds = seconds
      return row
    }

    private static var violations: Violations {
      var violations = Violations()
      violations.add("credit_card.number", "Invalid card number")
      violations.add("credit_card.cvv", "CVV is required")
      return violations
    }
  }
}
