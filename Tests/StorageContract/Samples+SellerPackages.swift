package import Storage

extension Sample {
  package static func sellerPackage(
    _ id: Int64, name: String? = nil, isActive: Bool = true
  ) -> SellerPackageRecord {
    SellerPackageRecord(
      id: id, name: name ?? "Seller \(id)", description: "For sellers", price: money(id),
      durationDays: 30, listingLimit: .limit(10), features: ["Basic support"],
      isActive: isActive, createTime: at(1), updateTime: at(2), revision: 1)
  }

  /// With something odd in every field.
  package static func fullSellerPackage(_ id: Int64) -> SellerPackageRecord {
    SellerPackageRecord(
      id: id, name: "e\u{301} \0 3:abc, \(id)", description: "", price: oddMoney,
      durationDays: .min, listingLimit: .unlimited,
      features: ["", "é", "e\u{301}", "a,b", "1:x,", "\0"], isActive: false, createTime: at(.min),
      updateTime: at(.max), revision: .max)
  }

  package static func purchase(
    _ id: Int64, of userID: String = "seller", package packageID: Int64 = 1, end: Int64 = 100
  ) -> PurchaseRecord {
    PurchaseRecord(
      id: id, userID: userID, packageID: packageID, packageName: "Seller \(packageID)",
      startTime: at(1), endTime: at(end), isReplaced: false, listingLimit: .limit(10),
      features: ["Basic support"],
      periods: [PurchaseRecord.Period(start: at(1), end: at(end), price: money(9))],
      transactionID: "tr_\(id)", amountCharged: money(9), credit: money(0, nanos: 0),
      paymentMethod: .creditCard, receiptNumber: "A-\(id)", revision: 1)
  }

  package static func fullPurchase(_ id: Int64, of userID: String) -> PurchaseRecord {
    PurchaseRecord(
      id: id, userID: userID, packageID: .min, packageName: "", startTime: at(.min),
      endTime: at(.max), isReplaced: true, listingLimit: .limit(.min),
      features: ["é", "", "e\u{301}", "5:x,"],
      periods: [
        PurchaseRecord.Period(start: at(.min), end: at(.max), price: oddMoney),
        PurchaseRecord.Period(start: at(.max), end: at(0), price: money(0)),
      ],
      transactionID: "\0", amountCharged: oddMoney, credit: oddMoney, paymentMethod: nil,
      receiptNumber: "", revision: .max)
  }

  package static func slot(
    _ listingID: String, of purchaseID: Int64 = 1, expires: Int64? = 50, created: Int64 = 2
  ) -> ListingSlotRecord {
    ListingSlotRecord(
      purchaseID: purchaseID, listingID: listingID, createTime: at(created),
      expireTime: expires.map(at))
  }

  package static func intent(
    _ id: UInt128, of userID: String = "seller",
    _ state: PaymentIntentRecord.State = .pending, check: Int64? = 10,
    renewing purchaseID: Int64 = 0, unheardUntil: Int64? = nil
  ) -> PaymentIntentRecord {
    PaymentIntentRecord(
      id: ULID(value: id), userID: userID, email: "seller@mail.example", state: state,
      amount: money(9), method: .creditCard, cardBrand: "visa", cardLastFour: "4242",
      terms: PaymentIntentRecord.Terms(
        packageID: 1, packageName: "Seller 1", listingLimit: .limit(10), features: ["a", "b"],
        price: money(9), credit: money(0, nanos: 0), startTime: at(1), endTime: at(100),
        renewedPurchaseID: purchaseID, replacedPurchaseID: 0),
      origin: PaymentIntentRecord.Origin(
        actor: userID, method: "/packd.v1.S/M", requestID: "r", requestHash: [1, 2, 3]),
      transactionID: "", declineCode: "", createTime: at(1), checkCount: 0, lastCheckTime: nil,
      nextCheckTime: [.succeeded, .declined, .refused].contains(state) ? nil : check.map(at),
      unheardUntil: unheardUntil.map(at))
  }

  package static func fullIntent(_ id: UInt128, of userID: String) -> PaymentIntentRecord {
    PaymentIntentRecord(
      id: ULID(value: id), userID: userID, email: "e\u{301}@é.example", state: .declined,
      amount: oddMoney, method: .payPal, cardBrand: "", cardLastFour: "\0",
      terms: PaymentIntentRecord.Terms(
        packageID: .max, packageName: "", listingLimit: .unlimited, features: ["", "1:a,"],
        price: oddMoney, credit: oddMoney, startTime: at(.min), endTime: at(.max),
        renewedPurchaseID: .max, replacedPurchaseID: .min),
      origin: PaymentIntentRecord.Origin(
        actor: "", method: "é", requestID: "", requestHash: []),
      transactionID: "tr_é", declineCode: "card_declined", createTime: at(.min),
      checkCount: .max, lastCheckTime: at(.min), nextCheckTime: nil, refundFailures: .max,
      unheardUntil: at(.min))
  }

  package static func charge(
    _ intentID: UInt128, _ outcome: SandboxChargeRecord.Outcome = .succeeded
  ) -> SandboxChargeRecord {
    SandboxChargeRecord(
      intentID: ULID(value: intentID), outcome: outcome, amount: oddMoney,
      transactionID: "tr_\(intentID)", declineCode: "é\0", visibleTime: at(.max))
  }

  package static func receipt(_ sequence: Int64, series: String = "A") -> ReceiptRecord {
    ReceiptRecord(
      series: series, sequence: sequence, userID: "seller", purchaseID: 1, packageID: 1,
      packageName: "Seller 1", price: money(9), credit: oddMoney, amountCharged: money(8),
      startTime: at(.min), endTime: at(.max),
      paymentMethod: sequence % 2 == 0 ? nil : .payPal, cardBrand: "", cardLastFour: "e\u{301}",
      transactionID: "tr_\(sequence)", issueTime: at(sequence))
  }

  package static func mail(_ id: UInt128, due: Int64? = 10, created: Int64 = 1) -> OutboxMailRecord
  {
    OutboxMailRecord(
      id: ULID(value: id), messageID: "\(id)@packd.example", recipient: "seller@mail.example",
      subject: "Your receipt é", body: String(repeating: "line\r\n", count: 40) + "\0e\u{301}",
      createTime: at(created), attempts: due == nil ? .max : 0, nextAttemptTime: due.map(at),
      lastError: due == nil ? "gone" : "")
  }

  private static let oddMoney = MoneyRecord(currencyCode: "é", units: .min, nanos: .min)
}
