internal import ArgumentParser
internal import Services
internal import Testing

@testable internal import packd

@Suite("Settings of payments and receipts")
struct SellerOptionsTests {
  private static let server = ["--mailer", "smtp://mail.example.org:25"]

  private func resolve(
    _ arguments: [String], environment: [String: String] = [:]
  ) throws -> ServeSettings {
    try ServeOptions.parse(["--dev"] + arguments).resolve(environment: environment)
  }

  private func message(_ arguments: [String], environment: [String: String] = [:]) -> String {
    do {
      _ = try resolve(arguments, environment: environment)
      return ""
    } catch {
      return (error as? StartupError)?.message ?? "\(error)"
    }
  }

  @Test("each setting is taken")
  func values() throws {
    let settings = try resolve(
      Self.server + [
        "--mail-from", "shop@example.org", "--mail-ca", "r", "--mail-require-starttls",
        "--mail-timeout-seconds", "10",
        "--payment-gateway", "stripe:https://[2001:db8::1]:8443", "--stripe-key-file", "k",
        "--gateway-timeout-seconds", "11", "--quote-seconds", "12", "--receipt-series", "B7",
      ])
    let sellers = settings.sellers
    #expect(settings.mailRootsPath == "r")
    #expect(sellers.mailer == .smtp(url: "smtp://mail.example.org:25"))
    #expect(sellers.mailFrom == "shop@example.org" && sellers.requiresStartTLS)
    #expect(sellers.mailTimeoutSeconds == 10)
    #expect(sellers.gateway == .stripe(url: "https://[2001:db8::1]:8443", keyPath: "k"))
    #expect(sellers.gatewayTimeoutSeconds == 11 && sellers.quoteSeconds == 12)
    #expect(sellers.receiptSeries == "B7")
    let folder = try resolve(["--mailer", "directory:/x", "--mail-from", "shop@example.org"])
    #expect(folder.sellers.mailer == .directory(path: "/x"))
  }

  @Test(
    "what would do nothing is refused by name",
    arguments: [
      (["--mail-from", "a@example.org"], "--mail-from: means nothing without --mailer"),
      (["--mail-ca", "r"], "--mail-ca: means nothing without --mailer smtp://host:port"),
      (["--mail-require-starttls"], "--mail-require-starttls: means nothing without --mailer"),
      (["--no-mail-require-starttls"], "--mail-require-starttls: means nothing without --mailer"),
      (["--mail-timeout-seconds", "9"], "--mail-timeout-seconds: means nothing without --mailer"),
      (["--mailer", "directory:/x", "--mail-ca", "r"], "--mail-ca: means nothing without"),
      (
        ["--mailer", "directory:/x", "--mail-require-starttls"],
        "--mail-require-starttls: means nothing without"
      ),
      (["--stripe-key-file", "k"], "--stripe-key-file: means nothing without --payment-gateway"),
      (
        ["--payment-gateway", "sandbox", "--stripe-key-file", "k"],
        "--stripe-key-file: means nothing without --payment-gateway stripe:"
      ),
      (
        ["--payment-gateway", "stripe:https://api.stripe.com"],
        "--payment-gateway stripe:… expects --stripe-key-file"
      ),
    ] as [([String], String)])
  func idle(_ arguments: [String], _ expected: String) {
    #expect(message(arguments).hasPrefix(expected))
  }

  @Test("the place of what would do nothing is named")
  func places() {
    #expect(
      message([], environment: ["PACKD_MAIL_CA": "r"])
        == "PACKD_MAIL_CA: means nothing without --mailer smtp://host:port")
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "https://", "https://:443", "https://host:", "https://host:0", "https://host:65536",
      "https://host:+1", "https://a:b:443", "https://ho st", "https://host/path",
      "https://u@host", "https://.host", "https://host..org", "https://-host", "https://[::1",
      "https://[::g]", "https://[127.0.0.1]", "https://[::1]443", "https://::1",
      "http://host:443", "http://127.0.0.1:0",
    ])
  func gatewayURL(_ url: String) {
    let text = message(["--payment-gateway", "stripe:\(url)", "--stripe-key-file", "k"])
    #expect(text.hasPrefix("--payment-gateway: expected sandbox or stripe:https://host[:port]"))
    let mailURL = url.replacing("https://", with: "smtp://")
    #expect(
      message(["--mailer", mailURL])
        .hasPrefix("--mailer: expected directory:PATH or smtp://host:port"))
  }
}
