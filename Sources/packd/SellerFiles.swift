internal import HTTP2
internal import Services

extension ServeSettings {
  /// What the settings say of payments and receipts, with what is in the files that they name: all
  /// of it read and judged before anything is begun, rather than at the first payment or mail.
  ///
  /// - Throws: ``StartupError``, which names the setting and the file at fault.
  func sellerSettings() throws -> SellerSettings {
    var sellers = sellers
    sellers.mailRoots = try mailRootsPath.map { path in
      let roots = try Keys.read(path, "mail-ca")
      guard TLSContext.areCertificates(roots) else {
        throw StartupError.usage("--mail-ca: \(path): expected certificates in PEM form")
      }
      return roots
    }
    do { try sellers.check() } catch { throw StartupError.usage("\(error)") }
    return sellers
  }
}
