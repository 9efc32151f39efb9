internal import Foundation
internal import LoopbackServer
internal import Synchronization

/// Answers requests as it is told, and keeps them. It listens until the tests
/// end, since its object may be gone while a request is on its way.
final class FakeStripe: Sendable {
  enum Step: Equatable, Sendable {
    case answer(Int, String)
    /// Hangs up once it has the request.
    case cut
    /// Has the request and says nothing.
    case hang
  }

  struct Request: Sendable {
    let head: String
    let body: String
  }

  private final class Seen: Sendable {
    let requests = Mutex<[Request]>([])
  }

  private let seen = Seen()
  private let server: LoopbackServer

  /// Answers one request after the other.
  convenience init(_ steps: [Step]) throws {
    try self.init { number, _ in number < steps.count ? steps[number] : .answer(418, "") }
  }

  /// - Parameter step: for the request of a number, from 0.
  init(_ step: @escaping @Sendable (Int, Request) -> Step) throws {
    let seen = seen
    server = try LoopbackServer { peer, _ in
      guard let (head, body) = peer.readRequest() else { return }
      let request = Request(head: head, body: body)
      let number = seen.requests.withLock { requests in
        requests.append(request)
        return requests.count - 1
      }
      switch step(number, request) {
      case .answer(let status, let body): peer.answer(status, body)
      case .cut: break
      case .hang: peer.waitForEnd()
      }
    }
  }

  var port: UInt16 { server.port }
  var requests: [Request] { seen.requests.withLock { $0 } }

  func stop() { server.stop() }
}

/// A file with a key; gone with this object.
final class KeyFile: Sendable {
  let path: String

  init(_ text: String, mode: Int = 0o600) throws {
    let url = FileManager.default.temporaryDirectory.appending(
      path: "packd-key-\(UUID().uuidString)")
    try Data(text.utf8).write(to: url)
    path = url.path
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }
}
