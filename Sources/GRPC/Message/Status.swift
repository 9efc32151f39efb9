/// How a call ended, as the client sees it.
package struct Status: Error, Equatable, Sendable {
  /// The canonical codes; numbers as in the gRPC project's statuscodes document.
  package enum Code: Int32, Sendable, CaseIterable {
    case ok = 0
    case cancelled = 1
    case unknown = 2
    case invalidArgument = 3
    case deadlineExceeded = 4
    case notFound = 5
    case alreadyExists = 6
    case permissionDenied = 7
    case resourceExhausted = 8
    case failedPrecondition = 9
    case aborted = 10
    case outOfRange = 11
    case unimplemented = 12
    case `internal` = 13
    case unavailable = 14
    case dataLoss = 15
    case unauthenticated = 16
  }

  package var code: Code
  /// A sentence for a person, any Unicode; percent-encoded on the wire.
  package var message: String
  /// An encoded `google.rpc.Status`, sent as `grpc-status-details-bin`; empty sends none.
  package var details: [UInt8]
  /// Sent beside the status.
  package var trailingMetadata: Metadata

  package init(
    _ code: Code, _ message: String, details: [UInt8] = [],
    trailingMetadata: Metadata = Metadata()
  ) {
    self.code = code
    self.message = message
    self.details = details
    self.trailingMetadata = trailingMetadata
  }

  package static let ok = Status(.ok, "")
}
