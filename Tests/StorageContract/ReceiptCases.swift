internal import Storage
internal import Testing

extension ContractCase {
  static let receipts = [
    ContractCase("a receipt comes back as it was written", aReceiptComesBack),
    ContractCase("a receipt is refused for its number", refusedReceipts),
    ContractCase("racing receipts have numbers without gaps", racingReceipts),
    ContractCase("a mail comes back as it was written", aMailComesBack),
    ContractCase("a mail is refused for its id", refusedMails),
    ContractCase("mails are due in the order of their next tries", dueMails),
    ContractCase("the outbox is counted", outboxCounts),
    ContractCase("dead letters are found, some at a time", deadMails),
    ContractCase("a throwing body brings receipts and mails back", receiptsRollBack),
  ]

  private static func aReceiptComesBack(_ store: any Store) async throws {
    let all = ["", "A", "é", "e\u{301}", "a"].flatMap { series in
      [1, 2, 10, .max].map { Sample.receipt($0, series: series) }
    }
    try await store.write { transaction throws in
      for receipt in all.reversed() { try transaction.insert(receipt) }
    }
    try await store.read { transaction throws in
      for receipt in all {
        let found = try transaction.receipt(series: receipt.series, sequence: receipt.sequence)
        #expect(found == receipt)
        #expect(found?.series.utf8.elementsEqual(receipt.series.utf8) == true)
        #expect(try transaction.lastReceiptSequence(series: receipt.series) == .max)
      }
      #expect(try transaction.receipt(series: "A", sequence: 3) == nil)
      #expect(try transaction.receipt(series: "B", sequence: 1) == nil)
      #expect(try transaction.lastReceiptSequence(series: "B") == 0)
    }
  }

