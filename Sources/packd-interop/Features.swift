internal import API
internal import GRPC

// The features of a test server that every method has, each under its name in the gRPC project's
// interop-test-descriptions.

/// "Echo Metadata": what the client wants to see again.
struct Echo {
  private(set) var initial = Metadata()
  private(set) var trailing = Metadata()

  init(_ metadata: Metadata) {
    if let value = metadata.first("x-grpc-test-echo-initial") {
      initial.append("x-grpc-test-echo-initial", value)
    }
    // Still in base64, as it goes back.
    if let value = metadata.first("x-grpc-test-echo-trailing-bin") {
      trailing.append("x-grpc-test-echo-trailing-bin", value)
    }
  }
}

extension EchoStatus {
  /// "Echo Status": throws the status that is asked for. OK lets the call go on to its end.
  func check() throws(Status) {
    guard let code = Status.Code(rawValue: code) else {
      throw Status(.invalidArgument, "\(code) is no status code")
    }
    guard code == .ok else { throw Status(code, message) }
  }
}

extension BoolValue {
  /// "CompressedRequest": throws when the message did not come as the client says it sent it.
  func check(_ isCompressed: Bool) throws(Status) {
    guard value == isCompressed else {
      throw Status(
        .invalidArgument,
        value ? "the message is not compressed" : "the message is compressed")
    }
  }
}

extension Payload {
  /// A body of `size` zeros.
  init(_ type: PayloadType, size: Int32) throws(Status) {
    guard type == .compressable else {
      throw Status(.invalidArgument, "payloads of type \(type.rawValue) are not supported")
    }
    guard (0...TestServiceLimits.maxResponseBodyBytes).contains(Int(size)) else {
      throw Status(
        .invalidArgument,
        "a body of \(size) bytes; 0 to \(TestServiceLimits.maxResponseBodyBytes) are supported")
    }
    self.init(type: type, body: [UInt8](repeating: 0, count: Int(size)))
  }
}

/// The responses of a stream. Their bodies are zeros, which are written where they go out from.
struct ResponseSequence {
  private let writer: ResponseWriter
  /// What stands before the body in a response, and for which it does: the next is often of the
  /// same size.
  private var head: [UInt8] = []
  private var last: (type: PayloadType, size: Int32)?

  init(_ writer: ResponseWriter) {
    self.writer = writer
  }

  /// Sends one, "Observe ResponseParameters.interval_us" after the last.
  mutating func send(_ type: PayloadType, _ parameters: ResponseParameters) async throws {
    if last?.type != type || last?.size != parameters.size {
      let response = StreamingOutputCallResponse(
        payload: try Payload(type, size: parameters.size))
      // The body is the last field of the payload, and that of the response.
      head = response.encoded().dropLast(Int(parameters.size))
      last = (type, parameters.size)
    }
    if parameters.intervalMicroseconds > 0 {
      try await Task.sleep(for: .microseconds(parameters.intervalMicroseconds))
    }
    let head = head
    try await writer.write(
      size: head.count + Int(parameters.size), compress: parameters.compressed?.value ?? false
    ) { buffer in
      buffer.copyBytes(from: head)
      let body = UnsafeMutableRawBufferPointer(rebasing: buffer[head.count...])
      body.initializeMemory(as: UInt8.self, repeating: 0)
    }
  }
}

extension Message {
  /// A request message, or INVALID_ARGUMENT that says what is wrong with it.
  init(received bytes: [UInt8]) throws(Status) {
    do { try self.init(decoding: bytes) } catch {
      throw Status(.invalidArgument, error.description)
    }
  }

  init(received bytes: UnsafeRawBufferPointer) throws(Status) {
    do { try self.init(decoding: bytes) } catch {
      throw Status(.invalidArgument, error.description)
    }
  }
}

extension Status {
  /// What a handler threw.
  init(_ error: any Error) {
    self = error as? Status ?? Status(.internal, "internal error")
  }
}

extension Metadata {
  func merging(_ other: Metadata) -> Metadata {
    var all = self
    other.forEach { all.append(name: $0, value: $1) }
    return all
  }
}
