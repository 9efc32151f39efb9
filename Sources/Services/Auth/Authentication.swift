internal import API
internal import GRPC

/// Lets those calls through whose caller is who the method is for, and tells the handler who
/// that is.
struct Authentication: Interceptor, Sendable {
  let authenticator: Authenticator
  let audience: Audience
  let statuses: StatusMapping

  func callStarted(_ call: any StartedCall) -> Status? {
    do {
      guard let principal = try authenticator.principal(of: call) else {
        return statuses.status(for: Refusal.unauthenticated)
      }
      call.principal = principal.identity
      call.credentials = principal
      return audience.admits(principal) ? nil : statuses.status(for: Refusal.permissionDenied)
    } catch {
      return statuses.status(
        for: error, in: .init(method: call.method, id: call.callID, deadline: call.deadline))
    }
  }

  func callEnded(_ call: EndedCall) {}
}

extension Principal {
  /// Whom ``Authentication`` or ``Identification`` found: nobody, where a method admits anyone.
  static func of(_ credentials: (any AnyObject & Sendable)?) -> Principal {
    credentials as? Principal ?? anonymous
  }
}
