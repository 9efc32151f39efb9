internal import Foundation
internal import Glibc

/// Standard output, for data, and standard error, for messages and progress.
enum Console {
  /// A reader that has gone is an error to write to, not the end of the program.
  static func secure() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Data. What standard output refuses is lost: there is nowhere to say so.
  static func print(_ text: String) {
    write(text + "\n", to: STDOUT_FILENO)
  }

  static func say(_ text: String) {
    write("packctl: \(text)\n", to: STDERR_FILENO)
  }

  static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  /// One line of JSON with the keys in their order in the alphabet.
  static func print(json value: some Encodable) {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return }
    print(String(decoding: data, as: UTF8.self))
  }

  /// Names and values, one of each on a line, the values in one column.
  static func print(table: [(name: String, value: String)]) {
    let width = table.reduce(0) { max($0, $1.name.count) } + 2
    for (name, value) in table {
      print(name.padding(toLength: width, withPad: " ", startingAt: 0) + value)
    }
  }
}

/// A line on a terminal that tells how far the work is; nothing anywhere else.
final class Progress {
  private let isShown: Bool
  /// Dimmed, unless NO_COLOR is set (no-color.org).
  private let isDimmed: Bool
  private let clock = ContinuousClock()
  private var last: ContinuousClock.Instant?

  init() {
    let environment = ProcessInfo.processInfo.environment
    isShown = isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb"
    isDimmed = (environment["NO_COLOR"] ?? "").isEmpty
  }

  func show(_ text: @autoclosure () -> String) {
    guard isShown else { return }
    let now = clock.now
    let interval = Duration.milliseconds(ClientLimits.progressIntervalMilliseconds)
    if let last, now - last < interval { return }
    last = now
    let line = isDimmed ? "\u{1b}[2m\(text())\u{1b}[0m" : text()
    Console.write("\r\(line)\u{1b}[K", to: STDERR_FILENO)
  }

  /// Takes the line away, before a message or at the end.
  func clear() {
    guard isShown, last != nil else { return }
    last = nil
    Console.write("\r\u{1b}[K", to: STDERR_FILENO)
  }
}
