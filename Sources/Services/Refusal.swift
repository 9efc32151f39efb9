/// Why a service does not do what it was asked; `StatusMapping` says what the client gets.
enum Refusal: Error, Equatable {
  case unauthenticated
  case permissionDenied
  case invalidFields(Violations)
  /// The request_id was used for another request.
  case idempotencyMismatch
  /// Another call with the same request_id has not ended yet.
  case requestInFlight
  /// The resource, such as "plans/7", has changed since the client read it.
  case etagMismatch(resource: String)
  /// `resource` is what was asked for: "plans/7" or "plans/vps".
  case planNotFound(resource: String)
  case planCodeTaken(code: String)
  /// Another update would count beyond what fits.
  case planVersionsExhausted(resource: String)
  /// `packages` names the first few of `count`.
  case planInUse(resource: String, packages: [String], count: Int)
  /// As many passwords wait to be hashed as may.
  case passwordQueueFull
  /// The username or the address was tried too often.
  case tooManyAttempts(retryMilliseconds: Int64)
}
