internal import API
internal import GRPCCore
internal import GRPCNIOTransportHTTP2Posix
internal import Measuring
internal import Synchronization

/// The daemon, over one connection, which is made again as often as needed.
struct Daemon: UsageIngest {
  typealias Transport = HTTP2ClientTransport.Posix

  let address: ServerAddress
  /// How long to go on trying without an answer.
  let timeout: Duration
  private let client: GRPCClient<Transport>
  private let token: String?
  private let report: @Sendable (String) -> Void

  /// Runs `body` with a connection. `report` is told what is tried again, and why.
  static func connect<Result: Sendable>(
    _ options: GlobalOptions, report: @escaping @Sendable (String) -> Void,
    _ body: (Daemon) async throws -> Result
  ) async throws -> Result {
    let address = try options.address
    let timeout = try options.timeoutDuration
    let token = try options.token
    guard !options.usesTLS || !address.isNumeric else {
      throw Failure.usage(
        "--server: expected the name of a host for TLS, got \(address.text)")
    }
    if token != nil, !options.usesTLS, !address.isLocal {
      report("the token goes to \(address.text) without TLS; see --tls and --tls-ca")
    }
    var config = Transport.Config.defaults
    config.backoff.initial = .milliseconds(ClientLimits.firstRetryMilliseconds)
    config.backoff.max = .milliseconds(ClientLimits.lastRetryMilliseconds)
    let transport: Transport
    do {
      transport = try Transport(
        target: address.target, transportSecurity: try security(options), config: config)
    } catch let error as Failure {
      throw error
    } catch {
      throw Failure.usage("cannot use \(address.text): \(error)")
    }
    return try await withGRPCClient(transport: transport) { client in
      try await body(
        Daemon(
          address: address, timeout: timeout, client: client, token: token, report: report))
    }
  }

  private static func security(
    _ options: GlobalOptions
  ) throws -> Transport.TransportSecurity {
    guard options.usesTLS else { return .plaintext }
    guard let path = options.tlsCA else { return .tls }
    _ = try TextFile.read(path, option: "--tls-ca", maxBytes: ClientLimits.maxCertificatesBytes)
    return .tls { $0.trustRoots = .certificates([.file(path: path, format: .pem)]) }
  }

  // MARK: Calls

  /// Whether the daemon, or one of its services, takes calls.
  func health(of service: String) async throws -> HealthCheckResponse.ServingStatus {
    try await persist { timeout in
      try await client.unary(
        request: ClientRequest(message: HealthCheckRequest(service: service)),
        descriptor: MethodDescriptor(
          fullyQualifiedService: HealthMethod.service, method: HealthMethod.check.name),
        serializer: WireSerializer<HealthCheckRequest>(),
        deserializer: WireDeserializer<HealthCheckResponse>(),
        options: Self.callOptions(timeout)
      ) { try $0.message.status }
    }
  }

  /// Sends what was not answered again until all is, on a new stream each time: an event is
  /// counted once, however often it comes.
  func ingest(_ events: [UsageEvent]) async throws -> [IngestUsageResponse] {
    let answers = Mutex<[IngestUsageResponse]>([])
    try await persist { timeout in
      while true {
        let answered = answers.withLock(\.count)
        let batch = Array(events[answered...].prefix(ClientLimits.maxEventsInFlight))
        guard !batch.isEmpty else { return }
        try await stream(batch, timeout) { answer in answers.withLock { $0.append(answer) } }
      }
    }
    return answers.withLock { $0 }
  }

  private func stream(
    _ events: [UsageEvent], _ timeout: Duration,
    answered: @escaping @Sendable (IngestUsageResponse) -> Void
  ) async throws {
    var metadata: Metadata = [:]
    if let token { metadata.addString("Bearer \(token)", forKey: "authorization") }
    let request = StreamingClientRequest<IngestUsageRequest>(metadata: metadata) { writer in
      for event in events { try await writer.write(IngestUsageRequest(event: event)) }
    }
    try await client.bidirectionalStreaming(
      request: request,
      descriptor: MethodDescriptor(
        fullyQualifiedService: PackageMethod.service, method: PackageMethod.ingestUsage.name),
      serializer: WireSerializer<IngestUsageRequest>(),
      deserializer: WireDeserializer<IngestUsageResponse>(),
      options: Self.callOptions(timeout)
    ) { response in
      var count = 0
      for try await answer in response.messages {
        guard count < events.count, answer.eventID == events[count].eventID else {
          throw Failure.wrongAnswer("the daemon answered an event that was not asked about")
        }
        answered(answer)
        count += 1
      }
      guard count == events.count else {
        throw RPCError(code: .unavailable, message: "the stream ended before the last answer")
      }
    }
  }

  private static func callOptions(_ timeout: Duration) -> CallOptions {
    var options = CallOptions.defaults
    options.timeout = timeout
    // Not for the transport to wait without a word: `persist` tries again.
    options.waitForReady = false
    return options
  }

  // MARK: Trying again

  /// Runs `body`, with the time that is left, until it gets through or the time is over.
  private func persist<Result>(
    _ body: (Duration) async throws -> Result
  ) async throws -> Result {
    let clock = ContinuousClock()
    let end = clock.now + timeout
    var backoff = Backoff()
    var random = SystemRandomNumberGenerator()
    while true {
      do {
        return try await body(max(end - clock.now, .milliseconds(1)))
      } catch let error as RPCError {
        guard Self.mayPass(error.code) else { throw failure(error) }
        let wait = backoff.next(using: &random)
        guard clock.now + wait < end else { throw failure(error) }
        report("\(address.text): \(Self.text(error)); trying again")
        try await Task.sleep(for: wait)
      }
    }
  }

  /// Whether the same call may get through later. Sending an event again is harmless, so what
  /// became of it need not be known.
  private static func mayPass(_ code: RPCError.Code) -> Bool {
    switch code {
    case .unavailable, .resourceExhausted, .aborted, .internalError, .unknown, .cancelled,
      .deadlineExceeded:
      true
    default: false
    }
  }

  private func failure(_ error: RPCError) -> Failure {
    let message = "\(address.text): \(Self.text(error))"
    switch error.code {
    case .unauthenticated, .permissionDenied: return .denied(message)
    default: return Self.mayPass(error.code) ? .unavailable(message) : .wrongAnswer(message)
    }
  }

  /// One line, as far as a terminal can tell.
  private static func text(_ error: RPCError) -> String {
    "\(error.code): \(PathText.escaped(Array(error.message.utf8)))"
  }
}
