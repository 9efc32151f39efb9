internal import Foundation
internal import Yams

/// Looks settings up: a flag, else `PACKD_…` in the environment, else the configuration file.
/// Every error names the place that the value came from and says what is expected there.
struct SettingSource {
  private let environment: [String: String]
  private let file: [String: [String]]
  /// The file's; nil when there is none.
  let path: String?
  private var asked: Set<String> = []

  /// - Parameter path: a YAML file: one mapping of setting names to scalars or lists of them.
  init(path: String?, environment: [String: String]) throws {
    self.environment = environment
    self.path = path ?? environment[Self.variable("config")]
    self.file = try self.path.map(Self.load) ?? [:]
  }

  private static func load(_ path: String) throws -> [String: [String]] {
    guard let data = FileManager.default.contents(atPath: path),
      let text = String(data: data, encoding: .utf8)
    else { throw StartupError.usage("--config: cannot read \(path)") }
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw StartupError.usage("--config: \(path) is not YAML: \(error)")
    }
    guard let node else { return [:] }
    guard let mapping = node.mapping else {
      throw StartupError.usage("--config: \(path): expected a mapping of settings to values")
    }
    var values: [String: [String]] = [:]
    for (key, value) in mapping {
      guard let name = key.string, let texts = texts(value) else {
        throw StartupError.usage(
          "--config: \(path): \(key.string ?? "a key"): expected a value or a list of values")
      }
      values[name] = texts
    }
    return values
  }

  private static func texts(_ node: Node) -> [String]? {
    if let scalar = node.scalar { return [scalar.string] }
    let items = node.sequence.map { $0.map { $0.scalar?.string } } ?? []
    return items.isEmpty || items.contains(nil) ? nil : items.compactMap { $0 }
  }

  private static func variable(_ name: String) -> String {
    "PACKD_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
  }

  /// Refuses what the file sets but nobody asked for: most likely a misspelt name.
  func finish() throws {
    for name in file.keys.sorted() where !asked.contains(name) {
      throw StartupError.usage("\(path ?? "--config"): unknown setting \(name)")
    }
  }

  // MARK: Values

  /// Values as they are given, and how to name where they stand.
  private mutating func found(
    _ name: String, _ flag: [String]
  ) -> (values: [String], place: String, isFromEnvironment: Bool)? {
    asked.insert(name)
    if !flag.isEmpty { return (flag, "--\(name)", false) }
    let variable = Self.variable(name)
    if let value = environment[variable], !value.isEmpty { return ([value], variable, true) }
    return file[name].map { ($0, "\(path ?? "--config"): \(name)", false) }
  }

  /// Each of a list, made by `parse`, which gives nil for what it does not understand. The
  /// environment separates them by commas.
  mutating func list<Value>(
    _ name: String, _ flag: [String], expected: String, _ parse: (String) -> Value?
  ) throws -> [Value] {
    guard let (values, place, isFromEnvironment) = found(name, flag) else { return [] }
    let texts =
      isFromEnvironment
      ? values.flatMap { $0.split(separator: ",") }
        .map { $0.trimmingCharacters(in: .whitespaces) } : values
    return try texts.map { try Self.parsed($0, at: place, expected: expected, parse) }
  }

  /// One value, or nil when it is set nowhere.
  mutating func value<Value>(
    _ name: String, _ flag: String?, expected: String, _ parse: (String) -> Value?
  ) throws -> Value? {
    guard let (values, place, _) = found(name, flag.map { [$0] } ?? []) else { return nil }
    guard values.count == 1 else {
      throw StartupError.usage("\(place): expected one value, got \(values.count)")
    }
    return try Self.parsed(values[0], at: place, expected: expected, parse)
  }

  private static func parsed<Value>(
    _ text: String, at place: String, expected: String, _ parse: (String) -> Value?
  ) throws -> Value {
    guard let value = parse(text) else {
      throw StartupError.usage("\(place): expected \(expected), got \"\(text)\"")
    }
    return value
  }

  /// Refuses a setting that is there: without what it expects beside it, it would do nothing.
  mutating func refuse(_ name: String, _ flag: String?, unless expected: String) throws {
    guard let (_, place, _) = found(name, flag.map { [$0] } ?? []) else { return }
    throw StartupError.usage("\(place): means nothing without \(expected)")
  }

  mutating func string(_ name: String, _ flag: String?) throws -> String? {
    try value(name, flag, expected: "a value") { $0.isEmpty ? nil : $0 }
  }

  mutating func flag(_ name: String, _ flag: Bool?) throws -> Bool? {
    try value(name, flag.map { $0 ? "true" : "false" }, expected: "true or false") {
      switch $0 {
      case "true", "yes", "on", "1": true
      case "false", "no", "off", "0": false
      default: nil
      }
    }
  }

  /// Sets `target` to a whole number in `range`, when it is given anywhere.
  mutating func number<Number: FixedWidthInteger>(
    _ name: String, _ flag: String?, in range: ClosedRange<Int>, _ target: inout Number
  ) throws {
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    let found = try value(name, flag, expected: expected) { text in
      Int(text).flatMap { range.contains($0) ? $0 : nil }
    }
    if let found { target = Number(found) }
  }
}
