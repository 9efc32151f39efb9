internal import GRPC
internal import NIOCore

/// A call without a connection: it keeps how it ended.
final class FakeCall: UnaryCall {
  enum Ending {
    case none
    /// At once, without a task.
    case responded([UInt8])
    case failed(Status)
    case running(@Sendable (CallContext) async -> UnaryOutcome)
  }

  let metadata: Metadata
  let callID = "call-1"
  var principal = ""
  private(set) var ending = Ending.none
  private(set) var endings = 0

  init(metadata: Metadata) {
    self.metadata = metadata
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

  private func end(_ ending: Ending) {
    self.ending = ending
    endings += 1
  }
}
