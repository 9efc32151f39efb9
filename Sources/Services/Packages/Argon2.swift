internal import CSodium
internal import Glibc

/// Argon2id (RFC 9106) as libsodium computes it, and the text that its results are kept in:
/// `$argon2id$v=19$m=19456,t=2,p=1$` with salt and tag in base64 (docs/decisions/0028-argon2.md).
enum Argon2 {
  /// What a computation costs; one lane always.
  struct Cost: Equatable, Sendable {
    let memoryKiB: Int
    let passes: Int

    static let standard = Cost(
      memoryKiB: Limits.passwordHashMemoryKiB, passes: Limits.passwordHashPasses)
  }

  enum Failure: Error, Equatable {
    /// The system has no memory or no thread to give.
    case noResources(String)
    /// What was kept is no hash that this room writes.
    case malformedHash
  }

  /// A salt, a tag and what it cost to compute it.
  struct Hash: Equatable, Sendable {
    let cost: Cost
    let salt: [UInt8]
    let tag: [UInt8]
  }

  static let saltBytes = Int(crypto_pwhash_SALTBYTES)
  static let tagBytes = 32

  /// libsodium picks the fastest code for this processor, once.
  private static let isReady = sodium_init() >= 0

  static func hash(
    _ password: PasswordBytes, salt: [UInt8], cost: Cost
  ) throws(Failure) -> Hash {
    guard isReady else { throw .noResources("libsodium did not start") }
    guard salt.count == saltBytes else { throw .malformedHash }
    var tag = [UInt8](repeating: 0, count: tagBytes)
    let code = withExtendedLifetime(password) {
      crypto_pwhash(
        &tag, UInt64(tagBytes), password.start, UInt64(password.count), salt, UInt64(cost.passes),
        cost.memoryKiB * 1024, crypto_pwhash_ALG_ARGON2ID13)
    }
    // The arguments are in range: all that can fail is to get the memory.
    guard code == 0 else { throw .noResources("\(cost.memoryKiB) KiB: errno \(errno)") }
    return Hash(cost: cost, salt: salt, tag: tag)
  }

  /// Takes the same time wherever they differ.
  static func isEqual(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    one.count == other.count && sodium_memcmp(one, other, one.count) == 0
  }

  /// Overwrites memory, even where nobody reads it again.
  static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    guard let start = memory.baseAddress else { return }
    sodium_memzero(start, memory.count)
  }
}

extension Argon2.Hash {
  private static let variant = Int32(sodium_base64_VARIANT_ORIGINAL_NO_PADDING)

  /// The form that all implementations of Argon2 read.
  var encoded: String {
    "$argon2id$v=19$m=\(cost.memoryKiB),t=\(cost.passes),p=1"
      + "$\(Self.base64(salt))$\(Self.base64(tag))"
  }

  /// Reads what ``encoded`` writes, with any cost up to the bounds: a hash outlives the cost that
  /// was usual when it was made.
  init(_ text: String) throws(Argon2.Failure) {
    let parts = text.split(separator: "$", omittingEmptySubsequences: false)
    guard
      text.utf8.count <= Limits.maxPasswordHashBytes,
      parts.count == 6, parts[0].isEmpty, parts[1] == "argon2id", parts[2] == "v=19",
      let cost = Self.cost(parts[3]),
      let salt = Self.bytes(parts[4], count: Argon2.saltBytes),
      let tag = Self.bytes(parts[5], count: Argon2.tagBytes)
    else { throw .malformedHash }
    self.init(cost: cost, salt: salt, tag: tag)
  }

  private static func cost(_ text: Substring) -> Argon2.Cost? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard
      parts.count == 3, parts[2] == "p=1",
      let memory = number(parts[0], "m="),
      (Int(crypto_pwhash_MEMLIMIT_MIN) / 1024...Limits.maxPasswordHashMemoryKiB)
        .contains(memory),
      let passes = number(parts[1], "t="),
      (1...Limits.maxPasswordHashPasses).contains(passes)
    else { return nil }
    return Argon2.Cost(memoryKiB: memory, passes: passes)
  }

  private static func number(_ text: Substring, _ prefix: String) -> Int? {
    guard text.hasPrefix(prefix) else { return nil }
    return Int(text.dropFirst(prefix.count))
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    var text = [CChar](
      repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
    sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
    return String(decoding: text.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func bytes(_ text: Substring, count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    var length = 0
    let characters = text.utf8.map(CChar.init(bitPattern:))
    let code = sodium_base642bin(
      &bytes, count, characters, characters.count, nil, &length, nil, variant)
    return code == 0 && length == count ? bytes : nil
  }
}

/// A copy of a password that is overwritten when nobody needs it any more. The text that the
/// request held is Swift's, and is not.
///
/// `@unchecked Sendable`: written in `init` and `deinit` alone.
final class PasswordBytes: @unchecked Sendable {
  private let memory: UnsafeMutablePointer<CChar>
  let count: Int

  init(_ password: String) {
    count = password.utf8.count
    // Never empty: an address is wanted even for no bytes.
    memory = .allocate(capacity: max(1, count))
    for (index, byte) in password.utf8.enumerated() {
      memory[index] = CChar(bitPattern: byte)
    }
  }

  deinit {
    Argon2.wipe(UnsafeMutableRawBufferPointer(start: memory, count: count))
    memory.deallocate()
  }

  /// Good for as long as the object is.
  var start: UnsafePointer<CChar> { UnsafePointer(memory) }
}
