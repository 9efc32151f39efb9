internal import Synchronization

/// An SMTP server that does as it is told.
package final class SMTPScript: Sendable {
  private struct Seen {
    var commands: [String] = []
    var mails: [String] = []
  }

  private let replies: Mutex<[String: String]>
  private let offersTLS: Bool
  private let seen = Mutex(Seen())

  /// - Parameter replies: by the verb, "greeting", or "." for the end of a mail: what is said
  ///   instead of yes; "" hangs up, "hang" says nothing.
  package init(replies: [String: String] = [:], offersTLS: Bool = false) {
    self.replies = Mutex(replies)
    self.offersTLS = offersTLS
  }

  package var commands: [String] { seen.withLock { $0.commands } }
  /// As they came over the wire, with the dot at the end.
  package var mails: [String] { seen.withLock { $0.mails } }

  package func setReplies(_ replies: [String: String]) {
    self.replies.withLock { $0 = replies }
  }

  package func run(_ peer: Peer) {
    guard reply(peer, "greeting", "220 test ESMTP") else { return }
    while let line = peer.read(through: "\r\n")?.dropLast() {
      let verb = String(line.prefix { $0 != " " }).uppercased()
      seen.withLock { $0.commands.append(String(line)) }
      switch verb {
      case "EHLO":
        let offer = offersTLS ? "250-test\r\n250 STARTTLS" : "250-test\r\n250 8BITMIME"
        guard reply(peer, verb, offer) else { return }
      case "STARTTLS":
        peer.write("220 Go ahead\r\n")
        _ = peer.read(bytes: 1)
        peer.write("no TLS here\r\n\r\n")
        return
      case "DATA":
        guard reply(peer, verb, "354 Go ahead") else { return }
        guard replies.withLock({ $0[verb] }) == nil else { continue }
        guard let mail = peer.read(through: "\r\n.\r\n") else { return }
        guard reply(peer, ".", "250 Accepted") else { return }
        if replies.withLock({ $0["."] }) == nil { seen.withLock { $0.mails.append(mail) } }
      case "QUIT":
        peer.write("221 Bye\r\n")
        return
      default:
        guard reply(peer, verb, "250 OK") else { return }
      }
    }
  }

  /// False when the connection is to end.
  private func reply(_ peer: Peer, _ verb: String, _ text: String) -> Bool {
    switch replies.withLock({ $0[verb] }) ?? text {
    case "": return false
    case "hang":
      peer.waitForEnd()
      return false
    case let text:
      peer.write("\(text)\r\n")
      return true
    }
  }
}
