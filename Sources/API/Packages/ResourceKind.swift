/// What can be attached to a package.
package struct ResourceKind: OpenEnum {
  package var rawValue: Int32

  package init(rawValue: Int32) {
    self.rawValue = rawValue
  }

  /// Not set. Invalid in a resource; in a filter it means any kind.
  package static var unspecified: ResourceKind { ResourceKind(rawValue: 0) }
  /// A mailbox; counts against the plan's email_accounts.
  package static var mailbox: ResourceKind { ResourceKind(rawValue: 1) }
  /// A database; counts against the plan's databases.
  package static var database: ResourceKind { ResourceKind(rawValue: 2) }
  /// A TLS certificate.
  package static var sslCertificate: ResourceKind { ResourceKind(rawValue: 3) }
  /// A backup.
  package static var backup: ResourceKind { ResourceKind(rawValue: 4) }
  /// A subdomain of one of the package's domains.
  package static var subdomain: ResourceKind { ResourceKind(rawValue: 5) }
}
