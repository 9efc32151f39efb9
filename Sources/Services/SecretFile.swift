internal import API
internal import Glibc

/// A file that holds one secret, alone or with a line end after it, and that nobody but its owner
/// and its group may use.
enum SecretFile {
  /// - Throws: ``SellerSettings/Fault``, which tells nothing of what is in it.
  static func read(_ path: String, maxBytes: Int) throws(SellerSettings.Fault) -> Secret {
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
    // A longer one is not cut off unseen.
    var bytes = [UInt8](repeating: 0, count: maxBytes + 3)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else { throw SellerSettings.Fault("cannot read \(path)") }
    var text = bytes[..<count]
    while let last = text.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
      text.removeLast()
    }
    guard text.count <= maxBytes else {
      throw SellerSettings.Fault("\(path) has more than \(maxBytes) bytes")
    }
    return text.withUnsafeBytes { Secret(copying: $0) }
  }
}
