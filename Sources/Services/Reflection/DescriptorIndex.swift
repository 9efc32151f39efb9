internal import API

/// Files of descriptors and what they declare, found by the names that reflection is asked for.
///
/// Reads of descriptor.proto what names need, and keeps each file's bytes as they are.
struct DescriptorIndex: Sendable {
  private struct File {
    let bytes: [UInt8]
    var name = ""
    var package = ""
    var imports: [String] = []
  }

  private var files: [String: File] = [:]
  /// The file of each declaration, by full name.
  private var symbols: [String: String] = [:]
  /// The files of each message's extensions, by number.
  private var extensions: [String: [Int32: String]] = [:]

  /// What this program was built with.
  static let embedded: DescriptorIndex = {
    let files = EmbeddedDescriptors.files.map { text in
      UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
    guard let index = try? DescriptorIndex(files: files.compactMap { Base64URL.decode($0) }) else {
      preconditionFailure("the embedded descriptors are not what protoc wrote")
    }
    return index
  }()

  /// - Parameter files: encoded google.protobuf.FileDescriptorProtos.
  init(files: [[UInt8]]) throws(DecodingError) {
    for bytes in files { try add(bytes) }
  }

  // MARK: Questions

  var fileNames: [String] { files.keys.sorted() }

  /// The name of the file that declares a message, field, oneof, enum, value, extension, service
  /// or method of this full name.
  func file(declaring symbol: String) -> String? {
    symbols[symbol]
  }

  func file(extending type: String, number: Int32) -> String? {
    extensions[type]?[number]
  }

  /// Empty when `type` has none; nil when there is no such message.
  func extensionNumbers(of type: String) -> [Int32]? {
    extensions[type]?.keys.sorted()
  }

  /// The file of this name and, behind it, all that it needs but what is in `sent`; adds what it
  /// returns there. The file itself always comes, as from grpc-go. Nil when there is none.
  func files(from name: String, sent: inout Set<String>) -> [[UInt8]]? {
    guard let first = files[name] else { return nil }
    sent.insert(name)
    var found = [first]
    var next = 0
    while next < found.count {
      for name in found[next].imports where !sent.contains(name) {
        guard let file = files[name] else { continue }
        sent.insert(name)
        found.append(file)
      }
      next += 1
    }
    return found.map(\.bytes)
  }
}

// MARK: Reading descriptor.proto

extension DescriptorIndex {
  /// The messages of descriptor.proto that declare something; all have their name in field 1.
  private enum Kind {
    case message, enumeration, service
    /// A field, a oneof, a method: it declares nothing within itself.
    case leaf
    /// The value of an enum, whose scope is the enum's own, as in C++.
    case value
    case `extension`

    func part(_ tag: Tag) -> Kind? {
      switch (self, tag) {
      case (.message, .length(2)), (.message, .length(8)): .leaf
      case (.message, .length(3)): .message
      case (.message, .length(4)): .enumeration
      case (.message, .length(6)): .extension
      case (.enumeration, .length(2)): .value
      case (.service, .length(2)): .leaf
      default: nil
      }
    }
  }

  /// FileDescriptorProto.
  private mutating func add(_ bytes: [UInt8]) throws(DecodingError) {
    var file = File(bytes: bytes)
    var declarations: [(Kind, [UInt8])] = []
    try bytes.span.withUnsafeBytes { buffer throws(DecodingError) in
      var reader = WireReader(buffer)
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): file.name = try reader.string()
        case .length(2): file.package = try reader.string()
        case .length(3): file.imports.append(try reader.string())
        case .length(4): declarations.append((.message, try reader.bytes()))
        case .length(5): declarations.append((.enumeration, try reader.bytes()))
        case .length(6): declarations.append((.service, try reader.bytes()))
        case .length(7): declarations.append((.extension, try reader.bytes()))
        default: try reader.skip(tag)
        }
      }
    }
    files[file.name] = file
    for (kind, bytes) in declarations {
      try add(kind, bytes, scope: file.package, file: file.name)
    }
  }

  /// DescriptorProto, FieldDescriptorProto and their like.
  private mutating func add(
    _ kind: Kind, _ bytes: [UInt8], scope: String, file: String
  ) throws(DecodingError) {
    var name = ""
    var extendee = ""
    var number: Int32 = 0
    var parts: [(Kind, [UInt8])] = []
    try bytes.span.withUnsafeBytes { buffer throws(DecodingError) in
      var reader = WireReader(buffer)
      while let tag = try reader.nextTag() {
        switch (kind, tag) {
        case (_, .length(1)): name = try reader.string()
        case (.extension, .length(2)): extendee = try reader.string()
        case (.extension, .varint(3)): number = try reader.int32()
        default:
          if let part = kind.part(tag) {
            parts.append((part, try reader.bytes()))
          } else {
            try reader.skip(tag)
          }
        }
      }
    }
    let fullName = scope.isEmpty ? name : "\(scope).\(name)"
    symbols[fullName] = file
    if kind == .message, extensions[fullName] == nil { extensions[fullName] = [:] }
    // A full name, which protoc marks with a leading dot.
    if kind == .extension { extensions[String(extendee.dropFirst()), default: [:]][number] = file }
    for (part, bytes) in parts {
      try add(part, bytes, scope: part == .value ? scope : fullName, file: file)
    }
  }
}
