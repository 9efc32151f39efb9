internal import API
internal import Storage

/// Packages for sellers: what `packd.v1.SellerPackageService` does. Its methods stand in
/// extensions, one file for each of the contract's parts.
struct SellerPackageService: Sendable {
  let store: any Store
  let mutations: Mutations
  let settings: SellerSettings
  /// Charges, and sees every charge through to its end.
  let payments: Payments
  let now: Now
}
