/// What a limit and the use beside it count.
package struct LimitUnit: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: LimitUnit { LimitUnit(rawValue: 0) }
  /// Megabytes of 1,048,576 bytes, the use rounded up.
  package static var megabyte: LimitUnit { LimitUnit(rawValue: 1) }
  /// Pieces.
  package static var count: LimitUnit { LimitUnit(rawValue: 2) }
}