  private static func refusedReceipts(_ store: any Store) async throws {
    try await store.write { transaction throws in
      #expect(try transaction.lastReceiptSequence(series: "A") == 0)
      try transaction.insert(Sample.receipt(5))
      #expect(throws: StorageError.receiptNumberTaken) {
        var other = Sample.receipt(5)
        other.userID = "other"
        try transaction.insert(other)
      }
      #expect(try transaction.receipt(series: "A", sequence: 5) == Sample.receipt(5))
      try transaction.insert(Sample.receipt(5, series: "a"))
      try transaction.insert(Sample.receipt(2))
      #expect(try transaction.lastReceiptSequence(series: "A") == 5)
      try transaction.insert(Sample.receipt(6))
      #expect(try transaction.lastReceiptSequence(series: "A") == 6)
      #expect(try transaction.lastReceiptSequence(series: "a") == 5)
    }
    #expect(try await store.read { try $0.lastReceiptSequence(series: "A") } == 6)
  }

  private static func racingReceipts(_ store: any Store) async throws {
    let outcomes = await concurrently(60) { number in
      try await store.write { transaction throws in
        let series = number % 2 == 0 ? "A" : "B"
        let last = try transaction.lastReceiptSequence(series: series)
        try transaction.insert(Sample.receipt(last + 1, series: series))
        if number % 3 == 0 { throw BodyFailure() }
      }
    }
    #expect(outcomes.count { $0 == nil } == 40)
    try await store.read { transaction throws in
      for series in ["A", "B"] {
        #expect(try transaction.lastReceiptSequence(series: series) == 20)
        for sequence in 1...20 as ClosedRange<Int64> {
          #expect(try transaction.receipt(series: series, sequence: sequence) != nil)
        }
      }
    }
  }

  // MARK: Outbox

  private static func aMailComesBack(_ store: any Store) async throws {
    var bare = Sample.mail(7)
    bare.messageID = ""
    bare.recipient = ""
    bare.subject = ""
    bare.body = ""
    bare.createTime = Sample.at(.min)
    bare.attempts = .min
    let mails = [Sample.mail(1), Sample.mail(.max, due: nil), Sample.mail(0, due: .max), bare]
    try await store.write { transaction throws in
      for mail in mails { try transaction.insert(mail) }
    }
    try await store.read { transaction throws in
      for mail in mails {
        let found = try transaction.outboxMail(mail.id)
        #expect(found == mail)
        #expect(found?.body.utf8.elementsEqual(mail.body.utf8) == true)
      }
      #expect(try transaction.outboxMail(ULID(value: 2)) == nil)
    }
    var changed = bare
    changed.id = ULID(value: 1)
    let update = changed
    try await store.write { try $0.update(update) }
    #expect(try await store.read { try $0.outboxMail(update.id) } == update)
  }

  private static func refusedMails(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.mail(1))
      #expect(throws: StorageError.outboxMailIDTaken) {
        try transaction.insert(Sample.mail(1, due: nil))
      }
      #expect(throws: StorageError.outboxMailMissing) { try transaction.update(Sample.mail(2)) }
      #expect(throws: StorageError.outboxMailMissing) {
        try transaction.deleteOutboxMail(ULID(value: 2))
      }
      #expect(try transaction.outboxMail(ULID(value: 1)) == Sample.mail(1))
      try transaction.deleteOutboxMail(ULID(value: 1))
      #expect(throws: StorageError.outboxMailMissing) {
        try transaction.deleteOutboxMail(ULID(value: 1))
      }
      try transaction.insert(Sample.mail(1, due: nil))
    }
    #expect(try await store.read { try $0.outboxMail(ULID(value: 1)) } == Sample.mail(1, due: nil))
  }

  private static func dueMails(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for mail in [
        Sample.mail(1, due: 30), Sample.mail(3, due: 10), Sample.mail(2, due: 10),
        Sample.mail(4, due: nil), Sample.mail(5, due: .min),
      ] {
        try transaction.insert(mail)
      }
    }
    func due(_ time: Int64, _ limit: Int) async throws -> [UInt128] {
      try await store.read { try $0.outboxMailsDue(at: Sample.at(time), limit: limit) }
        .map(\.id.value)
    }
    #expect(try await due(9, 9) == [5])
    #expect(try await due(10, 9) == [5, 2, 3])
    #expect(try await due(29, 2) == [5, 2])
    #expect(try await due(.max, 9) == [5, 2, 3, 1])
    #expect(try await due(.max, 0) == [])
    #expect(try await due(.max, -1) == [])
    try await store.write { transaction throws in
      try transaction.update(Sample.mail(5, due: nil))
      try transaction.update(Sample.mail(4, due: 20))
      try transaction.deleteOutboxMail(ULID(value: 3))
    }
    #expect(try await due(.max, 9) == [2, 4, 1])
  }

  private static func deadMails(_ store: any Store) async throws {
    try await store.write { transaction throws in
      for id in 1...6 as ClosedRange<UInt128> {
        try transaction.insert(Sample.mail(id, due: id % 2 == 0 ? 1 : nil))
      }
      try transaction.update(Sample.mail(2, due: nil))
      try transaction.update(Sample.mail(1, due: 1))
    }
    try await store.read { transaction throws in
      let dead = try transaction.deadOutboxMails(limit: 9)
      #expect(Set(dead) == Set([2, 3, 5].map { Sample.mail($0, due: nil) }))
      #expect(try transaction.deadOutboxMails(limit: 2).count == 2)
      #expect(try transaction.deadOutboxMails(limit: 0).isEmpty)
      #expect(try transaction.deadOutboxMails(limit: -1).isEmpty)
    }
  }

  private static func outboxCounts(_ store: any Store) async throws {
    func counts() async throws -> OutboxCounts { try await store.read { try $0.outboxCounts() } }
    #expect(try await counts() == OutboxCounts(waiting: 0, dead: 0, oldestCreateTime: nil))
    try await store.write { transaction throws in
      try transaction.insert(Sample.mail(1, due: 9, created: 30))
      try transaction.insert(Sample.mail(2, due: 8, created: 20))
      try transaction.insert(Sample.mail(3, due: nil, created: 10))
    }
    #expect(
      try await counts() == OutboxCounts(waiting: 2, dead: 1, oldestCreateTime: Sample.at(20)))
    try await store.write { transaction throws in
      try transaction.update(Sample.mail(2, due: nil, created: 20))
      #expect(try transaction.outboxCounts().dead == 2)
    }
    #expect(
      try await counts() == OutboxCounts(waiting: 1, dead: 2, oldestCreateTime: Sample.at(30)))
    try await store.write { transaction throws in
      try transaction.deleteOutboxMail(ULID(value: 1))
      try transaction.deleteOutboxMail(ULID(value: 3))
    }
    #expect(try await counts() == OutboxCounts(waiting: 0, dead: 1, oldestCreateTime: nil))
  }

  private static func receiptsRollBack(_ store: any Store) async throws {
    try await store.write { transaction throws in
      try transaction.insert(Sample.receipt(1))
      try transaction.insert(Sample.mail(1))
      try transaction.insert(Sample.mail(2, due: nil))
    }
    await #expect(throws: BodyFailure.self) {
      try await store.write { transaction throws in
        try transaction.insert(Sample.receipt(2))
        try transaction.update(Sample.mail(1, due: nil))
        try transaction.deleteOutboxMail(ULID(value: 2))
        try transaction.insert(Sample.mail(3))
        throw BodyFailure()
      }
    }
    // The next of its series is the one that was not kept.
    try await store.write { transaction throws in
      #expect(try transaction.lastReceiptSequence(series: "A") == 1)
    }
    try await store.read { transaction throws in
      #expect(try transaction.receipt(series: "A", sequence: 2) == nil)
      #expect(try transaction.lastReceiptSequence(series: "A") == 1)
      #expect(try transaction.outboxMail(ULID(value: 2)) == Sample.mail(2, due: nil))
      #expect(try transaction.outboxMail(ULID(value: 3)) == nil)
      let due = try transaction.outboxMailsDue(at: Sample.at(99), limit: 9)
      #expect(due == [Sample.mail(1)])
      #expect(try transaction.outboxCounts().dead == 1)
    }
  }
}
