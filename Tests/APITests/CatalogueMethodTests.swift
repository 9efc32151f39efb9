import API
import Testing

@Suite(.enabled(if: DescriptorSet.protoc != nil, "protoc is not installed"))
struct CatalogueMethodTests {
  let proto: ServiceProto

  init() throws {
    proto = try ServiceProto("packd/v1/catalogue_service.proto")
  }

  @Test("the methods are those of the proto file, in its order")
  func methods() {
    #expect(proto.service == CatalogueMethod.service)
    #expect(proto.methods == CatalogueMethod.allCases.map(\.name))
  }

  @Test("a path is the service and the method")
  func path() {
    #expect(CatalogueMethod.getPlan.path == "/packd.v1.CatalogueService/GetPlan")
  }

  @Test("the roles of each method are those that its comment in the proto file names")
  func audience() throws {
    for method in CatalogueMethod.allCases {
      let roles = try #require(proto.roles(of: method.name), "\(method.name)")
      #expect(method.audience == .roles(roles), "\(method.name)")
      #expect(roles.contains(.admin), "\(method.name)")
    }
  }
}
