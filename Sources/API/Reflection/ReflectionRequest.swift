/// One question of ServerReflectionInfo.
package struct ServerReflectionRequest: Message {
  package static var name: String { "grpc.reflection.v1.ServerReflectionRequest" }

  package enum Question: Sendable, Equatable {
    case fileByFilename(String)
    /// By full name, without a leading dot.
    case fileContainingSymbol(String)
    case fileContainingExtension(ExtensionRequest)
    /// By the full name of the type that is extended.
    case allExtensionNumbersOfType(String)
    /// The value does not matter.
    case listServices(String)
  }

  package var host = ""
  package var question: Question?

  package init() {}

  package init(_ question: Question, host: String = "") {
    self.question = question
    self.host = host
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): host = try reader.string()
      case .length(3): question = .fileByFilename(try reader.string())
      case .length(4): question = .fileContainingSymbol(try reader.string())
      case .length(5):
        var part: ExtensionRequest?
        if case .fileContainingExtension(let value) = question { (part, question) = (value, nil) }
        try reader.message(into: &part)
        question = part.map(Question.fileContainingExtension)
      case .length(6): question = .allExtensionNumbersOfType(try reader.string())
      case .length(7): question = .listServices(try reader.string())
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, host)
    switch question {
    case .fileByFilename(let name): sink.string(3, always: name)
    case .fileContainingSymbol(let name): sink.string(4, always: name)
    case .fileContainingExtension(let request): sink.message(5, request)
    case .allExtensionNumbersOfType(let name): sink.string(6, always: name)
    case .listServices(let value): sink.string(7, always: value)
    case nil: break
    }
  }
}

/// An extension, named by what it extends.
package struct ExtensionRequest: Message {
  package static var name: String { "grpc.reflection.v1.ExtensionRequest" }

  package var containingType = ""
  package var extensionNumber: Int32 = 0

  package init() {}

  package init(containingType: String, extensionNumber: Int32) {
    self.containingType = containingType
    self.extensionNumber = extensionNumber
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): containingType = try reader.string()
      case .varint(2): extensionNumber = try reader.int32()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, containingType)
    sink.int32(2, extensionNumber)
  }
}
