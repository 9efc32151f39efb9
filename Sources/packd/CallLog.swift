internal import GRPC
internal import Logging
internal import NIOCore

/// One line a call, gathered on its event loop and handed to the writer in pieces, so that a
/// call pays for its line but never for a write or a lock that others hold.
final class CallLog: LoopInterceptor {
  private static let maxPathBytes = 256
  private static let pieceBytes = 16 * 1024
  private static let flushInterval = TimeAmount.milliseconds(100)

  private let writer: LogWriter
  private let format: LogFormat
  private let level: LogLevel
  private let eventLoop: any EventLoop
  private var time = LogTime()
  private var lines = LineBuffer(capacity: pieceBytes + 2048)
  private var flushIsScheduled = false

  init(writer: LogWriter, format: LogFormat, level: LogLevel, eventLoop: any EventLoop) {
    self.writer = writer
    self.format = format
    self.level = level
    self.eventLoop = eventLoop
  }

  func callStarted(_ call: any StartedCall) -> Status? { nil }

  func callEnded(_ call: EndedCall) {
    guard level.value <= .info else { return }
    time.update()
    format.open(&lines, time, level: "info", "call")
    call.path.withUnsafeBytes {
      let shown = UnsafeRawBufferPointer(rebasing: $0.prefix(Self.maxPathBytes))
      format.field(&lines, "method", bytes: shown)
    }
    format.field(&lines, "status", name: call.code.name)
    format.field(&lines, "duration_us", number: call.duration.nanoseconds / 1_000)
    format.field(&lines, "principal", call.principal)
    format.field(&lines, "peer", call.peer)
    format.field(&lines, "call_id", hexadecimal: call.id)
    call.metadata.withFirst("traceparent") { value in
      if let trace = TraceParent.traceID(value) { format.field(&lines, "trace_id", bytes: trace) }
    }
    format.close(&lines)
    if lines.count >= Self.pieceBytes { flush() } else { scheduleFlush() }
  }

  private func scheduleFlush() {
    guard !flushIsScheduled else { return }
    flushIsScheduled = true
    let bound = NIOLoopBound(self, eventLoop: eventLoop)
    eventLoop.scheduleTask(in: Self.flushInterval) {
      bound.value.flushIsScheduled = false
      bound.value.flush()
    }
  }

  func finish() {
    flush()
  }

  private func flush() {
    writer.append(lines.bytes)
    lines.removeAll()
  }
}

extension Status.Code {
  /// As the statuscodes document spells it.
  var name: StaticString {
    switch self {
    case .ok: "OK"
    case .cancelled: "CANCELLED"
    case .unknown: "UNKNOWN"
    case .invalidArgument: "INVALID_ARGUMENT"
    case .deadlineExceeded: "DEADLINE_EXCEEDED"
    case .notFound: "NOT_FOUND"
    case .alreadyExists: "ALREADY_EXISTS"
    case .permissionDenied: "PERMISSION_DENIED"
    case .resourceExhausted: "RESOURCE_EXHAUSTED"
    case .failedPrecondition: "FAILED_PRECONDITION"
    case .aborted: "ABORTED"
    case .outOfRange: "OUT_OF_RANGE"
    case .unimplemented: "UNIMPLEMENTED"
    case .internal: "INTERNAL"
    case .unavailable: "UNAVAILABLE"
    case .dataLoss: "DATA_LOSS"
    case .unauthenticated: "UNAUTHENTICATED"
    }
  }
}
