import API
import Testing

/// The gRPC project's services, whose methods are named by hand.
@Suite(.enabled(if: DescriptorSet.protoc != nil, "protoc is not installed"))
struct StandardServiceTests {
  private func file(_ path: String) throws -> DescriptorSet.File {
    try #require(try DescriptorSet.compile([path]).files.last)
  }

  private func paths(_ file: DescriptorSet.File) -> [String] {
    file.services.flatMap { service in
      service.methods.map { "/\(file.package).\(service.simpleName)/\($0.simpleName)" }
    }
  }

  @Test("the methods of health are those of its proto file")
  func health() throws {
    let file = try file("grpc/health/v1/health.proto")
    #expect(paths(file) == HealthMethod.allCases.map(\.path))
  }

  @Test("reflection's method under each name is that of its proto file")
  func reflection() throws {
    let files = [
      try file("grpc/reflection/v1/reflection.proto"),
      try file("grpc/reflection/v1alpha/reflection.proto"),
    ]
    #expect(files.flatMap(paths) == ReflectionMethod.allCases.map(\.path))
  }

  @Test("reflection's messages are the same on the wire under both names")
  func sameMessages() throws {
    let v1 = try file("grpc/reflection/v1/reflection.proto")
    let v1alpha = try file("grpc/reflection/v1alpha/reflection.proto")
    func withoutVersion(_ messages: [DescriptorSet.MessageType]) -> [DescriptorSet.MessageType] {
      messages.map { message in
        var message = message
        for index in message.fields.indices {
          let name = message.fields[index].typeName
          message.fields[index].typeName = name.split(separator: ".").last.map(String.init) ?? ""
        }
        return message
      }
    }
    #expect(v1.messages.count == 8)
    #expect(withoutVersion(v1.messages) == withoutVersion(v1alpha.messages))
  }

  @Test("a part of an answer that comes in two pieces is one answer")
  func splitOneof() throws {
    let first = ServerReflectionResponse(
      .listServicesResponse(ListServiceResponse(services: ["a.A"])),
      to: ServerReflectionRequest(.listServices("")))
    let second = ServerReflectionResponse(
      .listServicesResponse(ListServiceResponse(services: ["b.B"])),
      to: ServerReflectionRequest(.listServices("")))
    let both = try ServerReflectionResponse(decoding: first.encoded() + second.encoded())
    #expect(both.answer == .listServicesResponse(ListServiceResponse(services: ["a.A", "b.B"])))
    let other = ServerReflectionResponse(
      .errorResponse(ReflectionError(code: 5, message: "gone")),
      to: ServerReflectionRequest(.listServices("")))
    let last = try ServerReflectionResponse(decoding: first.encoded() + other.encoded())
    #expect(last.answer == other.answer)
  }
}
