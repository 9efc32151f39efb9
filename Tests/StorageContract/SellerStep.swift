internal import Storage

/// A random step of a transaction on few sellers, so that steps meet.
enum SellerStep {
  case package(SellerPackageRecord, Kind)
  case buy(userID: String, packageID: Int64)
  case update(PurchaseRecord)
  case slot(ListingSlotRecord, Kind)
  case expire(of: Int64?, Instant, limit: Int)
  case intent(PaymentIntentRecord, Kind)
  case charge(SandboxChargeRecord)
  case receipt(series: String)
  case mail(OutboxMailRecord, Kind)
  case look(userID: String, purchaseID: Int64, Instant)
  case list(PurchaseQuery)

  enum Kind: CaseIterable {
    case insert
    case update
    case delete
  }

  init(using random: inout SeededNumbers) {
    let kind = Kind.allCases.randomElement(using: &random) ?? .insert
    let small = Int64.random(in: 1...5, using: &random)
    let other = Int64.random(in: 1...9, using: &random)
    let user = "user \(small)"
    switch Int.random(in: 0..<18, using: &random) {
    case 0:
      let package = Sample.sellerPackage(small, name: "\(other)", isActive: other > 3)
      self = .package(package, kind)
    case 1, 2: self = .buy(userID: user, packageID: other % 3)
    case 3, 4:
      var purchase = Sample.purchase(other * small, of: "x", end: small * 10)
      purchase.isReplaced = small > 3
      purchase.revision = other
      self = .update(purchase)
    case 5, 6, 7, 8, 9:
      let slot = Sample.slot("\(other)", of: small * 2, expires: other > 6 ? nil : small + other)
      self = .slot(slot, kind)
    case 10: self = .expire(of: other > 4 ? small * 2 : nil, Sample.at(other), limit: Int(small))
    case 11, 12:
      let states = PaymentIntentRecord.State.allCases
      let state = states.randomElement(using: &random) ?? .pending
      let intent = Sample.intent(
        UInt128(other), of: user, state, check: other, renewing: small,
        unheardUntil: small > 3 ? other : nil)
      self = .intent(intent, kind)
    case 13: self = .charge(Sample.charge(UInt128(small), other > 5 ? .succeeded : .refunded))
    case 14: self = .receipt(series: small > 3 ? "A" : "B")
    case 15: self = .mail(Sample.mail(UInt128(other), due: small > 4 ? nil : small), kind)
    case 16: self = .look(userID: user, purchaseID: other, Sample.at(small * other))
    default:
      self = .list(
        PurchaseQuery(
          userID: small > 2 ? user : nil, packageID: other > 4 ? other % 3 : nil,
          before: other % 2 == 0 ? other * 2 : nil, limit: Int(small)))
    }
  }

  func run(_ transaction: any WriteTransaction) throws -> String {
    switch self {
    case .package(let package, .insert): try transaction.insert(package)
    case .package(let package, .update): try transaction.update(package)
    case .package(let package, .delete): try transaction.deleteSellerPackage(package.id)
    case .buy(let userID, let packageID):
      let id = try transaction.nextPurchaseID()
      try transaction.insert(Sample.purchase(id, of: userID, package: packageID))
      return "\(id)"
    case .update(let purchase): try transaction.update(purchase)
    case .slot(let slot, .insert): try transaction.insert(slot)
    case .slot(let slot, .update): try transaction.update(slot)
    case .slot(let slot, .delete):
      try transaction.deleteListingSlot(slot.listingID, of: slot.purchaseID)
    case .expire(let purchaseID, let time, let limit):
      return "\(try transaction.deleteListingSlots(of: purchaseID, expiredAt: time, limit: limit))"
    case .intent(let intent, .insert): try transaction.insert(intent)
    case .intent(let intent, .update): try transaction.update(intent)
    case .intent(let intent, .delete):
      return try transaction.openPaymentIntent(of: intent.userID).map { "\($0)" } ?? "none"
    case .charge(let charge): try transaction.put(charge)
    case .receipt(let series):
      let last = try transaction.lastReceiptSequence(series: series)
      try transaction.insert(Sample.receipt(last + 1, series: series))
      return "\(last)"
    case .mail(let mail, .insert): try transaction.insert(mail)
    case .mail(let mail, .update): try transaction.update(mail)
    case .mail(let mail, .delete): try transaction.deleteOutboxMail(mail.id)
    case .look(let userID, let purchaseID, let time):
      let found = try transaction.entitlement(of: userID)
      let current = try transaction.hasCurrentPurchase(ofPackage: purchaseID % 3, at: time)
      let expired = try transaction.expiredListingSlotCount(of: purchaseID, at: time)
      return """
        \(found.map { "\($0.record) \($0.slots)" } ?? "none") \(current) \(expired)
        \(try transaction.listingSlotCounts(of: purchaseID))
        """
    case .list(let query): return "\(try transaction.purchases(query))"
    }
    return "done"
  }

  /// All that steps may have left.
  static func everything(_ store: any Store) async throws -> [String] {
    try await store.read { transaction throws in
      var found = [
        "\(try transaction.sellerPackages(after: 0, activeOnly: false, limit: 99))",
        "\(try transaction.sellerPackages(after: 0, activeOnly: true, limit: 99))",
        "\(try transaction.unresolvedPaymentIntents(of: nil, after: nil, limit: 99))",
        "\(try transaction.paymentIntentsDue(at: Sample.at(.max), limit: 99))",
        "\(try transaction.outboxMailsDue(at: Sample.at(.max), limit: 99))",
        "\(try transaction.outboxCounts())",
      ]
      for purchase in try transaction.purchases(PurchaseQuery(limit: 1000)) {
        found.append("\(purchase) \(try transaction.listingSlotCounts(of: purchase.id))")
        found.append(try transaction.unheardRenewal(of: purchase.id).map { "\($0)" } ?? "none")
        for number in 1...9 {
          let slot = try transaction.listingSlot("\(number)", of: purchase.id)
          found.append(slot.map { "\($0)" } ?? "none")
        }
      }
      for number in 1...9 as ClosedRange<UInt128> {
        let id = ULID(value: number)
        found.append(try transaction.paymentIntent(id).map { "\($0)" } ?? "none")
        found.append(try transaction.sandboxCharge(id).map { "\($0)" } ?? "none")
        found.append(try transaction.outboxMail(id).map { "\($0)" } ?? "none")
      }
      for series in ["A", "B"] {
        found.append("\(try transaction.lastReceiptSequence(series: series))")
      }
      return found
    }
  }
}
