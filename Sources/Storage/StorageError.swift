/// Why a store could not do what it was asked. Texts are for the log, never for a client.
package enum StorageError: Error, Equatable {
  /// A record with this key exists. `table` and `key` name the constraint, never the value;
  /// every adapter uses the names of the constants below.
  case duplicate(table: String, key: String)
  /// The record to change is not there.
  case missing(table: String)
  /// Another transaction won; running again may succeed.
  case conflict
  /// The database cannot be reached or has failed; nothing was acknowledged.
  case unavailable(reason: String)
  /// No space is left to write; reads go on.
  case full
  /// Too much is queued already; nothing was started.
  case overloaded
  /// The data is damaged. A store that finds this when it is opened does not open (exit status
  /// 65); when it reads, that read fails and nothing else; when it writes, the store stops. See
  /// ``Store``.
  case damaged(path: String, reason: String)
  /// Another process owns the data. Exit status 69.
  case locked(path: String, holder: String)
  /// The store cannot be opened: a missing folder, no permission. Exit status 69.
  case cannotOpen(path: String, reason: String)
  /// The store was closed.
  case closed
}

extension StorageError {
  package static let planIDTaken = StorageError.duplicate(table: "plans", key: "id")
  package static let planCodeTaken = StorageError.duplicate(table: "plans", key: "code")
  package static let planVersionTaken = StorageError.duplicate(
    table: "plan_versions", key: "id,version")
  package static let hostingPackageIDTaken = StorageError.duplicate(
    table: "hosting_packages", key: "id")
  package static let usernameTaken = StorageError.duplicate(
    table: "package_credentials", key: "username")
  package static let domainNameTaken = StorageError.duplicate(
    table: "package_domains", key: "domain_name")
  package static let packageResourceIDTaken = StorageError.duplicate(
    table: "package_resources", key: "id")
  package static let packageResourceNameTaken = StorageError.duplicate(
    table: "package_resources", key: "package_id,kind,name")
  package static let packageChangeSequenceTaken = StorageError.duplicate(
    table: "package_changes", key: "account_id,sequence")
  package static let sellerPackageIDTaken = StorageError.duplicate(
    table: "seller_packages", key: "id")
  package static let sellerPackageNameTaken = StorageError.duplicate(
    table: "seller_packages", key: "name")
  package static let purchaseIDTaken = StorageError.duplicate(table: "purchases", key: "id")
  package static let listingSlotTaken = StorageError.duplicate(
    table: "listing_slots", key: "purchase_id,listing_id")
  package static let paymentIntentIDTaken = StorageError.duplicate(
    table: "payment_intents", key: "id")
  package static let openPaymentIntentTaken = StorageError.duplicate(
    table: "payment_intents", key: "user_id")
  package static let receiptNumberTaken = StorageError.duplicate(
    table: "receipts", key: "series,sequence")
  package static let outboxMailIDTaken = StorageError.duplicate(table: "outbox_mails", key: "id")
  package static let replayKeyTaken = StorageError.duplicate(
    table: "replays", key: "caller,method,request_id")
  package static let auditSequenceTaken = StorageError.duplicate(
    table: "audit_records", key: "partition,sequence")

  package static let planMissing = StorageError.missing(table: "plans")
  package static let hostingPackageMissing = StorageError.missing(table: "hosting_packages")
  package static let packageResourceMissing = StorageError.missing(table: "package_resources")
  package static let sellerPackageMissing = StorageError.missing(table: "seller_packages")
  package static let purchaseMissing = StorageError.missing(table: "purchases")
  package static let listingSlotMissing = StorageError.missing(table: "listing_slots")
  package static let paymentIntentMissing = StorageError.missing(table: "payment_intents")
  package static let outboxMailMissing = StorageError.missing(table: "outbox_mails")
}
