internal import Command
internal import Foundation
internal import Testing

@testable internal import Services

@Suite("Argon2")
struct Argon2Tests {
  /// What the reference implementation makes of them: `argon2 SALT -id -t T -k M -p 1 -l 32 -e`.
  static let ofTheReference: [(password: String, salt: String, encoded: String)] = [
    (
      "password1234", "0123456789abcdef",
      "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg"
        + "$tWXdvtNqivkYaN5HNYhq3pbK5/4XZIz5jb8mzWb+moE"
    ),
    (
      "x", "aaaaaaaaaaaaaaaa",
      "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw"
    ),
    (
      "correct-horse-battery-staple", "somesaltsomesalt",
      "$argon2id$v=19$m=64,t=3,p=1$c29tZXNhbHRzb21lc2FsdA"
        + "$XPe6O3/6LNk1/yzx69+HbMBNq89a+uHLib95WavBK/k"
    ),
    (
      "größe-日本-🙂", "0123456789ABCDEF",
      "$argon2id$v=19$m=1024,t=2,p=1$MDEyMzQ1Njc4OUFCQ0RFRg"
        + "$NUdqUPiSE7zrXLf7xxzM+rfRH38V5sSTioFb59abGzc"
    ),
  ]

  @Test("hashes as the reference implementation does", arguments: ofTheReference)
  func reference(password: String, salt: String, encoded: String) throws {
    let hash = try Argon2.Hash(encoded)
    #expect(hash.salt == Array(salt.utf8))
    let computed = try Argon2.hash(PasswordBytes(password), salt: hash.salt, cost: hash.cost)
    #expect(computed == hash)
    #expect(computed.encoded == encoded)
  }

  @Test(
    "hashes as the reference implementation does whatever it is asked",
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: "/usr/bin/argon2"),
      "Debian's argon2 is not installed"))
  func judged() throws {
    var random = Repeatable(state: 11)
    for length in [1, 12, 64, 127] {
      let password = random.text(length)
      let salt = random.text(Argon2.saltBytes)
      let cost = Argon2.Cost(
        memoryKiB: .random(in: 8...4096, using: &random),
        passes: .random(in: 1...4, using: &random))
      let hash = try Argon2.hash(PasswordBytes(password), salt: Array(salt.utf8), cost: cost)
      #expect(try judge(password, salt, cost) == hash.encoded)
    }
  }

  @Test("what is hashed is found equal, and nothing else is")
  func equality() {
    #expect(Argon2.isEqual([1, 2, 3], [1, 2, 3]))
    #expect(!Argon2.isEqual([1, 2, 3], [1, 2, 4]))
    #expect(!Argon2.isEqual([1, 2, 3], [1, 2]))
    #expect(!Argon2.isEqual([], [0]))
  }

  @Test(
    "a kept text that is no hash of ours is refused, as is one that would cost too much",
    arguments: [
      "", "$", "password1234", "$$$$$", "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ$",
      "$argon2i$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=16$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=8,t=1,p=2$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=7,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=65537,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=8,t=0,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=8,t=17,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhY"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw",
      "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIwAA",
      "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOI!",
      "$argon2id$v=19$m=8,t=1,p=1$YWFhYWFhYWFhYWFhYWFhYQ"
        + "$NhLnLNCSWwlyP8Yx8I1RyFzTBaVd0ZNdWuv65M4MOIw$",
    ])
  func malformed(text: String) {
    #expect(throws: Argon2.Failure.malformedHash) { try Argon2.Hash(text) }
  }

  @Test("memory that is wiped holds nothing of what was there")
  func wiped() {
    var bytes = Array("password1234".utf8)
    bytes.withUnsafeMutableBytes { Argon2.wipe($0) }
    #expect(bytes == [UInt8](repeating: 0, count: 12))
    #expect(PasswordBytes("").count == 0)
  }

  /// The encoded hash by Debian's `argon2`, which reads the password from its input.
  private func judge(_ password: String, _ salt: String, _ cost: Argon2.Cost) throws -> String {
    let argon2 = Command(
      "/usr/bin/argon2",
      [
        salt, "-id", "-t", String(cost.passes), "-k", String(cost.memoryKiB), "-p", "1", "-l", "32",
        "-e",
      ])
    let answer = try argon2.run(input: Array(password.utf8))
    return String(decoding: answer, as: UTF8.self).trimmingCharacters(in: .newlines)
  }
}

/// SplitMix64: the same numbers in every run.
struct Repeatable: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// Letters and digits.
  mutating func text(_ length: Int) -> String {
    let alphabet = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    return String((0..<length).map { _ in alphabet[Int(next() % UInt64(alphabet.count))] })
  }
}
