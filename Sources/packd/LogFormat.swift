/// How an event is written: one line, for a person or for a machine. A line is opened, gets its
/// fields, and is closed.
enum LogFormat: String, Sendable {
  case text
  case json

  func open(
    _ line: inout LineBuffer, _ time: borrowing LogTime, level: StaticString, _ message: String
  ) {
    if self == .json {
      line.append("{\"time\":\"")
      line.append(time.bytes)
      line.append("\",\"level\":\"")
      line.append(level)
      line.append("\",\"message\":\"")
      line.append(escaping: message)
      line.append("\"")
    } else {
      line.append(time.bytes)
      line.append(" ")
      line.append(level)
      line.append(" ")
      line.append(escaping: message)
    }
  }

  func close(_ line: inout LineBuffer) {
    line.append(self == .json ? "}\n" : "\n")
  }

  private func name(_ line: inout LineBuffer, _ name: UnsafeRawBufferPointer) {
    line.append(self == .json ? ",\"" : " ")
    line.append(escaping: name)
    line.append(self == .json ? "\":" : "=")
  }

  private func name(_ line: inout LineBuffer, _ name: StaticString) {
    self.name(
      &line, UnsafeRawBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  func field(_ line: inout LineBuffer, _ name: StaticString, number: Int64) {
    self.name(&line, name)
    line.append(decimal: number)
  }

  func field(_ line: inout LineBuffer, _ name: StaticString, hexadecimal number: UInt64) {
    self.name(&line, name)
    line.append("\"")
    line.append(hexadecimal: number)
    line.append("\"")
  }

  func field(_ line: inout LineBuffer, _ name: StaticString, bytes: UnsafeRawBufferPointer) {
    self.name(&line, name)
    line.append("\"")
    line.append(escaping: bytes)
    line.append("\"")
  }

  func field(_ line: inout LineBuffer, _ name: StaticString, name value: StaticString) {
    self.name(&line, name)
    line.append("\"")
    line.append(value)
    line.append("\"")
  }

  func field(_ line: inout LineBuffer, _ name: StaticString, _ text: String) {
    self.name(&line, name)
    line.append("\"")
    line.append(escaping: text)
    line.append("\"")
  }

  /// For a name that is known only at run time.
  func field(_ line: inout LineBuffer, key: String, _ text: String) {
    var key = key
    key.withUTF8 { name(&line, UnsafeRawBufferPointer($0)) }
    line.append("\"")
    line.append(escaping: text)
    line.append("\"")
  }
}
