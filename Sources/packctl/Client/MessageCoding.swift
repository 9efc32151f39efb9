internal import API
internal import GRPCCore

/// The daemon's own codecs, as gRPC's client asks for them.
struct WireSerializer<Message: API.Message>: MessageSerializer {
  func serialize<Bytes: GRPCContiguousBytes>(_ message: Message) -> Bytes {
    Bytes(message.encoded())
  }
}

struct WireDeserializer<Message: API.Message>: MessageDeserializer {
  func deserialize<Bytes: GRPCContiguousBytes>(_ bytes: Bytes) throws -> Message {
    do {
      return try bytes.withUnsafeBytes { try Message(decoding: $0) }
    } catch {
      throw RPCError(code: .dataLoss, message: "the answer is none: \(error)")
    }
  }
}
