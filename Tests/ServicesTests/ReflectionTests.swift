internal import API
internal import Command
internal import Foundation
internal import GRPC
internal import Testing

@testable internal import Services

@Suite struct ReflectionTests {
  private typealias Answer = ServerReflectionResponse.Answer

  private let service = ReflectionService(
    index: .embedded, services: ["packd.v1.CatalogueService", "grpc.health.v1.Health"])

  private func ask(_ question: ServerReflectionRequest.Question?) -> Answer? {
    var sent: Set<String> = []
    return ask(question, &sent)
  }

  private func ask(
    _ question: ServerReflectionRequest.Question?, _ sent: inout Set<String>
  ) -> Answer? {
    var request = ServerReflectionRequest()
    request.host = "example.org"
    request.question = question
    let response = service.answer(request, sent: &sent)
    #expect(response.validHost == "example.org")
    #expect(response.originalRequest == request)
    return response.answer
  }

  /// The names of the files in an answer, which are at the beginning of each.
  private func names(_ answer: Answer?) -> [String] {
    guard case .fileDescriptorResponse(let files) = answer else { return [] }
    return files.fileDescriptorProto.map { file in
      String(decoding: file.dropFirst(2).prefix(Int(file[1])), as: UTF8.self)
    }
  }

  private func code(_ answer: Answer?) -> Status.Code? {
    guard case .errorResponse(let error) = answer else { return nil }
    #expect(!error.errorMessage.isEmpty)
    return Status.Code(rawValue: error.errorCode)
  }

  @Test("the services are those that are served, in order")
  func services() {
    let expected = ["grpc.health.v1.Health", "packd.v1.CatalogueService"]
    #expect(
      ask(.listServices("*")) == .listServicesResponse(ListServiceResponse(services: expected)))
  }

  @Test("a file comes with all that it needs, itself first, each once")
  func transitive() {
    let names = names(ask(.fileByFilename("packd/v1/catalogue_service.proto")))
    #expect(names.first == "packd/v1/catalogue_service.proto")
    #expect(
      names.dropFirst().sorted() == [
        "google/protobuf/field_mask.proto", "google/protobuf/timestamp.proto",
        "packd/v1/types.proto",
      ])
  }

  @Test("what a stream has carried comes no second time, but for the file that is asked for")
  func sent() {
    var sent: Set<String> = []
    #expect(names(ask(.fileByFilename("packd/v1/types.proto"), &sent)) == ["packd/v1/types.proto"])
    let names = names(ask(.fileByFilename("packd/v1/catalogue_service.proto"), &sent))
    #expect(!names.contains("packd/v1/types.proto"))
    #expect(names.count > 1)
    #expect(
      self.names(ask(.fileByFilename("packd/v1/catalogue_service.proto"), &sent))
        == ["packd/v1/catalogue_service.proto"])
  }

  @Test(
    "whatever has a name is found by it",
    arguments: [
      "packd.v1.CatalogueService", "packd.v1.CatalogueService.GetPlan", "packd.v1.Plan",
      "packd.v1.Plan.code", "packd.v1.GetPlanRequest.plan", "packd.v1.PlanKind",
      "packd.v1.PLAN_KIND_SHARED",
    ])
  func symbols(_ symbol: String) {
    #expect(
      names(ask(.fileContainingSymbol(symbol))).first == "packd/v1/catalogue_service.proto")
  }

  @Test("nested declarations are found within theirs, and an enum's values beside it")
  func nested() {
    let health = "grpc/health/v1/health.proto"
    for symbol in ["HealthCheckResponse.ServingStatus", "HealthCheckResponse.NOT_SERVING"] {
      #expect(names(ask(.fileContainingSymbol("grpc.health.v1." + symbol))) == [health])
    }
    let inEnum = "grpc.health.v1.HealthCheckResponse.ServingStatus.NOT_SERVING"
    #expect(code(ask(.fileContainingSymbol(inEnum))) == .notFound)
  }

  @Test(
    "what has no answer is an error, and says which",
    arguments: [
      .fileByFilename(""), .fileByFilename("packd/v1/none.proto"), .fileContainingSymbol(""),
      .fileContainingSymbol("packd.v1"), .fileContainingSymbol(".packd.v1.Plan"),
      .fileContainingSymbol("packd.v1.CatalogueService/GetPlan"),
      .fileContainingExtension(
        ExtensionRequest(containingType: "packd.v1.Plan", extensionNumber: 1)),
      .fileContainingExtension(ExtensionRequest(containingType: "no", extensionNumber: -1)),
      .allExtensionNumbersOfType("packd.v1.CatalogueService"),
      .allExtensionNumbersOfType("packd.v1.None"),
    ] as [ServerReflectionRequest.Question])
  func unknown(_ question: ServerReflectionRequest.Question) {
    #expect(code(ask(question)) == .notFound)
  }

  @Test("no question is an invalid one")
  func noQuestion() {
    #expect(code(ask(nil)) == .invalidArgument)
  }

  @Test("a message without extensions has none")
  func noExtensions() {
    let expected = ExtensionNumberResponse(baseTypeName: "packd.v1.Plan", extensionNumbers: [])
    #expect(
      ask(.allExtensionNumbersOfType("packd.v1.Plan")) == .allExtensionNumbersResponse(expected))
  }
}

