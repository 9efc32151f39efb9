/// File names as text. A name is any bytes; a path in a scan is UTF-8.
package enum PathText {
  /// `name` as it is where it is UTF-8 without control characters. Any other byte becomes %XX; a
  /// per cent sign becomes %25 where it would else read as such an escape, so that two names
  /// never get one text.
  package static func escaped(_ name: some Collection<UInt8>) -> String {
    if name.allSatisfy({ 0x20..<0x7f ~= $0 && $0 != percent }) {
      return String(decoding: name, as: UTF8.self)
    }
    let name = Array(name)
    var result: [UInt8] = []
    var position = 0
    var bytes = name.makeIterator()
    var parser = Unicode.UTF8.ForwardParser()
    while true {
      switch parser.parseScalar(from: &bytes) {
      case .emptyInput: return String(decoding: result, as: UTF8.self)
      case .error(let length):
        for byte in name[position..<position + length] { append(escape: byte, to: &result) }
        position += length
      case .valid(let scalar):
        let end = position + scalar.count
        let isEscape = name[position] == percent && startsEscape(name[end...])
        if isControl(Unicode.UTF8.decode(scalar)) || isEscape {
          for byte in scalar { append(escape: byte, to: &result) }
        } else {
          result.append(contentsOf: scalar)
        }
        position = end
      }
    }
  }

  private static let percent = UInt8(ascii: "%")
  private static let digits = Array("0123456789ABCDEF".utf8)

  private static func append(escape byte: UInt8, to result: inout [UInt8]) {
    result.append(percent)
    result.append(digits[Int(byte >> 4)])
    result.append(digits[Int(byte & 15)])
  }

  private static func startsEscape(_ rest: ArraySlice<UInt8>) -> Bool {
    rest.count >= 2 && rest.prefix(2).allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
  }

  /// C0, DEL and C1: they would also do things to a terminal.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || 0x7f..<0xa0 ~= scalar.value
  }
}
