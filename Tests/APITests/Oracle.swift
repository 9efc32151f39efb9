import API
import ProtobufCOracle

/// libprotobuf-c with protoc-c's code for the same protos.
enum Oracle {
  static var names: [String] {
    (0..<oracle_message_count()).map { String(cString: oracle_message_name($0)) }
  }

  /// The encoding of a random message, the same for the same seed.
  static func random(_ name: String, seed: UInt64) -> [UInt8]? {
    take { oracle_random(name, seed, &$0) }
  }

  /// `bytes` decoded and encoded again, or nil when they are refused.
  static func repack(_ name: String, _ bytes: [UInt8]) -> [UInt8]? {
    take { oracle_repack(name, bytes, bytes.count, &$0) }
  }

  /// The fields of the message in `bytes` as text (see oracle.h).
  static func dump(_ name: String, _ bytes: [UInt8]) -> String? {
    take { oracle_dump(name, bytes, bytes.count, &$0) }.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func take(_ call: (inout oracle_bytes) -> Bool) -> [UInt8]? {
    var bytes = oracle_bytes()
    guard call(&bytes) else { return nil }
    defer { oracle_free(bytes) }
    return [UInt8](UnsafeRawBufferPointer(start: bytes.data, count: bytes.count))
  }
}
