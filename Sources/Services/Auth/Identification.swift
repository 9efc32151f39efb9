internal import API
internal import GRPC

/// Tells the handler who calls a method that is for anyone, when that can be told: a token that is
/// not valid keeps nobody out, and stands for nobody.
struct Identification: Interceptor, Sendable {
  let authenticator: Authenticator

  func callStarted(_ call: any StartedCall) -> Status? {
    if let principal = try? authenticator.principal(of: call) {
      call.principal = principal.identity
      call.credentials = principal
    }
    return nil
  }

  func callEnded(_ call: EndedCall) {}
}

extension Authenticator {
  /// Who calls; nil where nothing says so. A token in the call goes before the connection's
  /// certificate.
  /// - Throws: ``Refusal/unauthenticated`` for a token that is not valid.
  func principal(of call: any StartedCall) throws -> Principal? {
    try principal(for: call.metadata) ?? principal(ofPeer: call.peerIdentity)
  }
}
