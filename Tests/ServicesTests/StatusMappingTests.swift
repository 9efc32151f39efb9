internal import API
internal import Logging
internal import Testing

@testable internal import GRPC
@testable internal import Services

@Suite("Statuses")
struct StatusMappingTests {
  private let mapping = StatusMapping(logger: Logger(label: "test"), random: { 0 })

  @Test("as many violations are told as fit into trailers of 8 KiB; the message counts them all")
  func manyViolations() throws {
    var violations = Violations()
    let quoted = String(repeating: "\u{1F600}", count: 1000).quoted
    for index in 0..<200 { violations.add("plan.features[\(index)]", "is not \(quoted)") }
    let call = StatusMapping.Call(method: "/m", id: "1", deadline: nil)
    let status = mapping.status(for: Refusal.invalidFields(violations), in: call)
    #expect(status.message.hasSuffix("(and 199 more)"))
    let fields = try Details(status).fields
    #expect((5..<20).contains(fields.count) && fields.first == "plan.features[0]")
    #expect(status.message.utf8.count * 3 + status.details.count * 4 / 3 < 7 * 1024)
  }

  @Test("a few violations are all told")
  func fewViolations() throws {
    var violations = Violations()
    for index in 0..<50 { violations.add("plan.features[\(index)]", "must be 1 to 64 characters") }
    let call = StatusMapping.Call(method: "/m", id: "1", deadline: nil)
    let status = mapping.status(for: Refusal.invalidFields(violations), in: call)
    #expect(try Details(status).fields.count == 50)
  }
}
