import API
import Foundation
import Testing

/// What a proto file of the contract says of its one service: the judge of the enum that names
/// the service's methods by hand.
struct ServiceProto {
  let service: String
  /// In the file's order.
  let methods: [String]
  /// By method, from the comment before its `rpc`.
  let roles: [String: RoleSet]

  /// - Parameter path: below `proto/`.
  init(_ path: String) throws {
    let file = try #require(try DescriptorSet.compile([path]).files.last)
    let found = try #require(file.services.first)
    #expect(file.services.count == 1)
    service = "\(file.package).\(found.simpleName)"
    methods = found.methods.map(\.simpleName)

    let text = try String(
      contentsOf: DescriptorSet.root.appending(path: "proto/\(path)"), encoding: .utf8)
    var roles: [String: RoleSet] = [:]
    for match in text.matches(of: /Roles: ([A-Za-z, ]+)\.\n +rpc ([A-Za-z]+)/) {
      let named = match.1.split(separator: ", ").compactMap { Role(rawValue: String($0)) }
      roles[String(match.2)] = named.reduce(into: []) { $0.formUnion(RoleSet($1)) }
    }
    self.roles = roles
  }
}
