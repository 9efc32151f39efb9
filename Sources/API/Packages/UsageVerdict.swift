/// What became of a usage event.
package struct UsageVerdict: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: UsageVerdict { UsageVerdict(rawValue: 0) }
  /// Counted, and durable.
  package static var accepted: UsageVerdict { UsageVerdict(rawValue: 1) }
  /// The same event was counted before; not counted again.
  package static var duplicate: UsageVerdict { UsageVerdict(rawValue: 2) }
  /// Another event with this id was counted before; this one is not.
  package static var conflict: UsageVerdict { UsageVerdict(rawValue: 3) }
  /// Observed more than 35 days ago; not counted.
  package static var late: UsageVerdict { UsageVerdict(rawValue: 4) }
  /// Not valid, or of a package that the caller cannot see; not counted.
  package static var rejected: UsageVerdict { UsageVerdict(rawValue: 5) }
}
