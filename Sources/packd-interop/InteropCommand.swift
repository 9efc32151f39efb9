internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import GRPC
internal import Glibc
internal import HTTP2
internal import NIOCore
internal import NIOPosix

/// Serves the gRPC project's interop test service on packd's own HTTP/2 and gRPC, until SIGTERM or
/// SIGINT; then it drains.
@main
struct InteropCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "packd-interop",
    abstract: "Serve grpc.testing.TestService, for the gRPC project's interop cases.")

  @Option(help: "Where to listen: host:port or [::1]:port.")
  var listen: Listener.Address
  @Option(help: "PEM file with the server's certificate chain; with --tls-key, TLS is served.")
  var tlsCert: String?
  @Option(help: "PEM file with the certificate's private key.")
  var tlsKey: String?
  @Option(help: "Threads that serve connections.")
  var eventLoops = ProcessInfo.processInfo.activeProcessorCount

  func validate() throws {
    guard (1...1024).contains(eventLoops) else {
      throw ValidationError("--event-loops: expected 1 to 1024")
    }
    guard (tlsCert == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-cert and --tls-key go together")
    }
  }

  func run() async throws {
    let tls = try tls()
    let stop = Self.stopSignals()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: eventLoops)
    let service = TestService(now: { Int64(Date.now.timeIntervalSince1970 * 1e9) })
    let router = Router(methods: service.methods, details: { _, _ in [] })
    let server = try await Server(group: group, router: router, limits: CallLimits()) { _ in [] }
    let listener = Listener(
      group: group, limits: Limits(),
      reportShortage: { Self.print("cannot accept connections for now: \($0)") },
      connectionEnded: { _ in },
      makeHandler: { server.makeHandler(on: $0) })
    let address = try await listener.listen(listen, tls: tls)
    Self.print("serving on \(address)")
    for await _ in stop { break }
    await listener.drain()
    await server.finish()
    try await group.shutdownGracefully()
  }

  private func tls() throws -> ServerTLS? {
    guard let tlsCert, let tlsKey else { return nil }
    let files = TLSContext.Files(
      certificateChain: Array(try Data(contentsOf: URL(filePath: tlsCert))),
      privateKey: Array(try Data(contentsOf: URL(filePath: tlsKey))))
    return ServerTLS(try TLSContext(files), identify: { _ in nil })
  }

  private static func print(_ line: String) {
    FileHandle.standardError.write(Data("packd-interop: \(line)\n".utf8))
  }

  /// An element for each SIGTERM and SIGINT from now on.
  private static func stopSignals() -> AsyncStream<Void> {
    AsyncStream { continuation in
      for number in [SIGTERM, SIGINT] {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        // The handler keeps its source, for as long as the process runs.
        source.setEventHandler { withExtendedLifetime(source) { _ = continuation.yield() } }
        source.activate()
      }
    }
  }
}

extension Listener.Address: ExpressibleByArgument {
  /// `host:port` or `[v6]:port`.
  package init?(argument: String) {
    guard let colon = argument.lastIndex(of: ":"),
      let port = UInt16(argument[argument.index(after: colon)...])
    else { return nil }
    var host = argument[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { return nil }
    self = .tcp(host: String(host), port: Int(port))
  }
}
