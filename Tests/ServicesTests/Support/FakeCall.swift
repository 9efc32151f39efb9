internal import GRPC
internal import NIOCore

/// A call without a connection: it keeps how it ended.
final class FakeCall: UnaryCall, StartedCall {
  enum Ending {
    case none
    /// At once, without a task.
    case responded([UInt8])
    case failed(Status)
    case running(@Sendable (CallContext) async -> UnaryOutcome)
  }

  let method: String
  let methodIndex: Int? = nil
  let metadata: Metadata
  let deadline: NIODeadline?
  let network: String
  let peerIdentity: (any AnyObject & Sendable)?
  let requestIsCompressed = false
  let callID = "call-1"
  var principal = ""
  var credentials: (any AnyObject & Sendable)?
  private(set) var ending = Ending.none
  private(set) var endings = 0

  init(
    method: String, metadata: Metadata, deadline: NIODeadline?,
    peerIdentity: (any AnyObject & Sendable)? = nil, network: String = "test"
  ) {
    self.method = method
    self.metadata = metadata
    self.deadline = deadline
    self.peerIdentity = peerIdentity
    self.network = network
  }

  func respond(size: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void) {
    var bytes = [UInt8](repeating: 0xff, count: size)
    bytes.withUnsafeMutableBytes { fill($0) }
    end(.responded(bytes))
  }

  func fail(_ status: Status) {
    end(.failed(status))
  }

  func run(_ body: @escaping @Sendable (CallContext) async -> UnaryOutcome) {
    end(.running(body))
  }

  private(set) var rateLimitedCount = 0
  func countRateLimited() { rateLimitedCount += 1 }

  private func end(_ ending: Ending) {
    self.ending = ending
    endings += 1
  }
}
