internal import Testing

@testable internal import Curl

@Suite struct FormTests {
  @Test("a form is what its fields are, however long they are")
  func text() {
    #expect(Form().text.isEmpty)
    for count in [0, 1, 255, 256, 257, 5000] {
      let value = String(repeating: "ü", count: count)
      let form = Form([FormField("a b", value), FormField("c", "-._~")])
      form.add("", "")
      let escaped = String(repeating: "%C3%BC", count: count)
      #expect(form.text == "a%20b=\(escaped)&c=-._~&=")
    }
  }

  @Test("a description of a form tells nothing")
  func descriptions() {
    let request = HTTPRequest(
      url: "", method: .post(Form([FormField("number", "4242")])),
      timeouts: Timeouts(connectMilliseconds: 1, totalMilliseconds: 1), maxResponseBytes: 1)
    var dumped = ""
    dump(request.method, to: &dumped)
    dumped += "\(request.method) \(String(reflecting: request.method)) \(request)"
    #expect(!dumped.contains("4242") && !dumped.contains("number"))
  }
}
