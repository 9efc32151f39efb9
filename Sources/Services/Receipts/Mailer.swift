internal import Storage

/// Hands mails over.
protocol Mailer: Sendable {
  /// Returns once somebody else answers for the mail, or it is on the disk.
  ///
  /// - Throws: ``MailerError``.
  func send(_ mail: OutboxMailRecord) async throws(MailerError)
}

/// Why a mail was not handed over. Texts are for the log and the outbox, and hold no secrets.
enum MailerError: Error, Equatable {
  /// Another try may do.
  case transient(reason: String)
  /// It would be refused again.
  case permanent(reason: String)

  var reason: String {
    switch self {
    case .transient(let reason), .permanent(let reason): reason
    }
  }
}
