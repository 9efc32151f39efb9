internal import API
internal import Storage
internal import Testing

@testable internal import Services

@Suite("ResourceDraft")
struct ResourceDraftTests {
  private func resource(_ kind: ResourceKind, _ name: String) -> PackageResource {
    var resource = PackageResource()
    resource.kind = kind
    resource.name = name
    return resource
  }

  private var package: HostingPackageRecord {
    var package = HostingPackageRecord.blank()
    package.domainName = "example.com"
    package.extraDomainNames = ["shop.example.org"]
    return package
  }

  /// The name that is kept, or nil where the resource is refused.
  private func kept(_ kind: ResourceKind, _ name: String) -> String? {
    var violations = Violations()
    let draft = ResourceDraft(resource(kind, name), &violations)
    draft?.check(against: package, &violations)
    #expect(draft != nil || !violations.isEmpty)
    #expect(violations.all.allSatisfy { $0.field == "resource.name" })
    return violations.isEmpty ? draft?.name : nil
  }

  @Test("a mailbox is an address at a domain of the package, told apart without case")
  func mailboxes() {
    #expect(kept(.mailbox, "info@example.com") == "info@example.com")
    #expect(kept(.mailbox, "Info+News@Shop.Example.ORG") == "info+news@shop.example.org")
    #expect(kept(.mailbox, "a.b_c-d@example.com") == "a.b_c-d@example.com")
    for name in [
      "info", "@example.com", "info@", "info@other.com", "info@sub.example.com",
      "a b@example.com", "a/b@example.com", ".a@example.com", "a.@example.com",
      "a..b@example.com", "é@example.com", "a@b@example.com", "\u{212a}elvin@example.com",
      String(repeating: "x", count: 65) + "@example.com", "a\u{0}@example.com",
    ] {
      #expect(kept(.mailbox, name) == nil, "\(name)")
    }
    #expect(kept(.mailbox, String(repeating: "x", count: 64) + "@example.com") != nil)
  }

  @Test("a database is a lower-case identifier of at most 63 characters")
  func databases() {
    for name in ["a", "shop_2", "x" + String(repeating: "_", count: 62)] {
      #expect(kept(.database, name) == name)
    }
    for name in [
      "2shop", "_x", "Shop", "shop-2", "shop 2", "é", "x" + String(repeating: "_", count: 63),
      "a\u{0}",
    ] {
      #expect(kept(.database, name) == nil, "\(name)")
    }
  }

  @Test("a certificate is for a domain of the package, or below, or all right below")
  func certificates() {
    #expect(kept(.sslCertificate, "Example.com") == "example.com")
    #expect(kept(.sslCertificate, "*.example.com") == "*.example.com")
    #expect(kept(.sslCertificate, "www.shop.example.org") == "www.shop.example.org")
    for name in [
      "example.org", "*.org", "*", "*.*.example.com", "w*.example.com", "notexample.com", "*.",
    ] {
      #expect(kept(.sslCertificate, name) == nil, "\(name)")
    }
  }

  @Test("a subdomain lies below a domain of the package")
  func subdomains() {
    #expect(kept(.subdomain, "WWW.Example.com") == "www.example.com")
    #expect(kept(.subdomain, "bücher.example.com") == "xn--bcher-kva.example.com")
    for name in ["example.com", "shop.example.org", "example.org", "www.other.com", "www"] {
      #expect(kept(.subdomain, name) == nil, "\(name)")
    }
  }

  @Test("a backup is labelled with any text that shows")
  func backups() {
    #expect(kept(.backup, "Before the move, 1. März") == "Before the move, 1. März")
    #expect(kept(.backup, String(repeating: "é", count: 253)) != nil)
    for name in ["   ", "a\nb", "a\u{0}b", String(repeating: "é", count: 254)] {
      #expect(kept(.backup, name) == nil)
    }
  }

  @Test("names are 1 to 253 characters for every kind, and longer ones are not looked at")
  func lengths() {
    for kind in PackageResourceRecord.Kind.allCases.map({ ResourceKind(rawValue: $0.rawValue) }) {
      #expect(kept(kind, "") == nil)
      #expect(kept(kind, String(repeating: "a", count: 1_000_000)) == nil)
    }
    let labels = Array(repeating: String(repeating: "a", count: 59), count: 4)
    let below = labels.joined(separator: ".") + ".example.com"
    #expect(below.count == 251)
    #expect(kept(.subdomain, below) == below)
    // As a wildcard it is as long as may be, and one more is too long.
    #expect(kept(.sslCertificate, "*." + below) == "*." + below)
    #expect(kept(.sslCertificate, "*.b" + below) == nil)
  }

  @Test("no resource, no kind and an unknown kind are violations of their fields")
  func absent() {
    var violations = Violations()
    #expect(ResourceDraft(nil, &violations) == nil)
    #expect(violations.all.map(\.field) == ["resource"])
    for kind in [ResourceKind.unspecified, ResourceKind(rawValue: 6)] {
      var violations = Violations()
      #expect(ResourceDraft(resource(kind, ""), &violations) == nil)
      #expect(violations.all.map(\.field) == ["resource.kind", "resource.name"])
    }
  }
}
