package import Storage
internal import Testing

/// One thing that every store must do, as a test to be run on each adapter.
package struct ContractCase: Sendable, CustomTestStringConvertible {
  package let name: String
  /// Runs on a store that is empty and that nobody else uses; the caller closes it.
  package let run: @Sendable (any Store) async throws -> Void

  package var testDescription: String { name }

  init(_ name: String, _ run: @escaping @Sendable (any Store) async throws -> Void) {
    self.name = name
    self.run = run
  }

  /// The whole contract.
  package static let all: [ContractCase] =
    transactions + plans + pages + records + packages + packagePages + resources + usage + changes
    + sellerPackages + purchases + slots + payments + receipts + cache + packageCache
    + entitlementCache + closing + model
}
