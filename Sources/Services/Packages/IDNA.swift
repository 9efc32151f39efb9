internal import CIDN2

/// Internationalized labels of domain names as libidn2 knows them: IDNA2008 (RFC 5891) with the
/// mapping of UTS #46, not the transitional one.
enum IDNA {
  enum Failure: Error, Equatable {
    /// As an A-label it has more than 63 characters.
    case tooLong
    /// Why not, in few words, for a person.
    case invalid(String)
  }

  /// The A-label of one label of a name, or what it is mapped to when that is ASCII; of an
  /// A-label itself, when it is valid. What libidn2 lets through of ASCII must still be judged.
  static func aLabel(of label: String) throws(Failure) -> String {
    var result: UnsafeMutablePointer<UInt8>?
    // Not IDN2_USE_STD3_ASCII_RULES: that leaves out what it does not allow, without a word.
    let flags = Int32(IDN2_NONTRANSITIONAL.rawValue | IDN2_NFC_INPUT.rawValue)
    let code = idn2_lookup_u8(label, &result, flags)
    defer { idn2_free(result) }
    guard code == IDN2_OK.rawValue, let result else { throw failure(code) }
    return String(cString: result)
  }

  private static func failure(_ code: Int32) -> Failure {
    switch code {
    case IDN2_TOO_BIG_LABEL.rawValue, IDN2_TOO_BIG_DOMAIN.rawValue,
      IDN2_PUNYCODE_BIG_OUTPUT.rawValue:
      .tooLong
    case IDN2_PUNYCODE_BAD_INPUT.rawValue, IDN2_PUNYCODE_OVERFLOW.rawValue,
      IDN2_INVALID_ALABEL.rawValue, IDN2_UALABEL_MISMATCH.rawValue,
      IDN2_ALABEL_ROUNDTRIP_FAILED.rawValue:
      .invalid("is no valid A-label")
    case IDN2_2HYPHEN.rawValue: .invalid("has hyphens as its third and fourth character")
    case IDN2_HYPHEN_STARTEND.rawValue: .invalid("begins or ends with a hyphen")
    case IDN2_LEADING_COMBINING.rawValue: .invalid("begins with a combining mark")
    case IDN2_CONTEXTJ.rawValue, IDN2_CONTEXTJ_NO_RULE.rawValue, IDN2_CONTEXTO.rawValue,
      IDN2_CONTEXTO_NO_RULE.rawValue:
      .invalid("has a character that is not allowed beside its neighbours")
    case IDN2_BIDI.rawValue: .invalid("mixes directions of writing")
    default: .invalid("has a character that IDNA does not allow")
    }
  }
}
