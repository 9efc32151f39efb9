internal import Curl
internal import Dispatch
internal import Foundation
internal import Glibc
internal import LoopbackServer
internal import Storage
internal import Synchronization
internal import Testing

@testable internal import Services

private func sample(to recipient: String = "b@example.com") -> OutboxMailRecord {
  OutboxMailRecord(
    id: ReceiptMailTests.id, messageID: "\(ReceiptMailTests.id.text)@example.org",
    recipient: recipient, subject: "Receipt A-000042", body: "Größe\n.\n",
    createTime: Instant(secondsSinceEpoch: 0), attempts: 0, nextAttemptTime: nil, lastError: "")
}

@Suite(.timeLimit(.minutes(10))) struct SMTPMailerTests {
  private func mailer(
    _ server: LoopbackServer, startTLS: SMTPMessage.StartTLS = .offered, milliseconds: Int = 200_000
  ) -> SMTPMailer {
    SMTPMailer(
      url: "smtp://127.0.0.1:\(server.port)", sender: "a@example.org", startTLS: startTLS,
      roots: nil,
      timeouts: Timeouts(connectMilliseconds: milliseconds, totalMilliseconds: milliseconds))
  }

  private func failure(_ mailer: SMTPMailer, _ mail: OutboxMailRecord = sample()) async
    -> MailerError?
  {
    do throws(MailerError) {
      try await mailer.send(mail)
      Issue.record("was sent")
      return nil
    } catch { return error }
  }

  @Test("a mail arrives as it was composed")
  func sent() async throws {
    let script = SMTPScript()
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    defer { server.stop() }
    try await mailer(server).send(sample())
    #expect(script.commands.contains("MAIL FROM:<a@example.org>"))
    #expect(script.commands.contains("RCPT TO:<b@example.com>"))
    let whole = String(
      decoding: MailMessage.bytes(of: sample(), from: "a@example.org"), as: UTF8.self)
    // A line of one dot is sent as two (RFC 5321 section 4.5.2).
    #expect(script.mails == [whole.replacing("\r\n.\r\n", with: "\r\n..\r\n") + ".\r\n"])
  }

  @Test(
    "5xx to the recipient or the message is for good, all else is for now",
    arguments: [
      ("RCPT", "550 5.1.1 No such user", MailerError.permanent(reason: "550 5.1.1 No such user")),
      (".", "554 Spam", .permanent(reason: "554 Spam")),
      ("MAIL", "451 Later", .transient(reason: "451 Later")),
      ("DATA", "452 Full", .transient(reason: "452 Full")),
      ("greeting", "554 Not here", .transient(reason: "554 Not here")),
      ("EHLO", "550 Who?", .transient(reason: "550 Who?")),
      ("MAIL", "530 5.7.0 STARTTLS first", .transient(reason: "530 5.7.0 STARTTLS first")),
      ("MAIL", "550 Not you", .transient(reason: "550 Not you")),
      ("RCPT", "530 Login first", .transient(reason: "530 Login first")),
      ("RCPT", "450 Later", .transient(reason: "450 Later")),
      ("DATA", "554 No", .transient(reason: "554 No")),
      (".", "451 Later", .transient(reason: "451 Later")),
    ])
  func refused(verb: String, reply: String, expected: MailerError) async throws {
    var replies = [verb: reply]
    // Who does not know EHLO may know the older one.
    if verb == "EHLO" { replies["HELO"] = reply }
    let script = SMTPScript(replies: replies)
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    defer { server.stop() }
    #expect(await failure(mailer(server)) == expected)
  }

  @Test("a hang and a disconnect are for now", arguments: ["hang", ""], ["RCPT", "."])
  func lost(how: String, verb: String) async throws {
    let isHanging = how == "hang"
    let script = SMTPScript(replies: [verb: how])
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    defer { server.stop() }
    let error = await failure(mailer(server, milliseconds: isHanging ? 1000 : 200_000))
    guard case .transient(let reason) = error else {
      Issue.record("not transient")
      return
    }
    #expect((reason == "Timeout was reached") == isHanging)
  }

  @Test("where STARTTLS is required, a server without it gets nothing, and may learn it")
  func required() async throws {
    let script = SMTPScript()
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    defer { server.stop() }
    guard case .transient = await failure(mailer(server, startTLS: .required)) else {
      Issue.record("not transient")
      return
    }
    #expect(!script.commands.contains { $0.hasPrefix("MAIL") })
  }

  @Test("a recipient that is no address is asked of nobody")
  func badRecipient() async throws {
    let server = try LoopbackServer { _, _ in }
    defer { server.stop() }
    let mail = sample(to: "b@example.com>\r\nDATA")
    #expect(
      await failure(mailer(server), mail) == .permanent(reason: "the recipient is no address"))
    #expect(server.connections == 0)
  }

  @Test("the outbox and a server that changes its mind come together in the end")
  func outbox() async throws {
    let script = SMTPScript(replies: ["RCPT": "450 Greylisted"])
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    defer { server.stop() }
    let (store, clock) = (MemoryStore(), TestClock())
    var mail = sample()
    mail.nextAttemptTime = clock.time
    let record = mail
    try await store.write { try $0.insert(record) }
    let outbox = Outbox(
      store: store, mailer: mailer(server), now: { clock.time }, random: { 0 },
      logger: TestLog().logger)
    #expect(await outbox.round() == 1)
    #expect(script.mails.isEmpty)
    script.setReplies([:])
    clock.advance(seconds: 60)
    #expect(await outbox.round() == 1)
    #expect(script.mails.count == 1)
    #expect(script.mails[0].contains("Message-ID: <\(mail.messageID)>\r\n"))
    #expect(try await store.read { try $0.outboxCounts() }.waiting == 0)
  }
}

