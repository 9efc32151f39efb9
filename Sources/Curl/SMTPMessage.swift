/// A mail on its way to one recipient. Of its addresses no byte may end an SMTP command.
package struct SMTPMessage: Sendable {
  package enum StartTLS: Sendable {
    /// Where the server offers it.
    case offered
    /// A server without it gets nothing.
    case required
  }

  /// Who we are to the server (RFC 4954). A description of it tells nothing.
  package struct Login: Sendable, CustomStringConvertible, CustomReflectable {
    let user: String
    let password: String

    package init(user: String, password: String) {
      self.user = user
      self.password = password
    }

    package var description: String { "Login" }
    package var customMirror: Mirror { Mirror(self, children: []) }
  }

  /// "smtp://host:port"
  package var url: String
  package var startTLS: StartTLS
  /// Goes over TLS only, whatever ``startTLS`` says.
  package var login: Login?
  /// Who may have signed the server's certificate, in PEM form; nil: whom the system trusts.
  package var roots: [UInt8]?
  package var sender: String
  package var recipient: String
  /// As RFC 5322 has it, lines ended by CR LF.
  package var content: [UInt8]
  package var timeouts: Timeouts

  package init(
    url: String, startTLS: StartTLS, login: Login? = nil, roots: [UInt8]?, sender: String,
    recipient: String, content: [UInt8], timeouts: Timeouts
  ) {
    self.url = url
    self.startTLS = startTLS
    self.login = login
    self.roots = roots
    self.sender = sender
    self.recipient = recipient
    self.content = content
    self.timeouts = timeouts
  }
}

/// What an SMTP server made of a mail.
package enum SMTPOutcome: Equatable, Sendable {
  /// It is the server's now.
  case accepted
  /// The server said no. `text` is its last line, whatever it wrote there.
  case refused(Part, code: Int, text: String)

  /// What a server says no to.
  package enum Part: Sendable {
    /// To be talked to at all, or to how it is: its greeting, EHLO, STARTTLS, MAIL, DATA.
    case session
    case recipient
    /// The message itself, once it has it.
    case message
  }
}
