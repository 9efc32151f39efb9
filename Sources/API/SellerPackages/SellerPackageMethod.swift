/// The methods of SellerPackageService. The switches have no default, so that a method without a
/// name or an audience does not compile.
package enum SellerPackageMethod: CaseIterable, Sendable {
  case listSellerPackages
  case getSellerPackage
  case quotePackageChange
  case purchasePackage
  case renewPackage
  case listMyPackages
  case getPackageStatus
  case getReceipt
  case checkEntitlement
  case reserveListing
  case commitListing
  case releaseListing
  case createSellerPackage
  case updateSellerPackage
  case deleteSellerPackage
  case listUnresolvedPayments
  case listPurchases

  package static var service: String { "packd.v1.SellerPackageService" }

  /// As in the proto file: "GetSellerPackage".
  package var name: String {
    switch self {
    case .listSellerPackages: "ListSellerPackages"
    case .getSellerPackage: "GetSellerPackage"
    case .quotePackageChange: "QuotePackageChange"
    case .purchasePackage: "PurchasePackage"
    case .renewPackage: "RenewPackage"
    case .listMyPackages: "ListMyPackages"
    case .getPackageStatus: "GetPackageStatus"
    case .getReceipt: "GetReceipt"
    case .checkEntitlement: "CheckEntitlement"
    case .reserveListing: "ReserveListing"
    case .commitListing: "CommitListing"
    case .releaseListing: "ReleaseListing"
    case .createSellerPackage: "CreateSellerPackage"
    case .updateSellerPackage: "UpdateSellerPackage"
    case .deleteSellerPackage: "DeleteSellerPackage"
    case .listUnresolvedPayments: "ListUnresolvedPayments"
    case .listPurchases: "ListPurchases"
    }
  }

  /// The `:path` of its calls: "/packd.v1.SellerPackageService/GetSellerPackage".
  package var path: String { "/\(SellerPackageMethod.service)/\(name)" }

  /// The methods for "Service, or the user themself" are for whoever is authenticated: whether
  /// a user asks for themself is seen only in the request.
  package var audience: Audience {
    switch self {
    case .listSellerPackages, .getSellerPackage: .anyone
    case .quotePackageChange, .purchasePackage, .renewPackage, .listMyPackages,
      .getPackageStatus, .getReceipt, .checkEntitlement, .reserveListing, .commitListing,
      .releaseListing:
      .authenticated
    case .createSellerPackage, .updateSellerPackage, .deleteSellerPackage,
      .listUnresolvedPayments, .listPurchases:
      .roles(.admin)
    }
  }
}
