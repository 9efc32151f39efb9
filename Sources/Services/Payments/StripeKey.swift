internal import API

/// A secret key of Stripe's, from its file. A description of it tells nothing.
struct StripeKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  let text: String

  var description: String { "StripeKey" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }

  /// Reads it as ``SecretFile`` says.
  ///
  /// - Throws: ``SellerSettings/Fault``.
  init(path: String) throws(SellerSettings.Fault) {
    let key = try SecretFile.read(path, maxBytes: Limits.maxStripeKeyBytes)
    // Restricted keys begin with "rk_".
    let text = key.withBytes { String(decoding: $0, as: UTF8.self) }
    guard
      text.hasPrefix("sk_") || text.hasPrefix("rk_"),
      text.utf8.allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) })
    else {
      throw SellerSettings.Fault(
        "\(path) has no secret key of Stripe's, which begins with sk_ or rk_")
    }
    self.text = text
  }
}
