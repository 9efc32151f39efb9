import API
import Foundation
import Testing

/// Google's Python runtime (upb) as second judge of what is accepted, and of how it is encoded
/// again. Runs when PACKD_JUDGE_PYTHON names a python with judge-requirements.txt installed.
@Suite(.enabled(if: Judge.python != nil, "PACKD_JUDGE_PYTHON is not set"))
struct JudgeTests {
  @Test("the judge confirms the table of hostile cases, but for the known differences")
  func hostileTable() throws {
    let differences = try agree(HostileCase.all.map { ($0.message, $0.bytes) })
    #expect(differences == Set(KnownDifference.allCases))
  }

  @Test("a hostile message cut at any byte gets the judge's verdict")
  func truncatedHostileCases() throws {
    try agree(
      HostileCase.all.filter { $0.bytes.count < 1000 }.flatMap { hostile in
        hostile.bytes.indices.map { (hostile.message, Array(hostile.bytes[..<$0])) }
      })
  }

  @Test("random messages, whole, joined and damaged, get the judge's verdict")
  func mutations() throws {
    var random = SeededGenerator(seed: 0x7061_636b)
    var cases: [(String, [UInt8])] = []
    for name in Codecs.names {
      for seed in 0..<60 as Range<UInt64> {
        let first = try #require(Oracle.random(name, seed: 2 * seed))
        let second = try #require(Oracle.random(name, seed: 2 * seed + 1))
        guard first.count + second.count < 4000 else { continue }
        cases += [(name, first), (name, first + second)]
        for _ in 0..<4 { cases.append((name, mutated(first, second, &random))) }
      }
    }
    try agree(cases)
  }

  /// Puts the cases to the judge and to the codecs, and returns the known differences met.
  @discardableResult
  private func agree(_ cases: [(String, [UInt8])]) throws -> Set<KnownDifference> {
    let answers = try Judge.answers(cases)
    try #require(answers.count == cases.count)
    #expect(answers.contains(nil) && answers.contains { $0 != nil })
    var differences: Set<KnownDifference> = []
    for ((name, bytes), answer) in zip(cases, answers) {
      let ours = Result { () throws(DecodingError) in try Codecs.decode(name, bytes) }
      guard (try? ours.get())?.encoded() != answer else { continue }
      let difference = KnownDifference.explaining(name, ours: ours, answer: answer)
      differences.insert(try #require(difference, "\(name) \(Judge.hex(bytes))"))
    }
    return differences
  }

  /// One small damage: a byte changed, left out or put in, a cut, or one message inside another.
  private func mutated(
    _ bytes: [UInt8], _ other: [UInt8], _ random: inout SeededGenerator
  ) -> [UInt8] {
    var result = bytes
    let place = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0..<5, using: &random) {
    case 0 where place < bytes.count: result[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1 where place < bytes.count: result.remove(at: place)
    case 2: result.insert(UInt8.random(in: 0...255, using: &random), at: place)
    case 3: result.removeSubrange(place...)
    default: result.insert(contentsOf: other.prefix(40), at: place)
    }
    return result
  }
}

/// SplitMix64, so that every run puts the same questions.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
