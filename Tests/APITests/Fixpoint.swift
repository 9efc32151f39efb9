import API

/// What must hold for any bytes at all: a codec refuses them, or what it makes of them is read
/// back as the same message and written again as the same bytes.
enum Fixpoint {
  struct Broken: Error {
    let message: String
  }

  static func check(_ type: any Message.Type, _ bytes: UnsafeRawBufferPointer) throws(Broken) {
    guard let first = try? type.init(decoding: bytes) else { return }
    let written = first.encoded()
    guard written.count == first.encodedSize, let second = try? type.init(decoding: written),
      second.encoded() == written
    else { throw Broken(message: type.name) }
  }
}
