/// Which request a replay record answers.
package struct ReplayKey: Hashable, Sendable {
  /// The principal that called.
  package var caller: String
  /// The method's path, such as `/packd.v1.CatalogueService/CreatePlan`.
  package var method: String
  /// As the client chose it.
  package var requestID: String

  package init(caller: String, method: String, requestID: String) {
    self.caller = caller
    self.method = method
    self.requestID = requestID
  }

  /// By the bytes, as databases compare.
  package static func == (a: ReplayKey, b: ReplayKey) -> Bool {
    ExactText(a.requestID) == ExactText(b.requestID) && ExactText(a.caller) == ExactText(b.caller)
      && ExactText(a.method) == ExactText(b.method)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(ExactText(caller))
    hasher.combine(ExactText(method))
    hasher.combine(ExactText(requestID))
  }
}

/// The final answer to a mutating request, kept so that a retry gets it byte for byte.
package struct ReplayRecord: Hashable, Sendable {
  package var key: ReplayKey
  /// SHA-256 of the request message as it was received.
  package var requestHash: [UInt8]
  /// The gRPC status code; 0 is OK.
  package var statusCode: Int32
  package var statusMessage: String
  /// `google.rpc.Status` as it was sent, empty with OK.
  package var statusDetails: [UInt8]
  /// The encoded response message, empty unless OK.
  package var response: [UInt8]
  package var createTime: Instant
  /// Not deleted before this; `nil` is never.
  package var expireTime: Instant?

  package init(
    key: ReplayKey, requestHash: [UInt8], statusCode: Int32, statusMessage: String,
    statusDetails: [UInt8], response: [UInt8], createTime: Instant, expireTime: Instant?
  ) {
    self.key = key
    self.requestHash = requestHash
    self.statusCode = statusCode
    self.statusMessage = statusMessage
    self.statusDetails = statusDetails
    self.response = response
    self.createTime = createTime
    self.expireTime = expireTime
  }
}

package protocol ReplayReads {
  func replay(_ key: ReplayKey) throws -> ReplayRecord?
}

package protocol ReplayWrites {
  /// - Throws: ``StorageError/duplicate(table:key:)`` for a taken key.
  func insert(_ replay: ReplayRecord) throws
  /// Deletes up to `limit` records whose `expireTime` is before `time`, those that expired
  /// first; returns how many.
  func deleteReplays(expiredBefore time: Instant, limit: Int) throws -> Int
}
