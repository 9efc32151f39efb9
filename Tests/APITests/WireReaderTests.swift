import API
import Testing

/// The hand-made cases against the codecs; JudgeTests puts the same to Google's runtime.
@Suite struct WireReaderTests {
  @Test("a hostile message gets the verdict of the official runtimes", arguments: HostileCase.all)
  func verdict(hostile: HostileCase) throws {
    let found: HostileCase.Verdict
    do throws(DecodingError) {
      found = .accepted(try Codecs.transcode(hostile.message, hostile.bytes))
    } catch {
      found = .refused(error)
    }
    #expect(found == hostile.verdict)
  }

  @Test("a message cut at any byte is read to the field before, or refused as truncated")
  func truncation() throws {
    for hostile in HostileCase.all where hostile.bytes.count < 1000 {
      guard case .accepted = hostile.verdict else { continue }
      for count in hostile.bytes.indices {
        do throws(DecodingError) {
          _ = try Codecs.decode(hostile.message, Array(hostile.bytes[..<count]))
        } catch {
          try #require(error.reason == .truncated, "\(hostile.title), \(count): \(error)")
        }
      }
    }
  }

  @Test("a submessage in 400,000 parts takes linear time", .timeLimit(.minutes(10)))
  func manyParts() throws {
    let part = hex("12 03 0a 01 61")
    let bytes = Array(repeatElement(part, count: 400_000).joined())
    let request = try UpdatePlanRequest(decoding: bytes)
    #expect(request.updateMask?.paths.count == 400_000)
  }
}
