internal import Curl
internal import Storage

/// Hands mails to an SMTP server, which delivers them.
struct SMTPMailer: Mailer {
  private let url: String
  private let sender: String
  private let startTLS: SMTPMessage.StartTLS
  private let login: SMTPMessage.Login?
  private let roots: [UInt8]?
  private let timeouts: Timeouts

  /// - Parameter roots: as in ``SMTPMessage/roots``.
  init(
    url: String, sender: String, startTLS: SMTPMessage.StartTLS,
    login: SMTPMessage.Login? = nil, roots: [UInt8]?, timeouts: Timeouts
  ) {
    self.url = url
    self.sender = sender
    self.startTLS = startTLS
    self.login = login
    self.roots = roots
    self.timeouts = timeouts
  }

  func send(_ mail: OutboxMailRecord) async throws(MailerError) {
    guard MailAddress.isValid(mail.recipient) else {
      throw .permanent(reason: "the recipient is no address")
    }
    let message = SMTPMessage(
      url: url, startTLS: startTLS, login: login, roots: roots, sender: sender,
      recipient: mail.recipient, content: MailMessage.bytes(of: mail, from: sender),
      timeouts: timeouts)
    let outcome: SMTPOutcome
    do throws(TransferError) { outcome = try await Transfers.send(message) } catch {
      throw .transient(reason: error.reason)
    }
    switch outcome {
    case .accepted: return
    case .refused(let part, let code, let text):
      // What a server has against us or its settings says nothing of the mail, and can be mended;
      // so can 530, which asks for a login or TLS at whatever command (RFC 4954, RFC 3207). To a
      // login it says no within the session.
      guard part != .session, code >= 500, code != 530 else { throw .transient(reason: text) }
      throw .permanent(reason: text)
    }
  }
}
