/// Bytes that are not a well-formed message of the type that was asked for.
package struct DecodingError: Error, Equatable {
  /// What is wrong with the bytes.
  package enum Reason: Sendable {
    /// The bytes end inside a field, or a length reaches past its message.
    case truncated
    /// A varint of more bytes than its use allows: 10 for a value, 5 for a tag or a length.
    case overlongVarint
    /// A tag with field number 0, or one beyond 32 bits.
    case invalidFieldNumber
    /// Wire type 6 or 7.
    case invalidWireType
    /// An end-group tag without its start, or with another number than its start.
    case unmatchedEndGroup
    /// A string that is not UTF-8.
    case invalidUTF8
    /// Messages or groups nested deeper than `WireReader.maxNesting`.
    case nestedTooDeep
  }

  /// The full name of the message that the bytes stopped making sense in: "packd.v1.Plan".
  package var message: String
  /// The number of the field, or 0 when the fault lies in a tag.
  package var field: UInt32
  package var reason: Reason

  package init(message: String, field: UInt32, reason: Reason) {
    self.message = message
    self.field = field
    self.reason = reason
  }

  /// The same error with the message's name, unless an inner message has given its own.
  func named(_ name: String) -> DecodingError {
    message.isEmpty ? DecodingError(message: name, field: field, reason: reason) : self
  }
}

extension DecodingError: CustomStringConvertible {
  /// A sentence for the client, with none of the bytes in it: "packd.v1.Plan field 2: not UTF-8".
  package var description: String {
    let place = field == 0 ? message : "\(message) field \(field)"
    return "\(place): \(reason.text)"
  }
}

extension DecodingError.Reason {
  fileprivate var text: String {
    switch self {
    case .truncated: "truncated"
    case .overlongVarint: "varint too long"
    case .invalidFieldNumber: "invalid field number"
    case .invalidWireType: "invalid wire type"
    case .unmatchedEndGroup: "unmatched end of group"
    case .invalidUTF8: "not UTF-8"
    case .nestedTooDeep: "nested too deep"
    }
  }
}
