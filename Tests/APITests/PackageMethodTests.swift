import API
import Testing

@Suite(.enabled(if: DescriptorSet.protoc != nil, "protoc is not installed"))
struct PackageMethodTests {
  let proto: ServiceProto

  init() throws {
    proto = try ServiceProto("packd/v1/package_service.proto")
  }

  @Test("the methods are those of the proto file, in its order")
  func methods() {
    #expect(proto.service == PackageMethod.service)
    #expect(proto.methods == PackageMethod.allCases.map(\.name))
  }

  @Test("a path is the service and the method")
  func path() {
    #expect(PackageMethod.getPackage.path == "/packd.v1.PackageService/GetPackage")
  }

  @Test("the roles of each method are those that its comment in the proto file names")
  func audience() throws {
    for method in PackageMethod.allCases {
      let roles = try #require(proto.roles(of: method.name), "\(method.name)")
      #expect(method.audience == .roles(roles), "\(method.name)")
    }
  }

  @Test("only a service verifies passwords, and an administrator may all else")
  func administrator() {
    for method in PackageMethod.allCases {
      guard case .roles(let roles) = method.audience else {
        Issue.record("\(method.name) is open to callers without a role")
        continue
      }
      #expect(roles.contains(.admin) == (method != .verifyCredentials), "\(method.name)")
      #expect(!roles.contains(.seller), "\(method.name)")
    }
  }
}
