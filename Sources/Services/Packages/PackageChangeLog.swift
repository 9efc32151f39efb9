internal import API
internal import Storage

/// The log of what happens to an account's packages, which watchers follow.
enum PackageChangeLog {
  /// Adds a change behind the account's last, in the transaction that makes it.
  static func append(
    _ kind: PackageChangeRecord.Kind, _ package: HostingPackageRecord, at time: Instant,
    in transaction: any WriteTransaction
  ) throws {
    var message = HostingPackage(package)
    if kind == .purged {
      message = HostingPackage()
      message.id = PackageID.text(package.id)
      message.accountID = package.accountID
    }
    let last = try transaction.lastPackageChangeSequence(accountID: package.accountID)
    try transaction.append(
      PackageChangeRecord(
        accountID: package.accountID, sequence: last + 1, packageID: package.id, kind: kind,
        time: time, package: message.encoded()))
  }
}
