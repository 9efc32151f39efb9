internal import LoopbackServer
internal import Synchronization
internal import Testing

@testable internal import Curl

@Suite(.timeLimit(.minutes(10))) struct SMTPTests {
  private func message(
    _ port: UInt16, startTLS: SMTPMessage.StartTLS = .offered, recipient: String = "b@example.com",
    content: String = "Subject: x\r\n\r\nHello\r\n.\r\n..end\r\n", milliseconds: Int = 200_000
  ) -> SMTPMessage {
    SMTPMessage(
      url: "smtp://127.0.0.1:\(port)", startTLS: startTLS, roots: nil,
      sender: "a@example.com", recipient: recipient, content: Array(content.utf8),
      timeouts: Timeouts(connectMilliseconds: milliseconds, totalMilliseconds: milliseconds))
  }

  private func failure(_ message: SMTPMessage) async -> TransferError? {
    do {
      let outcome = try await Transfers.send(message)
      Issue.record("came to \(outcome)")
      return nil
    } catch { return error }
  }

  @Test("a mail is handed over whole")
  func accepted() async throws {
    let script = SMTPScript()
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    let outcome = try await Transfers.send(message(server.port))
    #expect(outcome == .accepted)
    #expect(script.commands.contains("MAIL FROM:<a@example.com>"))
    #expect(script.commands.contains("RCPT TO:<b@example.com>"))
    #expect(script.mails == ["Subject: x\r\n\r\nHello\r\n..\r\n...end\r\n.\r\n"])
    server.stop()
  }

  @Test(
    "a server's no is told with what it was said to, its code and its last line",
    arguments: [
      ("greeting", "554 5.3.2 Not here", SMTPOutcome.Part.session, 554),
      ("MAIL", "451 4.3.0 Try again later", .session, 451),
      ("MAIL", "550 5.7.1 Not you", .session, 550), ("RCPT", "450 Later", .recipient, 450),
      ("RCPT", "550 5.1.1 No such user", .recipient, 550), ("DATA", "452 Full", .session, 452),
      ("DATA", "554 No", .session, 554), (".", "554 5.6.0 Not wanted\u{7}", .message, 554),
      (".", "421 4.4.2 Going down", .message, 421),
    ])
  func refused(
    command: String, reply: String, part: SMTPOutcome.Part, code: Int
  ) async throws {
    let script = SMTPScript(replies: [command: reply])
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    let outcome = try await Transfers.send(message(server.port))
    #expect(outcome == .refused(part, code: code, text: reply))
    server.stop()
  }

  @Test("a server that goes away has accepted nothing", arguments: ["EHLO", "MAIL", "DATA", "."])
  func disconnect(command: String) async throws {
    let script = SMTPScript(replies: [command: ""])
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    #expect(await failure(message(server.port)) != nil)
    server.stop()
  }

  @Test("a silent server is waited for as long as is said", arguments: ["greeting", "RCPT", "."])
  func hang(command: String) async throws {
    let script = SMTPScript(replies: [command: "hang"])
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    #expect(
      await failure(message(server.port, milliseconds: 2000))?.reason == "Timeout was reached")
    server.stop()
  }

  @Test("a server without STARTTLS gets nothing where that is required")
  func noTLS() async throws {
    let script = SMTPScript()
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    #expect(await failure(message(server.port, startTLS: .required)) != nil)
    #expect(!script.commands.contains { $0.hasPrefix("MAIL") })
    server.stop()
  }

  @Test("a server that offers STARTTLS and cannot do it gets nothing")
  func brokenTLS() async throws {
    let script = SMTPScript(offersTLS: true)
    let server = try LoopbackServer { peer, _ in script.run(peer) }
    #expect(await failure(message(server.port)) != nil)
    #expect(script.commands.contains("STARTTLS"))
    #expect(!script.commands.contains { $0.hasPrefix("MAIL") })
    server.stop()
  }

  @Test("an address cannot bring another command")
  func injection() async {
    let error = await failure(message(1, recipient: "b@example.com>\r\nRCPT TO:<c@example.com"))
    #expect(error?.reason == "an address with a control character")
  }
}
