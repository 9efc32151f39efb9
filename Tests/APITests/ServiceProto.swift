import API
import Foundation
import Testing

/// What a proto file of the contract says of its one service: the judge of the enum that names
/// the service's methods by hand.
struct ServiceProto {
  let service: String
  /// In the file's order.
  let methods: [String]
  /// What stands behind "Roles:" in the comment before each method's `rpc`.
  let callers: [String: String]

  /// - Parameter path: below `proto/`.
  init(_ path: String) throws {
    let file = try #require(try DescriptorSet.compile([path]).files.last)
    let found = try #require(file.services.first)
    #expect(file.services.count == 1)
    service = "\(file.package).\(found.simpleName)"
    methods = found.methods.map(\.simpleName)

    let text = try String(
      contentsOf: DescriptorSet.root.appending(path: "proto/\(path)"), encoding: .utf8)
    var callers: [String: String] = [:]
    for match in text.matches(of: /Roles: ([A-Za-z, ]+)\.\n +rpc ([A-Za-z]+)/) {
      callers[String(match.2)] = String(match.1)
    }
    self.callers = callers
  }

  /// Every one of the method's callers, as a role; nil when one is none.
  func roles(of method: String) -> RoleSet? {
    var roles: RoleSet = []
    for caller in callers[method]?.split(separator: ", ") ?? [""] {
      guard let role = Role(rawValue: String(caller)) else { return nil }
      roles.formUnion(RoleSet(role))
    }
    return roles
  }
}
