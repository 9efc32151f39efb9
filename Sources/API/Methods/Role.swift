/// What a token's `role` or `roles` claim may name.
package enum Role: String, CaseIterable, Sendable {
  case admin = "Admin"
  case support = "Support"
  case sales = "Sales"
  case stackUser = "StackUser"
  case seller = "Seller"
  case service = "Service"
}

/// A set of roles, one bit each.
package struct RoleSet: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  package init(_ role: Role) {
    switch role {
    case .admin: self = .admin
    case .support: self = .support
    case .sales: self = .sales
    case .stackUser: self = .stackUser
    case .seller: self = .seller
    case .service: self = .service
    }
  }

  package static let admin = RoleSet(rawValue: 1 << 0)
  package static let support = RoleSet(rawValue: 1 << 1)
  package static let sales = RoleSet(rawValue: 1 << 2)
  package static let stackUser = RoleSet(rawValue: 1 << 3)
  package static let seller = RoleSet(rawValue: 1 << 4)
  package static let service = RoleSet(rawValue: 1 << 5)
}
