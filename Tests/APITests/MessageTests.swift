import API
import Testing

@Suite struct MessageTests {
  @Test("a message is written into a caller's buffer of its encoded size")
  func callersBuffer() {
    let quota = Quota(.limit(300))
    #expect(quota.encodedSize == 3)
    var bytes: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
    bytes.withUnsafeMutableBytes { buffer in
      quota.encode(to: UnsafeMutableRawBufferPointer(rebasing: buffer[5...]))
    }
    #expect(bytes == [0, 0, 0, 0, 0, 0x08, 0xac, 0x02])
  }

  @Test("a message without fields set takes no bytes, and no bytes are such a message")
  func empty() throws {
    #expect(Plan().encoded() == [])
    #expect(try Plan(decoding: []) == Plan())
    #expect(try Plan(decoding: UnsafeRawBufferPointer(start: nil, count: 0)) == Plan())
    Plan().encode(to: UnsafeMutableRawBufferPointer(start: nil, count: 0))
  }

  @Test(
    "a submessage's length takes as many bytes as it needs",
    arguments: [0, 1, 125, 126, 127, 128, 16_380, 16_384, 2_097_151, 3_000_000])
  func submessageLengths(count: Int) throws {
    var plan = Plan()
    plan.etag = String(repeating: "e", count: count)
    var response = ListPlansResponse(plans: [plan, plan], nextPageToken: "next")
    response.plans.append(Plan())
    let bytes = response.encoded()
    #expect(try ListPlansResponse(decoding: bytes) == response)
    #expect(Oracle.repack(ListPlansResponse.name, bytes) == bytes)
  }

  @Test("Any names the type of the message that it packs")
  func any() throws {
    let info = ErrorInfo(reason: "STALE_ETAG", domain: "packd.v1")
    let any = AnyMessage(packing: info)
    #expect(any.typeURL == "type.googleapis.com/google.rpc.ErrorInfo")
    #expect(try ErrorInfo(decoding: any.value) == info)
  }
}
