internal import Glibc

/// What one line of a log says.
struct LogEntry: Equatable {
  /// Since 1970, UTC.
  var seconds: Int64 = 0
  var inBytes: Int64 = 0
  var outBytes: Int64 = 0
}

/// How the lines of a log are read: fixed text and fields by turns, as in nginx's `log_format`.
package struct LogFormat: Sendable {
  private enum Field: Equatable {
    case timeLocal
    case timeISO
    /// Seconds, a dot, and milliseconds.
    case timeSeconds
    case bytesIn
    case bytesOut
    /// Any text that is of no account.
    case text
    /// The same between quotation marks, which only escaped ones are in.
    case quoted
    /// What is left of the line: nothing, or a space and anything.
    case rest
  }

  private enum Part: Equatable {
    case literal([UInt8])
    case field(Field)
  }

  /// What `--format` was, for the state file.
  let text: String
  private let parts: [Part]

  /// nginx's and Apache's combined and common formats, also with a host before them and more
  /// behind.
  static let combined = LogFormat(
    text: "combined",
    parts: [
      .field(.text), .literal(Array(" [".utf8)), .field(.timeLocal), .literal(Array("] \"".utf8)),
      .field(.quoted), .literal(Array("\" ".utf8)), .field(.text), .literal([0x20]),
      .field(.bytesOut), .field(.rest),
    ])

  private init(text: String, parts: [Part]) {
    self.text = text
    self.parts = parts
  }

  /// `combined`, or a format with the variables of nginx's `log_format`.
  package init(_ text: String) throws(Failure) {
    guard text != "combined", text != "common" else {
      self = .combined
      return
    }
    self.init(text: text, parts: try Self.parts(Array(text.utf8)))
    let fields = parts.filter { if case .field = $0 { true } else { false } }
    let times: [Part] = [.field(.timeLocal), .field(.timeISO), .field(.timeSeconds)]
    guard fields.count(where: times.contains) == 1 else {
      throw .usage(
        "--format: expected one of $time_local, $time_iso8601 and $msec in \"\(text)\"")
    }
    for field in [Part.field(.bytesIn), .field(.bytesOut)] {
      guard fields.count(where: { $0 == field }) <= 1 else {
        throw .usage("--format: expected one size of requests and of responses in \"\(text)\"")
      }
    }
  }

  /// Sizes with headers go before those without.
  private static func parts(_ text: [UInt8]) throws(Failure) -> [Part] {
    guard 1...MeasuringLimits.maxFormatBytes ~= text.count, !text.contains(where: { $0 < 0x20 })
    else {
      throw .usage("--format: expected 1 to \(MeasuringLimits.maxFormatBytes) printable bytes")
    }
    let hasBytesSent = names(text).contains("bytes_sent")
    var parts: [Part] = []
    var literal: [UInt8] = []
    var position = 0
    while position < text.count {
      guard text[position] == dollar else {
        literal.append(text[position])
        position += 1
        continue
      }
      let name = name(text[(position + 1)...])
      guard !name.isEmpty else {
        throw .usage("--format: expected the name of a variable behind each $")
      }
      position += 1 + name.utf8.count
      if position < text.count, text[position - name.utf8.count] == brace { position += 2 }
      guard !literal.isEmpty || parts.isEmpty else {
        throw .usage("--format: expected some text between two variables, as before $\(name)")
      }
      let isQuoted = literal.last == quote
      if !literal.isEmpty { parts.append(.literal(literal)) }
      literal = []
      parts.append(.field(field(name, isQuoted: isQuoted, hasBytesSent: hasBytesSent)))
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    return parts
  }

  private static let dollar = UInt8(ascii: "$")
  private static let quote = UInt8(ascii: "\"")
  private static let brace = UInt8(ascii: "{")

  /// `name` or `{name}` at the start of `text`.
  private static func name(_ text: ArraySlice<UInt8>) -> String {
    let inner = text.first == brace ? text.dropFirst() : text
    let name = inner.prefix { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
    if text.first == brace, inner.dropFirst(name.count).first != UInt8(ascii: "}") { return "" }
    return String(decoding: name, as: UTF8.self)
  }

  private static func names(_ text: [UInt8]) -> [String] {
    text.indices.filter { text[$0] == dollar }.map { name(text[($0 + 1)...]) }
  }

  private static func field(_ name: String, isQuoted: Bool, hasBytesSent: Bool) -> Field {
    switch name {
    case "time_local": .timeLocal
    case "time_iso8601": .timeISO
    case "msec": .timeSeconds
    case "request_length": .bytesIn
    case "bytes_sent": .bytesOut
    case "body_bytes_sent" where !hasBytesSent: .bytesOut
    default: isQuoted ? .quoted : .text
    }
  }

  // MARK: Reading a line

  /// What the line says, without its end; nil when it is not of this format.
  func entry(_ line: UnsafeRawBufferPointer) -> LogEntry? {
    var match = Match(line: line, parts: parts, stepsLeft: MeasuringLimits.maxMatchSteps)
    return match.matches(part: 0, at: 0) ? match.entry : nil
  }

  /// One try at a line. Only a field without quotes leaves a choice of where it ends; a client
  /// can put into it (as a user name) what the text behind it looks like, so the other ends are
  /// tried too, within bounds.
  private struct Match {
    let line: UnsafeRawBufferPointer
    let parts: [Part]
    var stepsLeft: Int
    var entry = LogEntry()

    mutating func matches(part index: Int, at start: Int) -> Bool {
      var index = index
      var position = start
      while index < parts.count {
        switch parts[index] {
        case .literal(let literal):
          guard isThere(literal, at: position) else { return false }
          position += literal.count
        case .field(.text):
          guard index + 1 < parts.count, case .literal(let literal) = parts[index + 1] else {
            return true
          }
          return matchesText(upTo: literal, part: index, at: position)
        case .field(.rest):
          return position == line.count || line[position] == 0x20
        case .field(let field):
          guard let end = read(field, at: position) else { return false }
          position = end
        }
        index += 1
      }
      return position == line.count
    }

    private mutating func matchesText(
      upTo literal: [UInt8], part index: Int, at start: Int
    ) -> Bool {
      var position = start
      while let end = find(literal, from: position) {
        if matches(part: index + 2, at: end + literal.count) { return true }
        position = end + 1
      }
      return false
    }

    private func isThere(_ literal: [UInt8], at position: Int) -> Bool {
      guard line.count - position >= literal.count else { return false }
      return line[position..<position + literal.count].elementsEqual(literal)
    }

    private mutating func find(_ literal: [UInt8], from position: Int) -> Int? {
      guard let start = line.baseAddress, let first = literal.first else { return nil }
      var position = position
      while position < line.count, stepsLeft > 0,
        let found = memchr(start + position, Int32(first), line.count - position)
      {
        stepsLeft -= 1
        position = UnsafeRawPointer(found) - start
        if isThere(literal, at: position) { return position }
        position += 1
      }
      return nil
    }

    /// Takes the field that begins there and tells where it ends; nil when it is none.
    private mutating func read(_ field: Field, at position: Int) -> Int? {
      switch field {
      case .timeLocal: readTime(LogTime.localBytes, at: position, LogTime.local)
      case .timeISO: readTime(LogTime.isoBytes, at: position, LogTime.iso)
      case .timeSeconds: readSeconds(at: position)
      case .bytesIn: readSize(\.inBytes, at: position)
      case .bytesOut: readSize(\.outBytes, at: position)
      case .quoted: quotedEnd(at: position)
      case .text, .rest: nil
      }
    }

    private mutating func readTime(
      _ count: Int, at position: Int, _ parse: (UnsafeRawBufferPointer) -> Int64?
    ) -> Int? {
      guard line.count - position >= count else { return nil }
      let text = UnsafeRawBufferPointer(rebasing: line[position..<position + count])
      guard let seconds = parse(text) else { return nil }
      entry.seconds = seconds
      return position + count
    }

    private mutating func readSeconds(at position: Int) -> Int? {
      guard let (seconds, end) = number(at: position, max: Self.maxSeconds),
        end < line.count, line[end] == UInt8(ascii: "."),
        let (_, last) = number(at: end + 1, max: 999)
      else { return nil }
      entry.seconds = seconds
      return last
    }

    /// The last second of the year 9999, the last that a Timestamp has.
    private static let maxSeconds: Int64 = 253_402_300_799

    /// A number, or a minus sign for none.
    private mutating func readSize(
      _ size: WritableKeyPath<LogEntry, Int64>, at position: Int
    ) -> Int? {
      if let (value, end) = number(at: position, max: MeasuringLimits.maxEventBytes) {
        entry[keyPath: size] = value
        return end
      }
      guard position < line.count, line[position] == UInt8(ascii: "-") else { return nil }
      entry[keyPath: size] = 0
      return position + 1
    }

    private func number(at position: Int, max: Int64) -> (Int64, Int)? {
      var value: Int64 = 0
      var end = position
      while end < line.count, 0x30...0x39 ~= line[end] {
        value = value * 10 + Int64(line[end] - 0x30)
        guard value <= max else { return nil }
        end += 1
      }
      return end > position ? (value, end) : nil
    }

    /// Where the next quotation mark without a backslash before it is.
    private func quotedEnd(at start: Int) -> Int? {
      var position = start
      while position < line.count {
        switch line[position] {
        case quote: return position
        case UInt8(ascii: "\\"): position += 2
        default: position += 1
        }
      }
      return nil
    }
  }
}