@Suite struct DirectoryMailerTests {
  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "packd-mails-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  @Test("a mail is a file of its own, and stays one when it is sent again")
  func files() async throws {
    try await withFolder { folder in
      let mailer = try DirectoryMailer(path: folder.path, sender: "a@example.org")
      try await mailer.send(sample())
      try await mailer.send(sample())
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names == ["\(ReceiptMailTests.id.text)@example.org.eml"])
      let bytes = try Data(contentsOf: folder.appending(path: names[0]))
      #expect(Array(bytes) == MailMessage.bytes(of: sample(), from: "a@example.org"))
      let attributes = try FileManager.default.attributesOfItem(atPath: folder.path)
      #expect(attributes[.posixPermissions] as? Int == 0o700)
      let file = try FileManager.default.attributesOfItem(
        atPath: folder.appending(path: names[0]).path)
      #expect(file[.posixPermissions] as? Int == 0o600)
    }
  }

  @Test("an id cannot name a file elsewhere", arguments: ["../../x", ".x", "", "a/b", "a\0b"])
  func names(_ id: String) async throws {
    try await withFolder { folder in
      let mailer = try DirectoryMailer(path: folder.path, sender: "a@example.org")
      var mail = sample()
      mail.messageID = id
      try await mailer.send(mail)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.count == 1 && names[0].hasSuffix(".eml") && !names[0].hasPrefix("."))
    }
  }

  @Test("a disk that does not answer does not hold up the thread of who sends")
  func slowDisk() async throws {
    try await withFolder { folder in
      let mailer = try DirectoryMailer(path: folder.path, sender: "a@example.org")
      let mail = sample()
      // Who opens a pipe to write to it waits for its reader.
      let pipe = folder.appending(path: ".\(mail.messageID).tmp").path
      try #require(mkfifo(pipe, S_IRUSR | S_IWUSR) == 0)
      let reader = PipeReader(pipe, patience: 60)
      let thread = OneThread()
      let sending = Task(executorPreference: thread) { try await mailer.send(mail) }
      Task(executorPreference: thread) { reader.begin() }
      // A pipe cannot be made durable.
      await #expect(throws: MailerError.self) { try await sending.value }
      #expect(reader.wasBegunInTime)
    }
  }

  @Test("a folder that is gone is for now, and leaves nothing")
  func gone() async throws {
    try await withFolder { folder in
      let mailer = try DirectoryMailer(path: folder.path, sender: "a@example.org")
      try FileManager.default.removeItem(at: folder)
      await #expect(throws: MailerError.transient(reason: "open: No such file or directory")) {
        try await mailer.send(sample())
      }
    }
  }

  @Test("what is no directory is refused at start")
  func refused() async throws {
    #expect(throws: SellerSettings.Fault.self) {
      try DirectoryMailer(path: "/dev/null", sender: "a@example.org")
    }
    #expect(throws: SellerSettings.Fault.self) {
      try DirectoryMailer(path: "/nowhere/mails", sender: "a@example.org")
    }
  }

  @Test("what can be a directory is told from what cannot, and nothing is made for that")
  func checked() async throws {
    try await withFolder { folder in
      try DirectoryMailer.check(folder.path)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
      try DirectoryMailer.check(folder.path)
      for name in ["mails", "mails/"] {
        let path = folder.appending(path: name).path
        try DirectoryMailer.check(path)
        #expect(!FileManager.default.fileExists(atPath: path))
      }
    }
    for path in ["/dev/null", "/dev/null/mails", "/nowhere/mails"] {
      #expect(throws: SellerSettings.Fault.self) { try DirectoryMailer.check(path) }
    }
  }

  @Test("a mailer is made of the settings")
  func settings() async throws {
    try await withFolder { folder in
      var settings = SellerSettings()
      let nobody = try settings.makeMailer()
      #expect(nobody == nil)
      settings.mailer = .directory(path: folder.path)
      let directory = try settings.makeMailer()
      #expect(directory is DirectoryMailer)
      settings.mailer = .smtp(url: "smtp://127.0.0.1:25")
      let server = try settings.makeMailer()
      #expect(server is SMTPMailer)
      settings.mailFrom = "a\r\nb@example.com"
      #expect(throws: SellerSettings.Fault.self) { try settings.makeMailer() }
      settings.mailFrom = "a@example.com"
      settings.mailer = .smtp(url: "smtp://user:secret@host:25")
      #expect(throws: SellerSettings.Fault.self) { try settings.makeMailer() }
    }
  }
}

/// Runs its tasks one after the other, beside those of all others.
private final class OneThread: TaskExecutor {
  private let queue = DispatchQueue(label: "one thread")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}

/// Opens a pipe for its writer, on a thread of its own: once it is told to, or at the end of its
/// patience.
private final class PipeReader: Sendable {
  private let start = DispatchSemaphore(value: 0)
  private let wasToldInTime = Mutex(false)
  private let pipe = Mutex<Int32>(-1)

  init(_ path: String, patience seconds: Double) {
    Thread.detachNewThread { [self] in
      let isTold = start.wait(timeout: .now() + seconds) == .success
      wasToldInTime.withLock { $0 = isTold }
      // To write as well: that waits for nobody.
      pipe.withLock { $0 = open(path, O_RDWR) }
    }
  }

  deinit {
    pipe.withLock { _ = close($0) }
  }

  /// To be asked once what waited for the pipe goes on.
  var wasBegunInTime: Bool { wasToldInTime.withLock { $0 } }

  func begin() {
    start.signal()
  }
}
