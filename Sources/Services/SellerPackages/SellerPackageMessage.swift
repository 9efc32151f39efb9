internal import API
internal import Storage

extension SellerPackage {
  /// The package as clients see it.
  init(_ record: SellerPackageRecord) {
    self.init()
    id = record.id
    name = record.name
    description = record.description
    price = Money(record.price)
    durationDays = record.durationDays
    listingLimit = Quota(record.listingLimit)
    features = record.features
    isActive = record.isActive
    createTime = Timestamp(record.createTime)
    updateTime = Timestamp(record.updateTime)
    etag = record.etag
  }
}

extension SellerPackageRecord {
  /// Made of id and revision alone, as a plan's is.
  var etag: String {
    ETag.text(ETag.mixed(UInt64(bitPattern: id)) &+ UInt64(bitPattern: revision))
  }

  /// What audit records and error details call it.
  var resource: String { "sellerPackages/\(id)" }
}
