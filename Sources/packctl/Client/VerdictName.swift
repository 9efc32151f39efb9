internal import API

extension UsageVerdict {
  /// As in the proto file, without the prefix.
  var name: String {
    switch self {
    case .accepted: "ACCEPTED"
    case .duplicate: "DUPLICATE"
    case .conflict: "CONFLICT"
    case .late: "LATE"
    case .rejected: "REJECTED"
    default: "verdict \(rawValue)"
    }
  }
}
