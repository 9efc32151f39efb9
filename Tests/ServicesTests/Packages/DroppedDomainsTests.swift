internal import Storage
internal import StorageContract
internal import Testing

@testable internal import Services

@Suite("DroppedDomains")
struct DroppedDomainsTests {
  private func dropped(_ before: [String], _ after: [String]) -> DroppedDomains {
    func package(_ domains: [String]) -> HostingPackageRecord {
      var package = Sample.hostingPackage(1)
      package.domainName = domains[0]
      package.extraDomainNames = Array(domains.dropFirst())
      return package
    }
    return DroppedDomains(from: package(before), to: package(after))
  }

  @Test("what lies in a dropped domain, and in none that stays, is orphaned")
  func orphaned() {
    let domains = dropped(
      ["site.example", "old.example", "deep.site.example"], ["site.example", "x.old.example"])
    let cases: [(PackageResourceRecord.Kind, String, Bool)] = [
      (.mailbox, "a@old.example", true), (.mailbox, "a@site.example", false),
      // Mailboxes are at a domain, never below one.
      (.mailbox, "a@deep.site.example", true), (.mailbox, "a@b.old.example", false),
      (.sslCertificate, "old.example", true), (.sslCertificate, "*.old.example", true),
      (.sslCertificate, "a.b.old.example", true), (.sslCertificate, "*.a.old.example", true),
      (.sslCertificate, "x.old.example", false), (.sslCertificate, "*.x.old.example", false),
      (.sslCertificate, "deep.site.example", false), (.sslCertificate, "notold.example", false),
      (.subdomain, "a.old.example", true), (.subdomain, "a.b.old.example", true),
      // It has become a domain of its own, and lies in none any more.
      (.subdomain, "x.old.example", true), (.subdomain, "a.x.old.example", false),
      (.subdomain, "deep.site.example", false), (.subdomain, "a.deep.site.example", false),
      (.subdomain, "other.example", false), (.subdomain, "", false),
      (.database, "old.example", false), (.backup, "a@old.example", false),
    ]
    for (kind, name, isOrphaned) in cases {
      #expect(domains.isOrphaned(kind, name) == isOrphaned, "\(kind) \(name)")
    }
  }
}
