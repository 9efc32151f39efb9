import API
import Testing

@Suite struct RoleTests {
  @Test("each role is a bit of its own")
  func bits() {
    let all = Role.allCases.reduce(into: RoleSet()) { $0.formUnion(RoleSet($1)) }
    #expect(all.rawValue.nonzeroBitCount == Role.allCases.count)
  }

  @Test("a role is spelled as in the token's claim")
  func claims() {
    #expect(
      Role.allCases.map(\.rawValue)
        == ["Admin", "Support", "Sales", "StackUser", "Seller", "Service"])
    #expect(Role(rawValue: "admin") == nil)
  }
}
