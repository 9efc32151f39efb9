/// Why SellerPackageService does not do what it was asked; `StatusMapping+SellerPackages.swift`
/// says what the client gets.
enum SellerPackageRefusal: Error, Equatable {
  case packageNotFound(id: Int64)
  /// By the package `resource`.
  case nameTaken(String, resource: String)
  /// The resource, such as "sellerPackages/7", has changed since the client read it.
  case etagMismatch(resource: String)
  /// The package is the current one of some user.
  case packageInUse(resource: String)

  /// What is wrong with how it is to be paid, all of it.
  case paymentInvalid(Violations)
  /// The caller's current package is this one.
  case alreadyActive(resource: String)
  /// Another purchase by the caller, of the same package, has not come to its end.
  case purchaseUnderWay(resource: String)
  /// The same of another package, or a renewal.
  case paymentUnderWay
  /// The current package was sold in another currency, so that it cannot be credited.
  case otherCurrency(current: String, new: String)
  /// The caller uses more slots than the new package has.
  case listingsExceedLimit(used: Int64, limit: Int64)
  case quoteExpired
  /// What the quote rests on is not so any more.
  case quoteChanged
  case declined(code: String)
  /// The gateway charges nothing like it, whoever pays.
  case paymentRefused(code: String)
  /// The gateway's answer was lost; it is asked again until it is known.
  case paymentUnresolved(intentID: String)
  /// What was paid for could not be given any more: the money was given back.
  case paymentReturned
  /// The gateway could not be asked; nothing was charged.
  case gatewayUnavailable
  case purchaseNotFound(id: Int64)
  /// Another purchase is the caller's current one.
  case purchaseNotCurrent(id: Int64)
  /// A purchase cannot be renewed so far ahead.
  case renewedTooFar(days: Int64)
  case receiptNotFound(number: String)

  /// The user has no current package.
  case noActivePackage(userID: String)
  case listingLimitReached(userID: String, limit: Int64)
  case slotNotFound(listingID: String)
}
