extension Unicode.Scalar {
  /// Whether it shows, or is a space: not a control, a separator of lines, or unassigned.
  var isPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    default: true
    }
  }
}

extension String {
  /// As protobuf users count in every language: code points, not what Swift calls characters.
  var characterCount: Int { unicodeScalars.count }
}
