/// The answer to one question of ServerReflectionInfo.
package struct ServerReflectionResponse: Message {
  package static var name: String { "grpc.reflection.v1.ServerReflectionResponse" }

  package enum Answer: Sendable, Equatable {
    case fileDescriptorResponse(FileDescriptorResponse)
    case allExtensionNumbersResponse(ExtensionNumberResponse)
    case listServicesResponse(ListServiceResponse)
    case errorResponse(ReflectionError)
  }

  /// The host of the request.
  package var validHost = ""
  package var originalRequest: ServerReflectionRequest?
  package var answer: Answer?

  package init() {}

  package init(_ answer: Answer, to request: ServerReflectionRequest) {
    validHost = request.host
    originalRequest = request
    self.answer = answer
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): validHost = try reader.string()
      case .length(2): try reader.message(into: &originalRequest)
      case .length(4):
        var part: FileDescriptorResponse?
        if case .fileDescriptorResponse(let value) = answer { (part, answer) = (value, nil) }
        try reader.message(into: &part)
        answer = part.map(Answer.fileDescriptorResponse)
      case .length(5):
        var part: ExtensionNumberResponse?
        if case .allExtensionNumbersResponse(let value) = answer { (part, answer) = (value, nil) }
        try reader.message(into: &part)
        answer = part.map(Answer.allExtensionNumbersResponse)
      case .length(6):
        var part: ListServiceResponse?
        if case .listServicesResponse(let value) = answer { (part, answer) = (value, nil) }
        try reader.message(into: &part)
        answer = part.map(Answer.listServicesResponse)
      case .length(7):
        var part: ReflectionError?
        if case .errorResponse(let value) = answer { (part, answer) = (value, nil) }
        try reader.message(into: &part)
        answer = part.map(Answer.errorResponse)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, validHost)
    sink.message(2, originalRequest)
    switch answer {
    case .fileDescriptorResponse(let value): sink.message(4, value)
    case .allExtensionNumbersResponse(let value): sink.message(5, value)
    case .listServicesResponse(let value): sink.message(6, value)
    case .errorResponse(let value): sink.message(7, value)
    case nil: break
    }
  }
}

/// Files, each one an encoded google.protobuf.FileDescriptorProto.
package struct FileDescriptorResponse: Message {
  package static var name: String { "grpc.reflection.v1.FileDescriptorResponse" }

  package var fileDescriptorProto: [[UInt8]] = []

  package init() {}

  package init(files: [[UInt8]]) {
    fileDescriptorProto = files
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): fileDescriptorProto.append(try reader.bytes())
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    for file in fileDescriptorProto { sink.bytes(1, always: file) }
  }
}

/// The numbers of the extensions of one message.
package struct ExtensionNumberResponse: Message {
  package static var name: String { "grpc.reflection.v1.ExtensionNumberResponse" }

  /// Full name of the message.
  package var baseTypeName = ""
  package var extensionNumber: [Int32] = []

  package init() {}

  package init(baseTypeName: String, extensionNumbers: [Int32]) {
    self.baseTypeName = baseTypeName
    extensionNumber = extensionNumbers
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): baseTypeName = try reader.string()
      case .varint(2): extensionNumber.append(try reader.int32())
      case .length(2):
        try reader.packed(appendingTo: &extensionNumber) { each throws(DecodingError) in
          try each.int32()
        }
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, baseTypeName)
    sink.packed(2, varints: extensionNumber)
  }
}

/// The services of a server.
package struct ListServiceResponse: Message {
  package static var name: String { "grpc.reflection.v1.ListServiceResponse" }

  package var service: [ServiceResponse] = []

  package init() {}

  package init(services: [String]) {
    service = services.map(ServiceResponse.init(fullName:))
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &service)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, service)
  }
}

/// A service of a server.
package struct ServiceResponse: Message {
  package static var name: String { "grpc.reflection.v1.ServiceResponse" }

  /// Full: "packd.v1.CatalogueService".
  package var name = ""

  package init() {}

  package init(fullName: String) {
    name = fullName
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): name = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, name)
  }
}

/// Why a question has no answer: `ErrorResponse` in the proto file.
package struct ReflectionError: Message {
  package static var name: String { "grpc.reflection.v1.ErrorResponse" }

  /// A gRPC status code.
  package var errorCode: Int32 = 0
  package var errorMessage = ""

  package init() {}

  package init(code: Int32, message: String) {
    errorCode = code
    errorMessage = message
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): errorCode = try reader.int32()
      case .length(2): errorMessage = try reader.string()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int32(1, errorCode)
    sink.string(2, errorMessage)
  }
}
