internal import Testing

@testable internal import Services

@Suite("Texts of packages")
struct PackageTextsTests {
  @Test(
    "knows usernames from others",
    arguments: [
      ("web", true), ("a0_", true), ("a--", true), ("ab", false), ("", false), ("0ab", false),
      ("_ab", false), ("-ab", false), ("Web", false), ("wéb", false), ("we b", false),
      ("web\n", false), ("web\0", false), ("web.site", false),
      (String(repeating: "a", count: 32), true), (String(repeating: "a", count: 33), false),
    ])
  func username(text: String, isValid: Bool) {
    #expect(Username.isValid(text) == isValid)
    var violations = Violations()
    violations.checkUsername("hosting_package.username", text)
    #expect(violations.isEmpty == isValid)
  }

  @Test(
    "counts the characters of a password as code points, and takes all but control characters",
    arguments: [
      (String(repeating: "x", count: 11), false), (String(repeating: "x", count: 12), true),
      (String(repeating: "x", count: 256), true), (String(repeating: "x", count: 257), false),
      (String(repeating: "🙂", count: 256), true), (String(repeating: "🙂", count: 257), false),
      (String(repeating: "e\u{301}", count: 6), true),
      (String(repeating: "e\u{301}", count: 128), true),
      (String(repeating: "e\u{301}", count: 129), false),
      ("            ", true), ("twelve chars\n", false), ("twelve\0chars!", false),
      ("twelve\u{85}chars!", false), ("zero\u{200d}width joiner", true), ("", false),
    ])
  func password(text: String, isValid: Bool) {
    #expect(Password.isValid(text) == isValid)
  }

  @Test("a violation tells nothing of the password")
  func passwordIsNotEchoed() throws {
    var violations = Violations()
    violations.checkPassword("password", "hunter2\n")
    let violation = try #require(violations.all.first)
    #expect(violation.field == "password")
    #expect(violation.description == "must be 12 to 256 characters without control characters")
  }

  @Test(
    "knows document roots from others",
    arguments: [
      ("public_html", true), ("a/b/c", true), ("größe/日本", true), ("a b", true), (".well", true),
      ("...", true), ("a..b", true), ("..a/b", true), ("", false), ("/", false), ("/a", false),
      ("a/", false), ("a//b", false), (".", false), ("..", false), ("a/../b", false),
      ("a/..", false), ("./a", false), ("a/./b", false), ("a\nb", false), ("a\0b", false),
      // A slash with a combining mark is a slash.
      ("a/\u{301}b", true), ("../\u{301}b", false), ("/\u{301}b", false),
      ("a/..\u{301}", true), ("a//\u{301}b", false),
      ("a\u{202e}b", false), (String(repeating: "a", count: 255), true),
      (String(repeating: "a", count: 256), false), (String(repeating: "é", count: 255), true),
    ])
  func documentRoot(text: String, isValid: Bool) {
    #expect(DocumentRoot.isValid(text) == isValid)
  }

  @Test("the root of who names none is a root")
  func standardRoot() {
    #expect(DocumentRoot.standard == "public_html")
    #expect(DocumentRoot.isValid(DocumentRoot.standard))
  }

  @Test(
    "knows PHP versions from others",
    arguments: [
      ("8.3", true), ("7.4", true), ("10.12", true), ("8.0", true), ("8", false), ("8.", false),
      (".3", false), ("8.3.1", false), ("8,3", false), ("v8.3", false), ("08.3", false),
      ("8.03", false), ("8.3 ", false), ("", false), ("123.4", false), ("٨.٣", false),
    ])
  func phpVersion(text: String, isValid: Bool) {
    #expect(PHPVersion.isValid(text) == isValid)
  }
}
