/// What a ``MemoryStore`` holds of seller packages, purchases and their slots, in the manner of
/// ``MemoryTables``.
final class MemorySellers {
  struct SlotKey: Hashable, Comparable {
    var purchaseID: Int64
    var listingID: ExactText

    static func < (a: Self, b: Self) -> Bool {
      (a.purchaseID, a.listingID) < (b.purchaseID, b.listingID)
    }
  }

  /// Where a hold stands in the order of expiry.
  struct SlotExpiry: Comparable {
    var time: Instant
    var key: SlotKey

    static func < (a: Self, b: Self) -> Bool { (a.time, a.key) < (b.time, b.key) }
  }

  /// The purchases of a user, of a package, of both or of all.
  struct PurchaseList: Hashable {
    var userID: ExactText?
    var packageID: Int64?
  }

  /// Where a purchase that is not replaced stands among those of its package.
  struct PurchaseEnd: Comparable {
    var time: Instant
    var id: Int64

    static func < (a: Self, b: Self) -> Bool { (a.time, a.id) < (b.time, b.id) }
  }

  var lastPackageID: Int64 = 0
  private(set) var packages: [Int64: SellerPackageRecord] = [:]
  private(set) var packageIDsByName: [ExactText: Int64] = [:]
  private(set) var packageIDs = SortedSet<Int64>()
  private(set) var activePackageIDs = SortedSet<Int64>()
  private(set) var purchases: [Int64: PurchaseRecord] = [:]
  private(set) var purchaseIDs: [PurchaseList: SortedSet<Int64>] = [:]
  private(set) var purchaseEnds: [Int64: SortedSet<PurchaseEnd>] = [:]
  private(set) var slots: [SlotKey: ListingSlotRecord] = [:]
  private(set) var committedCounts: [Int64: Int64] = [:]
  /// All holds, and those of each purchase.
  private(set) var expiries = SortedSet<SlotExpiry>()
  private(set) var expiriesByPurchase: [Int64: SortedSet<SlotExpiry>] = [:]
  /// By user.
  private(set) var entitlements: [ExactText: EntitlementSnapshot] = [:]

  func putPackage(_ id: Int64, _ package: SellerPackageRecord?) -> SellerPackageRecord? {
    let old = packages[id]
    if let old {
      packageIDsByName[ExactText(old.name)] = nil
      packageIDs.remove(id)
      activePackageIDs.remove(id)
    }
    packages[id] = package
    if let package {
      packageIDsByName[ExactText(package.name)] = id
      packageIDs.insert(id)
      if package.isActive { activePackageIDs.insert(id) }
    }
    return old
  }

  func putPurchase(_ id: Int64, _ purchase: PurchaseRecord?) -> PurchaseRecord? {
    let old = purchases[id]
    if let old {
      for list in PurchaseList.all(holding: old) { purchaseIDs.change(list) { $0.remove(id) } }
      purchaseEnds.change(old.packageID) { $0.remove(PurchaseEnd(time: old.endTime, id: id)) }
    }
    purchases[id] = purchase
    if let purchase {
      for list in PurchaseList.all(holding: purchase) {
        purchaseIDs.change(list) { $0.insert(id) }
      }
      if !purchase.isReplaced {
        purchaseEnds.change(purchase.packageID) {
          $0.insert(PurchaseEnd(time: purchase.endTime, id: id))
        }
      }
    }
    return old
  }

  func putSlot(_ key: SlotKey, _ slot: ListingSlotRecord?) -> ListingSlotRecord? {
    let old = slots[key]
    if let old {
      if let time = old.expireTime {
        let expiry = SlotExpiry(time: time, key: key)
        expiries.remove(expiry)
        expiriesByPurchase.change(key.purchaseID) { $0.remove(expiry) }
      } else {
        committedCounts[key.purchaseID, default: 0] -= 1
      }
    }
    slots[key] = slot
    if let slot {
      if let time = slot.expireTime {
        let expiry = SlotExpiry(time: time, key: key)
        expiries.insert(expiry)
        expiriesByPurchase.change(key.purchaseID) { $0.insert(expiry) }
      } else {
        committedCounts[key.purchaseID, default: 0] += 1
      }
    }
    return old
  }

  func putEntitlement(
    _ userID: ExactText, _ entitlement: EntitlementSnapshot?
  ) -> EntitlementSnapshot? {
    let old = entitlements[userID]
    entitlements[userID] = entitlement
    return old
  }

  func slotCounts(of purchaseID: Int64) -> ListingSlotCounts {
    let holds = expiriesByPurchase[purchaseID]
    return ListingSlotCounts(
      held: Int64(holds?.count ?? 0), committed: committedCounts[purchaseID] ?? 0,
      firstExpiry: holds?.elements(limit: 1).first?.time)
  }
}

extension MemorySellers.SlotKey {
  init(_ slot: ListingSlotRecord) {
    self.init(purchaseID: slot.purchaseID, listingID: ExactText(slot.listingID))
  }
}

extension MemorySellers.PurchaseList {
  /// Every list that `purchase` stands in.
  static func all(holding purchase: PurchaseRecord) -> [Self] {
    let userID = ExactText(purchase.userID)
    return [
      Self(userID: nil, packageID: nil), Self(userID: userID, packageID: nil),
      Self(userID: nil, packageID: purchase.packageID),
      Self(userID: userID, packageID: purchase.packageID),
    ]
  }
}
