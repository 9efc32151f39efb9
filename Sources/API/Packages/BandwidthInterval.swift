/// The width of a bandwidth bucket.
package struct BandwidthInterval: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Invalid in a request.
  package static var unspecified: BandwidthInterval { BandwidthInterval(rawValue: 0) }
  /// One hour.
  package static var hour: BandwidthInterval { BandwidthInterval(rawValue: 1) }
  /// One day, from midnight UTC.
  package static var day: BandwidthInterval { BandwidthInterval(rawValue: 2) }
  /// One calendar month, UTC.
  package static var month: BandwidthInterval { BandwidthInterval(rawValue: 3) }
}
