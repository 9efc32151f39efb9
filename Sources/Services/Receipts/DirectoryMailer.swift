internal import Glibc
internal import Storage
internal import Threads

/// Writes each mail into a file of its own, "<message id>.eml", for somebody else to take. A file
/// of that name is whole and durable; a mail that is sent again takes its own place.
struct DirectoryMailer: Mailer {
  private let path: String
  private let sender: String

  /// Makes the directory for its owner alone, unless it is there.
  ///
  /// - Throws: ``SellerSettings/Fault``.
  init(path: String, sender: String) throws(SellerSettings.Fault) {
    self.path = path
    self.sender = sender
    if mkdir(path, S_IRWXU) != 0, errno != EEXIST {
      throw SellerSettings.Fault("cannot make \(path): \(Self.text(errno))")
    }
    try Self.checkWritable(path)
  }

  /// Whether a mailer can be made: the directory is there and can be written to, or can be made.
  ///
  /// - Throws: ``SellerSettings/Fault``.
  static func check(_ path: String) throws(SellerSettings.Fault) {
    var status = stat()
    if stat(path, &status) == 0 { return try checkWritable(path) }
    let reason = errno
    guard reason == ENOENT, access(parent(of: path), W_OK | X_OK) == 0 else {
      throw SellerSettings.Fault(
        "cannot make \(path): \(text(reason == ENOENT ? errno : reason))")
    }
  }

  private static func parent(of path: String) -> String {
    var names = path[...]
    while names.count > 1, names.hasSuffix("/") { names.removeLast() }
    guard let slash = names.lastIndex(of: "/") else { return "." }
    return String(names[...slash])
  }

  private static func checkWritable(_ path: String) throws(SellerSettings.Fault) {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw SellerSettings.Fault("\(path) is not a directory")
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw SellerSettings.Fault("cannot write to \(path): \(text(errno))")
    }
  }

  /// On a thread of its own, since a disk may be slow. The outbox sends few mails at once, and
  /// never one twice.
  func send(_ mail: OutboxMailRecord) async throws(MailerError) {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Void, MailerError>, Never>) in
      let isStarted = OwnThread.start {
        continuation.resume(
          returning: Result { () throws(MailerError) in try store(mail) })
      }
      guard !isStarted else { return }
      continuation.resume(returning: .failure(.transient(reason: "no thread")))
    }
    try result.get()
  }

  private func store(_ mail: OutboxMailRecord) throws(MailerError) {
    let name = Self.fileName(of: mail)
    let (target, temporary) = ("\(path)/\(name).eml", "\(path)/.\(name).tmp")
    do {
      try Self.write(MailMessage.bytes(of: mail, from: sender), to: temporary)
      try Self.check(rename(temporary, target), "rename")
      try Self.synchronize(path)
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// An id is our own; a damaged one still is one name, and in this directory.
  private static func fileName(of mail: OutboxMailRecord) -> String {
    let allowed = mail.messageID.unicodeScalars.map { scalar -> Unicode.Scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "@", "-", ".": scalar
      default: "_"
      }
    }
    let name = String(String.UnicodeScalarView(allowed.prefix(Limits.maxMailFileNameBytes)))
    return name.hasPrefix(".") || name.isEmpty ? mail.id.text : name
  }

  private static func write(_ bytes: [UInt8], to path: String) throws(MailerError) {
    let descriptor = open(
      path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR)
    try check(descriptor, "open")
    defer { close(descriptor) }
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      try check(Int32(clamping: count), "write")
      written += count
    }
    try check(fsync(descriptor), "fsync")
  }

  /// So that the name is durable as well.
  private static func synchronize(_ path: String) throws(MailerError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    try check(descriptor, "open")
    defer { close(descriptor) }
    try check(fsync(descriptor), "fsync")
  }

  private static func check(_ result: Int32, _ call: String) throws(MailerError) {
    guard result < 0 else { return }
    throw .transient(reason: "\(call): \(text(errno))")
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
