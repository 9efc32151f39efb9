/// What an operator decides about seller packages, their payments and receipts.
package struct SellerSettings: Sendable {
  /// Who charges.
  package enum Gateway: Sendable, Equatable {
    case sandbox
    /// Stripe, or what speaks as it does. `url` is "https://api.stripe.com".
    case stripe(url: String, keyPath: String)

    /// What is kept of it with a payment.
    var name: String {
      switch self {
      case .sandbox: "sandbox"
      case .stripe(let url, _): "stripe:" + url
      }
    }
  }

  /// Where receipts go.
  package enum Mailer: Sendable, Equatable {
    /// Nowhere: receipts are there to be asked for.
    case none
    /// One .eml file each.
    case directory(path: String)
    /// "smtp://host:port".
    case smtp(url: String)
  }

  package var gateway = Gateway.sandbox
  package var mailer = Mailer.none
  /// PEM file of who may have signed the certificate of the mail server; nil: whom the system
  /// trusts.
  package var mailRootsPath: String?
  /// Who packd is to the mail server, and the file with the password; nil: it does not log in. The
  /// login goes over TLS only.
  package var mailLogin: (user: String, passwordPath: String)?
  /// Whether mails go to a server only that can do STARTTLS; else it is used where it is offered.
  package var requiresStartTLS = false
  /// Whether what was given up is tried again at start.
  package var retriesDeadMails = false
  /// In the From field of receipts.
  package var mailFrom = "packd@localhost"
  /// How long a gateway may take to answer.
  package var gatewayTimeoutSeconds: Int64 = 10
  /// How long a quote can be used.
  package var quoteSeconds: Int64 = 600
  /// The series that this daemon numbers its receipts in.
  package var receiptSeries = "A"

  package init() {}

  /// "https://host[:port]"; plaintext to this machine alone, for tests.
  package static func isGatewayURL(_ text: String) -> Bool {
    if text.hasPrefix("https://") { return isAuthority(text.dropFirst("https://".count)) }
    return ["http://127.0.0.1:", "http://localhost:"].contains {
      text.hasPrefix($0) && UInt16(text.dropFirst($0.count)) != nil
    }
  }

  /// "smtp://host:port"
  package static func isMailURL(_ text: String) -> Bool {
    text.hasPrefix("smtp://") && isAuthority(text.dropFirst("smtp://".count))
  }

  package static func isMailAddress(_ text: String) -> Bool { MailAddress.isValid(text) }

  /// A host, or a bracketed address, and perhaps a port; nothing else of a URL.
  private static func isAuthority(_ text: Substring) -> Bool {
    var host = text
    if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
      guard UInt16(text[text.index(after: colon)...]) != nil else { return false }
      host = text[..<colon]
    }
    return !host.isEmpty
      && host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: ".-[]:".utf8.contains(byte)
        }
      }
  }
}
