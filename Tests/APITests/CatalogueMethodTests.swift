import API
import Foundation
import Testing

@Suite struct CatalogueMethodTests {
  @Test(
    "the methods are those of the proto file, in its order",
    .enabled(if: DescriptorSet.protoc != nil, "protoc is not installed"))
  func methods() throws {
    let set = try DescriptorSet.compile(["packd/v1/catalogue_service.proto"])
    let services = set.files.flatMap { file in
      file.services.map { (name: "\(file.package).\($0.simpleName)", methods: $0.methods) }
    }
    let service = try #require(services.first)
    #expect(services.count == 1)
    #expect(service.name == CatalogueMethod.service)
    #expect(service.methods.map(\.simpleName) == CatalogueMethod.allCases.map(\.name))
  }

  @Test("a path is the service and the method")
  func path() {
    #expect(CatalogueMethod.getPlan.path == "/packd.v1.CatalogueService/GetPlan")
  }

  @Test("the roles of each method are those that its comment in the proto file names")
  func audience() throws {
    let proto = try String(
      contentsOf: DescriptorSet.root.appending(path: "proto/packd/v1/catalogue_service.proto"),
      encoding: .utf8)
    var documented: [String: RoleSet] = [:]
    for match in proto.matches(of: /Roles: ([A-Za-z, ]+)\.\n +rpc ([A-Za-z]+)/) {
      let roles = match.1.split(separator: ", ").compactMap { Role(rawValue: String($0)) }
      documented[String(match.2)] = roles.reduce(into: []) { $0.formUnion(RoleSet($1)) }
    }
    for method in CatalogueMethod.allCases {
      let roles = try #require(documented[method.name], "\(method.name)")
      #expect(method.audience == .roles(roles), "\(method.name)")
      #expect(roles.contains(.admin), "\(method.name)")
    }
  }
}
