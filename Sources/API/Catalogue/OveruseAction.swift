/// What follows when a hosting package uses more than its plan allows.
package struct OveruseAction: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// In a request: notify.
  package static var unspecified: OveruseAction { OveruseAction(rawValue: 0) }
  package static var notify: OveruseAction { OveruseAction(rawValue: 1) }
  package static var block: OveruseAction { OveruseAction(rawValue: 2) }
  package static var suspend: OveruseAction { OveruseAction(rawValue: 3) }
}
