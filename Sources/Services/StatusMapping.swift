internal import API
internal import GRPC
internal import Logging
internal import NIOCore
internal import Storage

/// The one table from errors to what the client gets. Texts of the store, of libraries and of
/// unforeseen errors go to the log and never out.
struct StatusMapping: Sendable {
  /// A call, to tell it from others in the log.
  struct Call: Sendable {
    let method: String
    let id: String
    let deadline: NIODeadline?
  }

  let logger: Logger
  /// Spreads retries, so that clients refused together do not come back together.
  let random: Random

  func status(for error: any Error, in call: Call) -> Status {
    switch error {
    case let status as Status: return status
    case let refusal as Refusal: return status(for: refusal)
    case let refusal as PackageRefusal: return status(for: refusal)
    case let refusal as SellerPackageRefusal: return status(for: refusal)
    case let refusal as PaymentRefusal: return status(for: refusal)
    case let error as DecodingError: return undecodable(error)
    case let error as StorageError: return status(for: error, in: call)
    case Argon2.Failure.noResources:
      log(error, in: call)
      return .retryable(
        .resourceExhausted, "Too much to do already", reason: "OVERLOADED",
        afterMilliseconds: delay(250))
    case is CancellationError:
      let isLate = call.deadline.map { $0 <= NIODeadline.now() } ?? false
      return isLate
        ? .detailed(.deadlineExceeded, "Deadline exceeded", reason: "DEADLINE_EXCEEDED")
        : .detailed(.cancelled, "Call cancelled", reason: "CANCELLED")
    default: return unforeseen(error, in: call)
    }
  }

  func status(for refusal: Refusal) -> Status {
    switch refusal {
    case .unauthenticated:
      .detailed(.unauthenticated, "Missing or invalid token", reason: "UNAUTHENTICATED")
    case .permissionDenied:
      .detailed(
        .permissionDenied, "None of the caller's roles allows this call",
        reason: "PERMISSION_DENIED")
    case .invalidFields(let violations): invalid(violations)
    case .idempotencyMismatch:
      .detailed(
        .invalidArgument, "request_id was used for a different request",
        reason: "IDEMPOTENCY_MISMATCH")
    case .requestInFlight:
      .retryable(
        .aborted, "The same request is still being worked on", reason: "REQUEST_IN_FLIGHT",
        afterMilliseconds: delay(250))
    case .etagMismatch(let resource):
      .detailed(
        .aborted, "The etag is not current: the plan has changed", reason: "ETAG_MISMATCH",
        [plan(resource, "Read it again for its current etag")])
    case .planNotFound(let resource):
      .detailed(
        .notFound, "Plan not found", reason: "PLAN_NOT_FOUND", [plan(resource, "Plan not found")])
    case .planCodeTaken(let code):
      .detailed(
        .alreadyExists, "A plan with code \"\(code)\" exists", reason: "PLAN_CODE_TAKEN",
        [plan("plans/" + code, "Another plan has this code")])
    case .planVersionsExhausted(let resource):
      versionsExhausted(resource)
    case .planInUse(let resource, let packages, let count):
      inUse(resource, by: packages, count: count)
    case .passwordQueueFull:
      .retryable(
        .resourceExhausted, "Too many passwords are being checked", reason: "PASSWORD_QUEUE_FULL",
        afterMilliseconds: delay(Limits.passwordQueueRetryMilliseconds))
    case .tooManyAttempts(let milliseconds):
      .retryable(
        .resourceExhausted, "Too many attempts", reason: "TOO_MANY_ATTEMPTS",
        afterMilliseconds: milliseconds)
    }
  }

  private func invalid(_ violations: Violations) -> Status {
    let first = violations.all.first.map { "\($0.field) \($0.description)" } ?? ""
    let more = violations.all.count > 1 ? " (and \(violations.all.count - 1) more)" : ""
    return .detailed(
      .invalidArgument, "Invalid request: \(first)\(more)", reason: "INVALID_FIELDS",
      [Self.badRequest(violations)])
  }

  static func badRequest(_ violations: Violations) -> AnyMessage {
    AnyMessage(
      packing: BadRequest(
        fieldViolations: violations.all.lazy
          .map { .init(field: $0.field, description: $0.description) }
          .prefix(ofBytes: Limits.maxViolationBytes)))
  }

  private func inUse(_ resource: String, by packages: [String], count: Int) -> Status {
    let violations = packages.map {
      PreconditionFailure.Violation(
        type: "PLAN_IN_USE", subject: $0, description: "The hosting package is on \(resource)")
    }
    let noun = count == 1 ? "hosting package is" : "hosting packages are"
    return .detailed(
      .failedPrecondition, "Plan is in use: \(count) \(noun) on it", reason: "PLAN_IN_USE",
      metadata: ["package_count": String(count)],
      [AnyMessage(packing: PreconditionFailure(violations: violations))])
  }

  private func versionsExhausted(_ resource: String) -> Status {
    let reason = "PLAN_VERSIONS_EXHAUSTED"
    let violation = PreconditionFailure.Violation(
      type: reason, subject: resource, description: "No version comes after \(Int32.max)")
    return .detailed(
      .failedPrecondition, "The plan has had as many versions as there can be", reason: reason,
      [AnyMessage(packing: PreconditionFailure(violations: [violation]))])
  }

  private func plan(_ resource: String, _ description: String) -> AnyMessage {
    AnyMessage(
      packing: ResourceInfo(
        resourceType: "packd.v1.Plan", resourceName: resource, description: description))
  }

  private func undecodable(_ error: DecodingError) -> Status {
    .detailed(
      .invalidArgument, error.description, reason: "UNDECODABLE_MESSAGE",
      metadata: ["message": error.message, "field": String(error.field)])
  }

  private func status(for error: StorageError, in call: Call) -> Status {
    switch error {
    case .missing:
      return unforeseen(error, in: call)
    case .duplicate:
      // Rules look before they write: another call was quicker, in a store that lets two race.
      log(error, in: call)
      fallthrough
    case .conflict:
      return .retryable(
        .aborted, "Another call changed the same data", reason: "CONFLICT",
        afterMilliseconds: delay(50))
    case .overloaded:
      return .retryable(
        .resourceExhausted, "Too much to do already", reason: "OVERLOADED",
        afterMilliseconds: delay(250))
    case .full:
      log(error, in: call)
      return .retryable(
        .resourceExhausted, "No space is left to write", reason: "STORAGE_FULL",
        afterMilliseconds: delay(5000))
    case .unavailable, .damaged, .locked, .cannotOpen, .closed:
      log(error, in: call)
      return .retryable(
        .unavailable, "Storage is not available", reason: "STORAGE_UNAVAILABLE",
        afterMilliseconds: delay(1000))
    }
  }

  private func unforeseen(_ error: any Error, in call: Call) -> Status {
    log(error, in: call)
    return .detailed(
      .internal, "internal error", reason: "INTERNAL",
      [AnyMessage(packing: RequestInfo(requestID: call.id))])
  }

  private func log(_ error: any Error, in call: Call) {
    logger.error(
      "call failed",
      metadata: [
        "method": "\(call.method)", "call": "\(call.id)",
        "error": "\(String(reflecting: error))",
      ])
  }

  /// `base` milliseconds to twice that.
  func delay(_ base: UInt64) -> Int64 {
    Int64(base + random() % base)
  }
}
