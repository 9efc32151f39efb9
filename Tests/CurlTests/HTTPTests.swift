internal import LoopbackServer
internal import Synchronization
internal import Testing

@testable internal import Curl

@Suite(.timeLimit(.minutes(10))) struct HTTPTests {
  private func request(
    _ port: UInt16, path: String = "/v1", method: HTTPRequest.Method = .get,
    headers: [HTTPHeader] = [], authorization: HTTPRequest.Authorization = .none,
    milliseconds: Int = 200_000, maxBytes: Int = 1000
  ) -> HTTPRequest {
    HTTPRequest(
      url: "http://127.0.0.1:\(port)\(path)", method: method, headers: headers,
      authorization: authorization,
      timeouts: Timeouts(connectMilliseconds: milliseconds, totalMilliseconds: milliseconds),
      maxResponseBytes: maxBytes)
  }

  /// What came of a request that must fail.
  private func failure(_ request: HTTPRequest) async -> TransferError? {
    do {
      let response = try await Transfers.send(request)
      Issue.record("answered with \(response.status)")
      return nil
    } catch { return error }
  }

  @Test("a form is posted with its header fields, and the answer comes as it was sent")
  func post() async throws {
    let seen = Mutex("")
    let server = try LoopbackServer { peer, _ in
      guard let request = peer.readRequest() else { return }
      seen.withLock { $0 = request.head + request.body }
      peer.answer(402, #"{"error": {}}"#)
    }
    let response = try await Transfers.send(
      request(
        server.port, method: .post(Form([FormField("a[b]", "1 & ü"), FormField("c", "=")])),
        headers: [HTTPHeader("Idempotency-Key", "K")], authorization: .bearer(token: "secret")))
    #expect(response.status == 402)
    #expect(response.text == #"{"error": {}}"#)
    let text = seen.withLock { $0 }
    #expect(text.hasPrefix("POST /v1 HTTP/1.1\r\n"))
    #expect(text.contains("Authorization: Bearer secret\r\n"))
    #expect(text.contains("Idempotency-Key: K\r\n"))
    #expect(text.contains("Content-Type: application/x-www-form-urlencoded\r\n"))
    #expect(!text.contains("Expect:"))
    #expect(text.hasSuffix("\r\n\r\na%5Bb%5D=1%20%26%20%C3%BC&c=%3D"))
    server.stop()
  }

  @Test("a redirect is an answer")
  func redirect() async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.readRequest()
      peer.answer(302, "", headers: "Location: /elsewhere\r\n")
    }
    #expect(try await Transfers.send(request(server.port)).status == 302)
    #expect(server.connections == 1)
    server.stop()
  }

  @Test("who cannot be connected to was sent nothing")
  func refused() async throws {
    let server = try LoopbackServer { _, _ in }
    server.stop()
    #expect(await failure(request(server.port))?.progress == .notSent)
    var unknown = request(server.port)
    unknown.url = "https://packd.invalid/"
    #expect(await failure(unknown)?.progress == .notSent)
  }

  @Test("a request whose answer does not come may have arrived, and is sent once")
  func cut() async throws {
    let server = try LoopbackServer { peer, _ in _ = peer.readRequest() }
    #expect(await failure(request(server.port, method: .post(Form())))?.progress == .maybeSent)
    #expect(server.connections == 1)
    server.stop()
  }

  @Test("a silent server is waited for as long as is said")
  func timeout() async throws {
    let server = try LoopbackServer { peer, _ in peer.waitForEnd() }
    let error = await failure(request(server.port, milliseconds: 2000))
    #expect(error == TransferError(progress: .maybeSent, reason: "Timeout was reached"))
    server.stop()
  }

  @Test("a TLS handshake that fails has sent nothing of the request")
  func handshake() async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.read(bytes: 1)
      peer.write("no TLS here\r\n\r\n")
    }
    var request = request(server.port)
    request.url = "https://127.0.0.1:\(server.port)/"
    #expect(await failure(request)?.progress == .notSent)
    server.stop()
  }

  @Test("an answer that is too large is not kept", arguments: [(500, ""), (0, "h")])
  func tooLarge(extra: Int, kind: String) async throws {
    let server = try LoopbackServer { peer, _ in
      _ = peer.readRequest()
      let field = kind.isEmpty ? "" : "X: \(String(repeating: "x", count: 70_000))\r\n"
      peer.answer(200, String(repeating: "x", count: 600 + extra), headers: field)
    }
    let error = await failure(request(server.port))
    #expect(error == TransferError(progress: .maybeSent, reason: "the answer is too large"))
    server.stop()
  }

  @Test(
    "plaintext goes to this machine alone, and a URL has no user",
    arguments: [
      "http://192.0.2.1/", "http://127.0.0.1.example/", "http://u:p@127.0.0.1/", "ftp://127.0.0.1/",
      "file:///etc/passwd", "", "https://u@example.com/", "http://[::2]/",
    ])
  func urls(_ url: String) async {
    var request = request(1, milliseconds: 1000)
    request.url = url
    let error = await failure(request)
    #expect(error?.progress == .notSent)
    #expect(
      ["not a URL", "neither https nor http to this machine itself"].contains(error?.reason))
  }

  @Test("a header field cannot bring another")
  func injection() async {
    let error = await failure(request(1, headers: [HTTPHeader("A", "b\r\nC: d")]))
    #expect(error?.reason == "a header field with a control character")
    let zero = await failure(request(1, authorization: .bearer(token: "a\0b")))
    #expect(zero?.progress == .notSent)
  }

  @Test("a caller's cancellation ends the transfer")
  func cancellation() async throws {
    let server = try LoopbackServer { peer, _ in peer.waitForEnd() }
    let sent = request(server.port)
    let task = Task { await failure(sent) }
    while server.connections == 0 { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    // Long before the server hangs up, which would be another failure.
    #expect(
      await task.value?.reason == "Operation was aborted by an application callback")
    server.stop()
  }

  @Test("a caller that was cancelled before sends nothing")
  func cancelledBefore() async throws {
    let server = try LoopbackServer { peer, _ in peer.answer(200, "") }
    let sent = request(server.port)
    let task = Task {
      withUnsafeCurrentTask { $0?.cancel() }
      return await failure(sent)
    }
    #expect(await task.value?.progress == .notSent)
    #expect(server.connections == 0)
    server.stop()
  }

  @Test("a description of a request tells nothing")
  func description() {
    let request = request(1, authorization: .bearer(token: "secret"))
    var dumped = ""
    dump(request, to: &dumped)
    #expect("\(request) \(String(reflecting: request)) \(dumped)".contains("secret") == false)
  }
}

extension HTTPResponse {
  fileprivate var text: String { body.withBytes { String(decoding: $0, as: UTF8.self) } }
}
