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

  /// Counts no further than it must: a text may be as long as a message.
  func hasAtMost(_ characters: Int) -> Bool {
    // A code point takes at most 4 bytes, and how many bytes there are is known.
    utf8.count <= characters * 4 && characterCount <= characters
  }

  /// For an error that tells a client what it sent: cut, and with nothing that does not show.
  var quoted: String {
    var text = String.UnicodeScalarView()
    for scalar in unicodeScalars.prefix(Limits.maxQuotedCharacters) {
      text.append(scalar.isPrintable ? scalar : "\u{fffd}")
    }
    return "\"\(String(text))\(hasAtMost(Limits.maxQuotedCharacters) ? "" : "…")\""
  }

  /// As much of it as an error repeats, without anything that does not show.
  var cut: String { String(quoted.dropFirst().dropLast()) }
}
