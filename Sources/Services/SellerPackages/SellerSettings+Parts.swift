internal import API
internal import Curl
internal import Storage

extension SellerSettings {
  /// Settings that cannot be used: a sentence for whoever made them, with nothing secret in it.
  package struct Fault: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
      self.description = description
    }
  }

  /// Whether whoever charges and mails can be made, once the store is open; makes nothing.
  ///
  /// - Throws: ``Fault``.
  package func check() throws(Fault) {
    if case .stripe(_, let keyPath) = gateway { _ = try Self.key(keyPath) }
    _ = try login()
    if case .directory(let path) = mailer {
      do throws(Fault) { try DirectoryMailer.check(path) } catch {
        throw Fault("--mailer: \(error)")
      }
    }
  }

  /// Whoever charges. Stripe's key is read here, once.
  ///
  /// - Throws: ``Fault``.
  func makeGateway(
    store: any Store, now: @escaping Now
  ) throws(Fault) -> any PaymentGateway {
    switch gateway {
    case .sandbox: return SandboxGateway(store: store, now: now)
    case .stripe(let url, let keyPath):
      guard Self.isGatewayURL(url) else {
        throw Fault("expected https://host[:port], got \(url)")
      }
      return StripeGateway(
        url: url, key: try Self.key(keyPath), timeoutSeconds: gatewayTimeoutSeconds)
    }
  }

  /// Whoever takes mails; nil when nobody does.
  ///
  /// - Throws: ``Fault``.
  func makeMailer() throws(Fault) -> (any Services.Mailer)? {
    guard MailAddress.isValid(mailFrom) else {
      throw Fault("--mail-from: expected an address")
    }
    switch mailer {
    case .none: return nil
    case .directory(let path):
      do throws(Fault) { return try DirectoryMailer(path: path, sender: mailFrom) } catch {
        throw Fault("--mailer: \(error)")
      }
    case .smtp(let url):
      guard Self.isMailURL(url) else { throw Fault("expected smtp://host:port, got \(url)") }
      return SMTPMailer(
        url: url, sender: mailFrom, startTLS: requiresStartTLS ? .required : .offered,
        login: try login(), roots: mailRoots,
        timeouts: Timeouts(
          connectMilliseconds: Limits.mailConnectMilliseconds,
          totalMilliseconds: Int(mailTimeoutSeconds) * 1000))
    }
  }

  /// The password is read here, once.
  private func login() throws(Fault) -> SMTPMessage.Login? {
    guard let (user, path) = mailLogin else { return nil }
    let password: Secret
    do throws(Fault) {
      password = try SecretFile.read(path, maxBytes: Limits.maxMailPasswordBytes)
    } catch {
      throw Fault("--mail-password-file: \(error)")
    }
    let text = password.withBytes { String(decoding: $0, as: UTF8.self) }
    guard !text.isEmpty, text.unicodeScalars.allSatisfy(\.isPrintable) else {
      throw Fault("--mail-password-file: \(path) has no password of one line")
    }
    return SMTPMessage.Login(user: user, password: text)
  }

  private static func key(_ path: String) throws(Fault) -> StripeKey {
    do throws(Fault) { return try StripeKey(path: path) } catch {
      throw Fault("--stripe-key-file: \(error)")
    }
  }
}
