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

  /// The caller's current package is this one.
  case alreadyActive(resource: String)
  /// The current package was sold in another currency, so that it cannot be credited.
  case otherCurrency(current: String, new: String)
  /// The caller uses more slots than the new package has.
  case listingsExceedLimit(used: Int64, limit: Int64)
  case quoteExpired
  /// What the quote rests on is not so any more.
  case quoteChanged
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
