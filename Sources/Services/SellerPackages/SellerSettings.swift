internal import Glibc

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
  /// Who may have signed the certificate of the mail server, in PEM form; nil: whom the system
  /// trusts.
  package var mailRoots: [UInt8]?
  /// Who packd is to the mail server, and the file with the password; nil: it does not log in. The
  /// login goes over TLS only.
  package var mailLogin: (user: String, passwordPath: String)?
  /// Whether mails go to a server only that can do STARTTLS; else it is used where it is offered.
  package var requiresStartTLS = false
  /// How long a mail server may take for one mail, from the connection to its last word.
  package var mailTimeoutSeconds: Int64 = 60
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
      text.hasPrefix($0) && isPort(text.dropFirst($0.count))
    }
  }

  /// "smtp://host:port"
  package static func isMailURL(_ text: String) -> Bool {
    text.hasPrefix("smtp://") && isAuthority(text.dropFirst("smtp://".count))
  }

  package static func isMailAddress(_ text: String) -> Bool { MailAddress.isValid(text) }

  /// A host, or a bracketed address, and perhaps a port; nothing else of a URL.
  private static func isAuthority(_ text: Substring) -> Bool {
    guard text.hasPrefix("[") else {
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      return parts.count <= 2 && isHost(parts[0]) && parts.dropFirst().allSatisfy(isPort)
    }
    guard let end = text.firstIndex(of: "]") else { return false }
    let rest = text[text.index(after: end)...]
    return isIPv6(text[text.index(after: text.startIndex)..<end])
      && (rest.isEmpty || rest.hasPrefix(":") && isPort(rest.dropFirst()))
  }

  private static func isPort(_ text: Substring) -> Bool {
    // A number alone: no sign, which the initializer would take.
    text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
      && UInt16(text).map { $0 > 0 } == true
  }

  /// Labels of letters, digits and inner hyphens (RFC 1123 section 2.1); an IPv4 address is such.
  private static func isHost(_ text: Substring) -> Bool {
    text.utf8.count <= Limits.maxHostBytes
      && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
        !label.isEmpty && !label.hasPrefix("-") && !label.hasSuffix("-")
          && label.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
              UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
              true
            default: false
            }
          }
      }
  }

  private static func isIPv6(_ text: Substring) -> Bool {
    var address = in6_addr()
    return inet_pton(AF_INET6, String(text), &address) == 1
  }
}
