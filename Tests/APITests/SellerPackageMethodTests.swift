import API
import Testing

@Suite(.enabled(if: DescriptorSet.protoc != nil, "protoc is not installed"))
struct SellerPackageMethodTests {
  let proto: ServiceProto

  init() throws {
    proto = try ServiceProto("packd/v1/seller_package_service.proto")
  }

  @Test("the methods are those of the proto file, in its order")
  func methods() {
    #expect(proto.service == SellerPackageMethod.service)
    #expect(proto.methods == SellerPackageMethod.allCases.map(\.name))
  }

  @Test("a path is the service and the method")
  func path() {
    #expect(
      SellerPackageMethod.purchasePackage.path == "/packd.v1.SellerPackageService/PurchasePackage")
  }

  @Test("each method is for those whom its comment in the proto file names")
  func audience() throws {
    for method in SellerPackageMethod.allCases {
      let expected: Audience
      switch try #require(proto.callers[method.name], "\(method.name)") {
      case "anyone, also without a token": expected = .anyone
      case "any authenticated user", "Service, or the user themself": expected = .authenticated
      default: expected = .roles(try #require(proto.roles(of: method.name), "\(method.name)"))
      }
      #expect(method.audience == expected, "\(method.name)")
    }
  }
}
