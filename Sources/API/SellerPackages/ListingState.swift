/// Whether a listing's slot lasts.
package struct ListingState: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Never in an answer.
  package static var unspecified: ListingState { ListingState(rawValue: 0) }
  /// Held until its expire_time.
  package static var held: ListingState { ListingState(rawValue: 1) }
  /// Taken until it is released.
  package static var committed: ListingState { ListingState(rawValue: 2) }
}
