internal import Glibc

/// A secret key of Stripe's, from its file. A description of it tells nothing.
struct StripeKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  let text: String

  var description: String { "StripeKey" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }

  /// Reads a file with the key alone, or with a line end after it, which nobody but its owner and
  /// its group may read.
  ///
  /// - Throws: ``SellerSettings/Fault``.
  init(path: String) throws(SellerSettings.Fault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SellerSettings.Fault("cannot read \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw SellerSettings.Fault("\(path) is not a file")
    }
    guard status.st_mode & S_IRWXO == 0 else {
      throw SellerSettings.Fault("\(path) can be used by every user of the system")
    }
    var bytes = [UInt8](repeating: 0, count: Limits.maxStripeKeyBytes + 2)
    let count = read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw SellerSettings.Fault("cannot read \(path)") }
    var key = bytes[..<count]
    while let last = key.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
      key.removeLast()
    }
    // Restricted keys begin with "rk_".
    let text = String(decoding: key, as: UTF8.self)
    guard
      key.count <= Limits.maxStripeKeyBytes, text.hasPrefix("sk_") || text.hasPrefix("rk_"),
      key.allSatisfy({ (UInt8(ascii: "!")...UInt8(ascii: "~")).contains($0) })
    else {
      throw SellerSettings.Fault(
        "\(path) has no secret key of Stripe's, which begins with sk_ or rk_")
    }
    self.text = text
  }
}