@Suite(.enabled(if: Protoc.path != nil, "protoc is not installed"))
struct DescriptorIndexTests {
  @Test("the embedded descriptors are what protoc makes of proto/ now")
  func drift() throws {
    let proto = Protoc.root.appending(path: "proto")
    let paths = try #require(FileManager.default.subpaths(atPath: proto.path))
    let files = paths.filter { $0.hasSuffix(".proto") }
    let compiled = try Protoc.compile(files.sorted(), in: proto)
    let embedded = EmbeddedDescriptors.files.map { text in
      Base64URL.decode(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    #expect(embedded == compiled, "run scripts/generate-descriptors.sh")
  }

  @Test("extensions are found by what they extend, wherever they are declared")
  func extensions() throws {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "packd-extensions-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try """
    syntax = "proto2";
    message Open { extensions 100 to 200; }
    extend Open { optional int32 here = 100; }
    """.write(to: folder.appending(path: "open.proto"), atomically: false, encoding: .utf8)
    try """
    syntax = "proto2";
    package deep;
    import "open.proto";
    message Outer { extend Open { optional string there = 120; } }
    """.write(to: folder.appending(path: "deep.proto"), atomically: false, encoding: .utf8)
    let index = try DescriptorIndex(
      files: try Protoc.compile(["deep.proto", "open.proto"], in: folder))

    #expect(index.extensionNumbers(of: "Open") == [100, 120])
    #expect(index.file(extending: "Open", number: 100) == "open.proto")
    #expect(index.file(extending: "Open", number: 120) == "deep.proto")
    #expect(index.file(extending: "Open", number: 101) == nil)
    #expect(index.file(declaring: "here") == "open.proto")
    #expect(index.file(declaring: "deep.Outer.there") == "deep.proto")
    #expect(index.extensionNumbers(of: "deep.Outer") == [])
    #expect(index.extensionNumbers(of: "Outer") == nil)
    var sent: Set<String> = []
    #expect(index.files(from: "deep.proto", sent: &sent)?.count == 2)
  }

  @Test("damaged descriptors are refused")
  func damaged() throws {
    let bytes = try #require(DescriptorIndexTests.someFile)
    #expect(throws: DecodingError.self) {
      _ = try DescriptorIndex(files: [Array(bytes.dropLast())])
    }
  }

  private static var someFile: [UInt8]? {
    EmbeddedDescriptors.files.first.flatMap { text in
      Base64URL.decode(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
  }
}

/// The compiler of proto files.
private enum Protoc {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let path = ["/usr/bin/protoc", "/usr/local/bin/protoc"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The descriptor of each of these files and of what they import, encoded.
  static func compile(_ files: [String], in folder: URL) throws -> [[UInt8]] {
    let output = FileManager.default.temporaryDirectory
      .appending(path: "packd-descriptors-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    let options = [
      "--proto_path=\(folder.path)", "--include_imports", "--descriptor_set_out=\(output.path)",
    ]
    _ = try Command(path ?? "", options + files).run()
    // A FileDescriptorSet has the same shape as a FileDescriptorResponse: repeated bytes, 1.
    return try FileDescriptorResponse(decoding: [UInt8](Data(contentsOf: output)))
      .fileDescriptorProto
  }
}
