internal import API
internal import GRPC

/// Tells tools without proto files which services, messages and files there are, as the gRPC
/// server reflection protocol has it.
struct ReflectionService: Sendable {
  private let index: DescriptorIndex
  private let services: [String]

  /// - Parameter services: the full names of those that are served.
  init(index: DescriptorIndex, services: [String]) {
    self.index = index
    self.services = services.sorted()
  }

  /// - Parameter sent: the files that this stream has carried; what it now carries is added.
  func answer(
    _ request: ServerReflectionRequest, sent: inout Set<String>
  ) -> ServerReflectionResponse {
    ServerReflectionResponse(answer(request.question, sent: &sent), to: request)
  }

  private func answer(
    _ question: ServerReflectionRequest.Question?, sent: inout Set<String>
  ) -> ServerReflectionResponse.Answer {
    switch question {
    case .fileByFilename(let name):
      return files(name, sent: &sent, orElse: "no such file")
    case .fileContainingSymbol(let symbol):
      return files(index.file(declaring: symbol), sent: &sent, orElse: "no such symbol")
    case .fileContainingExtension(let request):
      let name = index.file(extending: request.containingType, number: request.extensionNumber)
      return files(name, sent: &sent, orElse: "no such extension")
    case .allExtensionNumbersOfType(let type):
      guard let numbers = index.extensionNumbers(of: type) else {
        return error(.notFound, "no such message")
      }
      return .allExtensionNumbersResponse(
        ExtensionNumberResponse(baseTypeName: type, extensionNumbers: numbers))
    case .listServices:
      return .listServicesResponse(ListServiceResponse(services: services))
    case nil:
      return error(.invalidArgument, "expected a question that this server knows")
    }
  }

  private func files(
    _ name: String?, sent: inout Set<String>, orElse message: String
  ) -> ServerReflectionResponse.Answer {
    guard let name, let files = index.files(from: name, sent: &sent) else {
      return error(.notFound, message)
    }
    return .fileDescriptorResponse(FileDescriptorResponse(files: files))
  }

  private func error(
    _ code: Status.Code, _ message: String
  ) -> ServerReflectionResponse.Answer {
    .errorResponse(ReflectionError(code: code.rawValue, message: message))
  }
}
