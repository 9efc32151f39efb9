/// The codes of plans: slugs, 1 to 64 of a-z, 0-9 and hyphen, from a letter on: "plans/7" is a
/// plan by its id, and by nothing else.
enum PlanCode {
  static func isValid(_ code: String) -> Bool {
    (1...Limits.maxPlanCodeCharacters).contains(code.utf8.count)
      && code.utf8.allSatisfy(isSlug) && code.utf8.first.map(isLetter) == true
  }

  /// The code that a name gives: lower-case, Latin letters without their marks, a hyphen for
  /// each run of anything else, and "plan-" before a digit. Empty when the name has nothing to
  /// make it of.
  static func made(from name: String) -> String {
    var slug: [UInt8] = []
    var isGap = false
    for scalar in name.unicodeScalars {
      let folded = fold(scalar)
      // A combining mark belongs to the letter before it.
      if folded.isEmpty && scalar.properties.generalCategory == .nonspacingMark { continue }
      guard !folded.isEmpty else {
        isGap = true
        continue
      }
      if isGap && !slug.isEmpty { slug.append(UInt8(ascii: "-")) }
      isGap = false
      slug += folded
    }
    if let first = slug.first, !isLetter(first) { slug = Array("plan-".utf8) + slug }
    slug = Array(slug.prefix(Limits.maxPlanCodeCharacters))
    while slug.last == UInt8(ascii: "-") { slug.removeLast() }
    return String(decoding: slug, as: UTF8.self)
  }

  private static func isSlug(_ byte: UInt8) -> Bool {
    isAlphanumeric(byte) || byte == UInt8(ascii: "-")
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  /// The letters and digits that stand for a scalar, or none.
  private static func fold(_ scalar: Unicode.Scalar) -> [UInt8] {
    let lower = scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar
    if lower.isASCII {
      let byte = UInt8(truncatingIfNeeded: lower.value)
      return isAlphanumeric(byte) ? [byte] : []
    }
    return latin[lower].map { Array($0.utf8) } ?? []
  }

  /// The lower-case letters of Latin-1 and Latin Extended-A, by what ASCII writes for them.
  private static let latin: [Unicode.Scalar: String] = {
    let groups = [
      ("a", "àáâãäåāăą"), ("ae", "æ"), ("c", "çćĉċč"), ("d", "ðďđ"), ("e", "èéêëēĕėęě"),
      ("g", "ĝğġģ"), ("h", "ĥħ"), ("i", "ìíîïĩīĭįı"), ("ij", "ĳ"), ("j", "ĵ"), ("k", "ķĸ"),
      ("l", "ĺļľŀł"), ("n", "ñńņňŉŋ"), ("o", "òóôõöøōŏő"), ("oe", "œ"), ("r", "ŕŗř"),
      ("s", "śŝşšſ"), ("ss", "ß"), ("t", "ţťŧ"), ("th", "þ"), ("u", "ùúûüũūŭůűų"), ("w", "ŵ"),
      ("y", "ýÿŷ"), ("z", "źżž"),
    ]
    return groups.reduce(into: [:]) { table, group in
      for scalar in group.1.unicodeScalars { table[scalar] = group.0 }
    }
  }()
}
