import API
import Command
import Foundation

/// What protoc makes of the proto files: the parts of google.protobuf.FileDescriptorSet
/// (descriptor.proto) that the tests read. They are never written.
struct DescriptorSet: ReadOnlyMessage {
  var files: [File] = []

  mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &files)
      default: try reader.skip(tag)
      }
    }
  }

  struct File: ReadOnlyMessage {
    var package = ""
    var messages: [MessageType] = []
    var services: [Service] = []

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(2): package = try reader.string()
        case .length(4): try reader.message(appendingTo: &messages)
        case .length(6): try reader.message(appendingTo: &services)
        default: try reader.skip(tag)
        }
      }
    }
  }

  struct MessageType: ReadOnlyMessage {
    var simpleName = ""
    var fields: [Field] = []
    var nested: [MessageType] = []
    var options: Options?

    var isMapEntry: Bool { options?.flag ?? false }

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): simpleName = try reader.string()
        case .length(2): try reader.message(appendingTo: &fields)
        case .length(3): try reader.message(appendingTo: &nested)
        case .length(7): try reader.message(into: &options)
        default: try reader.skip(tag)
        }
      }
    }
  }

  struct Field: ReadOnlyMessage {
    var fieldName = ""
    var number: UInt32 = 0
    var label: Int32 = 0
    /// FieldDescriptorProto.Type.
    var type: Int32 = 0
    var typeName = ""
    var oneof: Int32?
    var options: Options?

    var isRepeated: Bool { label == 3 }
    /// Every number but strings, bytes and messages is packed unless its options say otherwise.
    var isPacked: Bool { isRepeated && ![9, 11, 12].contains(type) && options?.packed != false }

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): fieldName = try reader.string()
        case .varint(3): number = try reader.uint32()
        case .varint(4): label = try reader.int32()
        case .varint(5): type = try reader.int32()
        case .length(6): typeName = try reader.string()
        case .length(8): try reader.message(into: &options)
        case .varint(9): oneof = try reader.int32()
        default: try reader.skip(tag)
        }
      }
    }
  }

  /// `FieldOptions.packed` and `MessageOptions.map_entry`.
  struct Options: ReadOnlyMessage {
    var packed: Bool?
    var flag = false

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .varint(2): packed = try reader.bool()
        case .varint(7): flag = try reader.bool()
        default: try reader.skip(tag)
        }
      }
    }
  }

  struct Service: ReadOnlyMessage {
    var simpleName = ""
    var methods: [Method] = []

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): simpleName = try reader.string()
        case .length(2): try reader.message(appendingTo: &methods)
        default: try reader.skip(tag)
        }
      }
    }
  }

  struct Method: ReadOnlyMessage {
    var simpleName = ""

    mutating func merge(from reader: inout WireReader) throws(DecodingError) {
      while let tag = try reader.nextTag() {
        switch tag {
        case .length(1): simpleName = try reader.string()
        default: try reader.skip(tag)
        }
      }
    }
  }
}

/// A message that is only ever read.
protocol ReadOnlyMessage: Message {}

extension ReadOnlyMessage {
  static var name: String { "\(Self.self)" }

  func write<Sink: WireSink>(to sink: inout Sink) {}
}

extension DescriptorSet {
  /// The repository's root.
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Where protoc is, if it is installed.
  static let protoc = ["/usr/bin/protoc", "/usr/local/bin/protoc"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// The descriptors of these files and of what they import, compiled now.
  static func compile(_ files: [String]) throws -> DescriptorSet {
    let output = FileManager.default.temporaryDirectory
      .appending(path: "packd-descriptors-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    let options = [
      "--proto_path=\(root.appending(path: "proto").path)",
      "--proto_path=\(root.appending(path: "Tests/APITests").path)",
      "--include_imports", "--descriptor_set_out=\(output.path)",
    ]
    _ = try Command(protoc ?? "", options + files).run()
    return try DescriptorSet(decoding: [UInt8](Data(contentsOf: output)))
  }
}
