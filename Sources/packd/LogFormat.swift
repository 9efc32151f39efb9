internal import CoreFoundation
internal import Glibc
internal import Logging

/// How an event is written: one line, for a person or for a machine.
enum LogFormat: String, Sendable {
  case text
  case json

  /// A line with its line feed. `fields` come in the order given; a number goes unquoted.
  func line(
    time: LogTime, level: StaticString, message: String, into line: inout [UInt8],
    _ fields: (inout LogFields) -> Void
  ) {
    if self == .json {
      line.append("{\"time\":\"")
      line += time.bytes
      line.append("\",\"level\":\"")
      line.append(level)
      line.append("\",\"message\":\"")
      line.append(escaping: message)
      line.append("\"")
    } else {
      line += time.bytes
      line.append(" ")
      line.append(level)
      line.append(" ")
      line.append(escaping: message)
    }
    var writer = LogFields(format: self, line: line)
    line = []
    fields(&writer)
    line = writer.line
    line.append(self == .json ? "}\n" : "\n")
  }
}

/// The names and values of one log line.
struct LogFields {
  private let format: LogFormat
  fileprivate var line: [UInt8]

  fileprivate init(format: LogFormat, line: consuming [UInt8]) {
    self.format = format
    self.line = line
  }

  private mutating func name(_ name: StaticString) {
    self.name(UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
  }

  private mutating func name(_ name: UnsafeBufferPointer<UInt8>) {
    if format == .json {
      line.append(",\"")
      line += name
      line.append("\":")
    } else {
      line.append(" ")
      line += name
      line.append("=")
    }
  }

  mutating func add(_ name: StaticString, number: Int64) {
    self.name(name)
    line.append(decimal: number)
  }

  /// 16 digits, as `GRPC.hexadecimal(_:)` writes a call's id.
  mutating func add(_ name: StaticString, hexadecimal number: UInt64) {
    self.name(name)
    line.append("\"")
    for shift in stride(from: UInt64(60), through: 0, by: -4) {
      line.append(hexadecimalDigit: UInt8(truncatingIfNeeded: number >> shift) & 15)
    }
    line.append("\"")
  }

  mutating func add(_ name: StaticString, _ text: String) {
    var text = text
    text.withUTF8 { add(name, bytes: UnsafeRawBufferPointer($0)) }
  }

  /// For a name that is known only at run time.
  mutating func add(key: String, _ text: String) {
    var key = key
    key.withUTF8 { name($0) }
    line.append("\"")
    line.append(escaping: text)
    line.append("\"")
  }

  mutating func add(_ name: StaticString, bytes: UnsafeRawBufferPointer) {
    self.name(name)
    line.append("\"")
    for byte in bytes { line.append(escaping: byte) }
    line.append("\"")
  }
}

extension [UInt8] {
  mutating func append(_ text: StaticString) {
    append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  fileprivate mutating func append(decimal number: Int64) {
    if number < 0 { append(UInt8(ascii: "-")) }
    let start = count
    var rest = number.magnitude
    repeat {
      append(UInt8(ascii: "0") + UInt8(rest % 10))
      rest /= 10
    } while rest > 0
    self[start...].reverse()
  }

  fileprivate mutating func append(hexadecimalDigit digit: UInt8) {
    append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
  }

  fileprivate mutating func append(escaping text: String) {
    for byte in text.utf8 { append(escaping: byte) }
  }

  /// RFC 8259 section 7; bytes above ASCII are left to be read as UTF-8.
  fileprivate mutating func append(escaping byte: UInt8) {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"):
      append(UInt8(ascii: "\\"))
      append(byte)
    case 0..<0x20, 0x7f:
      append("\\u00")
      append(hexadecimalDigit: byte >> 4)
      append(hexadecimalDigit: byte & 15)
    default: append(byte)
    }
  }
}

/// The wall clock as a log line has it: RFC 3339, UTC, milliseconds.
struct LogTime {
  fileprivate(set) var bytes: [UInt8] = Array("1970-01-01T00:00:00.000Z".utf8)
  private var second: time_t = -1

  /// Sets it to now; within one second only the milliseconds are written anew.
  mutating func update() {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    if now.tv_sec != second {
      second = now.tv_sec
      var parts = tm()
      gmtime_r(&second, &parts)
      put(Int(parts.tm_year) + 1900, digits: 4, at: 0)
      put(Int(parts.tm_mon) + 1, digits: 2, at: 5)
      put(Int(parts.tm_mday), digits: 2, at: 8)
      put(Int(parts.tm_hour), digits: 2, at: 11)
      put(Int(parts.tm_min), digits: 2, at: 14)
      put(Int(parts.tm_sec), digits: 2, at: 17)
    }
    put(now.tv_nsec / 1_000_000, digits: 3, at: 20)
  }

  private mutating func put(_ number: Int, digits: Int, at start: Int) {
    var rest = number
    for index in (start..<start + digits).reversed() {
      bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }
}
