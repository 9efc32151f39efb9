internal import API
internal import GRPC
internal import Testing

/// What `grpc-status-details-bin` says, unpacked.
struct Details {
  let status: RPCStatus
  private(set) var info: ErrorInfo?
  private(set) var badRequest: BadRequest?
  private(set) var precondition: PreconditionFailure?
  private(set) var quota: QuotaFailure?
  private(set) var resource: ResourceInfo?
  private(set) var retry: RetryInfo?
  private(set) var request: RequestInfo?

  /// Also checks what holds of every error.
  init(_ status: Status, _ location: SourceLocation = #_sourceLocation) throws {
    self.status = try RPCStatus(decoding: status.details)
    #expect(self.status.code == status.code.rawValue, sourceLocation: location)
    #expect(self.status.message == status.message, sourceLocation: location)
    for any in self.status.details {
      switch any.typeURL {
      case "type.googleapis.com/google.rpc.ErrorInfo": info = try ErrorInfo(decoding: any.value)
      case "type.googleapis.com/google.rpc.BadRequest":
        badRequest = try BadRequest(decoding: any.value)
      case "type.googleapis.com/google.rpc.PreconditionFailure":
        precondition = try PreconditionFailure(decoding: any.value)
      case "type.googleapis.com/google.rpc.QuotaFailure":
        quota = try QuotaFailure(decoding: any.value)
      case "type.googleapis.com/google.rpc.ResourceInfo":
        resource = try ResourceInfo(decoding: any.value)
      case "type.googleapis.com/google.rpc.RetryInfo": retry = try RetryInfo(decoding: any.value)
      case "type.googleapis.com/google.rpc.RequestInfo":
        request = try RequestInfo(decoding: any.value)
      default: Issue.record("unknown detail \(any.typeURL)", sourceLocation: location)
      }
    }
    #expect(info?.domain == "packd.v1", sourceLocation: location)
  }

  var reason: String? { info?.reason }

  /// Sorted, so that tests need not know an order that nobody promises.
  var fields: [String] { (badRequest?.fieldViolations.map(\.field) ?? []).sorted() }
}
