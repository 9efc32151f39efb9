/// Names of domains, as packages have them: lower-case, with A-labels.
enum DomainName {
  /// Why a text is no domain name, for a person: "must …".
  struct Fault: Error, Equatable {
    let description: String

    init(_ description: String) {
      self.description = description
    }
  }

  /// The form in which a name is kept and compared; giving it that again changes nothing.
  /// Nothing is trimmed. Dots are those that UTS #46 knows.
  static func normalized(_ text: String) throws(Fault) -> String {
    let most = Limits.maxDomainNameCharacters
    guard !text.isEmpty else { throw Fault("must be 1 to \(most) characters") }
    // An A-label has more characters than what it stands for, but for those that mean nothing.
    guard text.hasAtMost(most) else { throw Fault("must be at most \(most) characters") }
    var labels: [String] = []
    for part in text.unicodeScalars.split(
      omittingEmptySubsequences: false, whereSeparator: isDot)
    {
      labels.append(try normalizedLabel(String(part)))
    }
    guard let last = labels.last, labels.count >= 2 else {
      throw Fault("must have two labels at least, such as \"example.com\"")
    }
    guard !isNumber(last) else { throw Fault("must be a domain name, not an IP address") }
    let name = labels.joined(separator: ".")
    guard name.utf8.count <= most else {
      throw Fault("must be at most \(most) characters with its labels as A-labels")
    }
    return name
  }

  private static func isDot(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ".", "\u{3002}", "\u{ff0e}", "\u{ff61}": true
    default: false
    }
  }

  private static func normalizedLabel(_ label: String) throws(Fault) -> String {
    // Before a C library sees it: it would read a NUL as the end.
    for byte in label.utf8 where byte < 0x80 {
      guard isAlphanumeric(byte) || byte == hyphen else { throw disallowed(in: label) }
    }
    var result = label.lowercased()
    if !label.utf8.allSatisfy({ $0 < 0x80 }) { result = try aLabel(of: label) }
    guard !result.isEmpty else {
      throw Fault("must have no empty label: no dot at the beginning or end, nor two in a row")
    }
    guard result.utf8.count <= Limits.maxDomainLabelCharacters else {
      throw Fault(
        "must have labels of at most \(Limits.maxDomainLabelCharacters) characters; "
          + "\(label.quoted) has \(result.utf8.count)")
    }
    guard result.utf8.allSatisfy({ isLowerAlphanumeric($0) || $0 == hyphen }) else {
      throw disallowed(in: label)
    }
    guard result.utf8.first != hyphen, result.utf8.last != hyphen else {
      throw Fault("must have labels without a hyphen at either end; \(label.quoted) has one")
    }
    // Whoever writes an A-label says that it stands for something.
    if result.hasPrefix("xn--") {
      guard try aLabel(of: result) == result else {
        throw Fault("must have valid labels; \(label.quoted) is no valid A-label")
      }
    }
    return result
  }

  private static func aLabel(of label: String) throws(Fault) -> String {
    do { return try IDNA.aLabel(of: label) } catch {
      switch error {
      case .tooLong:
        throw Fault(
          "must have labels of at most \(Limits.maxDomainLabelCharacters) characters; "
            + "\(label.quoted) has more as an A-label")
      case .invalid(let reason):
        throw Fault("must have valid labels; \(label.quoted) \(reason)")
      }
    }
  }

  private static func disallowed(in label: String) -> Fault {
    Fault("must have labels of letters, digits and hyphens only; \(label.quoted) has more")
  }

  /// Where the last label is one, others read the name as an IPv4 address: "1.2.3.4", "1.0x7f".
  private static func isNumber(_ label: String) -> Bool {
    let digits = label.utf8.allSatisfy(isDigit)
    let isHexadecimal =
      label.hasPrefix("0x")
      && label.utf8.dropFirst(2).allSatisfy {
        isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
    return digits || isHexadecimal
  }

  private static let hyphen = UInt8(ascii: "-")

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    isLowerAlphanumeric(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
  }

  private static func isLowerAlphanumeric(_ byte: UInt8) -> Bool {
    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension Violations {
  /// The name in its kept form; nil when it is none, which is a violation of `field`.
  mutating func domainName(_ field: String, _ text: String) -> String? {
    do { return try DomainName.normalized(text) } catch {
      add(field, error.description)
      return nil
    }
  }
}
