internal import ArgumentParser
internal import Services

private func sellers<Value>(
  _ text: String, _ path: KeyPath<SellerSettings, Value>, unit: String = "n"
) -> ArgumentHelp {
  ArgumentHelp("\(text) (default: \(SellerSettings()[keyPath: path]))", valueName: unit)
}

/// What an operator decides about seller packages, payments and receipts; the defaults stand in
/// `Services/SellerPackages/SellerSettings.swift`.
struct SellerOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Who charges: sandbox, which charges nobody, or stripe:https://host[:port]. (default: sandbox)
      """,
      valueName: "gateway"))
  var paymentGateway: String?
  @Option(help: "File with Stripe's secret key.")
  var stripeKeyFile: String?
  @Option(help: sellers("Seconds that a payment gateway may take.", \.gatewayTimeoutSeconds))
  var gatewayTimeoutSeconds: String?
  @Option(help: sellers("Seconds for which a quote can be used.", \.quoteSeconds))
  var quoteSeconds: String?
  @Option(help: sellers("Series of this daemon's receipts.", \.receiptSeries, unit: "series"))
  var receiptSeries: String?
  @Option(
    help: ArgumentHelp(
      "Where receipts are mailed to: directory:PATH or smtp://host:port. (default: nowhere)",
      valueName: "mailer"))
  var mailer: String?
  @Option(help: sellers("Sender of receipts.", \.mailFrom, unit: "address"))
  var mailFrom: String?

  @Option(
    help: "PEM file of who signs the mail server's certificate. (default: whom the system trusts)")
  var mailCa: String?
  @Option(help: "User to log in to the mail server as, over TLS only. (default: no login)")
  var mailUser: String?
  @Option(help: "File with the password of that user.")
  var mailPasswordFile: String?
  @Flag(
    inversion: .prefixedNo,
    help: "Mail only where STARTTLS is there. (default: --no-mail-require-starttls)")
  var mailRequireStarttls: Bool?
  @Option(help: sellers("Seconds that a mail server may take.", \.mailTimeoutSeconds))
  var mailTimeoutSeconds: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Try receipts again that were given up, once at start. (default: --no-mail-retry-dead)")
  var mailRetryDead: Bool?

  /// With all but the file of ``mailCa``, which ``ServeSettings/sellerSettings()`` reads.
  func resolve(_ source: inout SettingSource) throws -> SellerSettings {
    var settings = SellerSettings()
    let keyPath = try source.string("stripe-key-file", stripeKeyFile)
    if let gateway = try source.value(
      "payment-gateway", paymentGateway, expected: "sandbox or stripe:https://host[:port]",
      { Self.gateway($0, keyPath: keyPath) })
    {
      settings.gateway = gateway
    }
    if settings.gateway == .sandbox {
      try source.refuse(
        "stripe-key-file", stripeKeyFile, unless: "--payment-gateway stripe:https://host")
    } else if keyPath == nil {
      throw StartupError.usage("--payment-gateway stripe:… expects --stripe-key-file")
    }
    try source.seconds(
      "gateway-timeout-seconds", gatewayTimeoutSeconds, in: 1...120,
      &settings.gatewayTimeoutSeconds)
    try source.seconds("quote-seconds", quoteSeconds, in: 1...86_400, &settings.quoteSeconds)
    settings.receiptSeries =
      try source.value(
        "receipt-series", receiptSeries, expected: "1 to 16 of A-Z and 0-9", Self.series)
      ?? settings.receiptSeries
    settings.mailer =
      try source.value(
        "mailer", mailer, expected: "directory:PATH or smtp://host:port", Self.mailer)
      ?? settings.mailer
    try refuseIdle(settings.mailer, &source)
    settings.mailFrom =
      try source.value("mail-from", mailFrom, expected: "an address", Self.address)
      ?? settings.mailFrom
    settings.mailLogin = try login(&source)
    settings.requiresStartTLS =
      try source.flag("mail-require-starttls", mailRequireStarttls) ?? settings.requiresStartTLS
    try source.seconds(
      "mail-timeout-seconds", mailTimeoutSeconds, in: 1...600, &settings.mailTimeoutSeconds)
    settings.retriesDeadMails =
      try source.flag("mail-retry-dead", mailRetryDead) ?? settings.retriesDeadMails
    return settings
  }

  private func login(
    _ source: inout SettingSource
  ) throws -> (user: String, passwordPath: String)? {
    let user = try source.value(
      "mail-user", mailUser, expected: "a user's name", { $0.isEmpty ? nil : $0 })
    let path = try source.string("mail-password-file", mailPasswordFile)
    switch (user, path) {
    case (let user?, let path?): return (user, path)
    case (nil, nil): return nil
    default: throw StartupError.usage("--mail-user and --mail-password-file go together")
    }
  }

  func resolveMailRoots(_ source: inout SettingSource) throws -> String? {
    try source.string("mail-ca", mailCa)
  }

  /// What mails nowhere, or into files, has no use for: most likely `mailer` was forgotten.
  private func refuseIdle(
    _ mailer: SellerSettings.Mailer, _ source: inout SettingSource
  ) throws {
    if case .smtp = mailer { return }
    if mailer == .none {
      try source.refuse("mail-from", mailFrom, unless: "--mailer")
      try source.refuse(
        "mail-retry-dead", mailRetryDead.map { "\($0)" }, unless: "--mailer")
    }
    for (name, value) in [
      ("mail-ca", mailCa), ("mail-user", mailUser), ("mail-password-file", mailPasswordFile),
      ("mail-require-starttls", mailRequireStarttls.map { "\($0)" }),
      ("mail-timeout-seconds", mailTimeoutSeconds),
    ] {
      try source.refuse(name, value, unless: "--mailer smtp://host:port")
    }
  }

  private static func gateway(_ text: String, keyPath: String?) -> SellerSettings.Gateway? {
    if text == "sandbox" { return .sandbox }
    guard text.hasPrefix("stripe:") else { return nil }
    let url = String(text.dropFirst("stripe:".count))
    guard SellerSettings.isGatewayURL(url) else { return nil }
    return .stripe(url: url, keyPath: keyPath ?? "")
  }

  private static func mailer(_ text: String) -> SellerSettings.Mailer? {
    if text.hasPrefix("directory:") {
      let path = String(text.dropFirst("directory:".count))
      return path.isEmpty ? nil : .directory(path: path)
    }
    return SellerSettings.isMailURL(text) ? .smtp(url: text) : nil
  }

  private static func series(_ text: String) -> String? {
    let isValid =
      (1...16).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
      }
    return isValid ? text : nil
  }

  private static func address(_ text: String) -> String? {
    SellerSettings.isMailAddress(text) ? text : nil
  }
}

extension SettingSource {
  fileprivate mutating func seconds(
    _ name: String, _ flag: String?, in range: ClosedRange<Int>, _ seconds: inout Int64
  ) throws {
    var count = Int(seconds)
    try number(name, flag, in: range, &count)
    seconds = Int64(count)
  }
}
