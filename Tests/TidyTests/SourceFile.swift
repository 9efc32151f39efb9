internal import Foundation
internal import Testing

/// A Swift file of the project, as its lines.
struct SourceFile: CustomTestStringConvertible {
  /// Below the project's root: `Sources/HTTP2/Stream.swift`.
  let path: String
  let lines: [String]

  /// The room, or the test target, that the file stands in.
  var target: String { String(path.split(separator: "/")[1]) }
  var testDescription: String { path }

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Written by a script, and not for reading.
  static let generated = ["Sources/Services/Reflection/EmbeddedDescriptors.swift"]

  static let sources = all(below: "Sources").filter { !generated.contains($0.path) }
  static let tests = all(below: "Tests")

  private static func all(below folder: String) -> [SourceFile] {
    let start = root.appending(path: folder)
    let paths = FileManager.default.subpaths(atPath: start.path) ?? []
    return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
      guard let text = try? String(contentsOf: start.appending(path: path), encoding: .utf8) else {
        return nil
      }
      return SourceFile(
        path: "\(folder)/\(path)",
        lines: text.split(separator: "\n", omittingEmptySubsequences: false)
          .map(String.init))
    }
  }

  /// The modules that the file imports.
  var imports: [String] {
    lines.compactMap { line in
      line.wholeMatch(of: /(?:@\w+ )*(?:(?:package|internal|private|public) )?import (\w+).*/)
        .map { String($0.1) }
    }
  }

  /// Each function with the number of its first line, and how many lines it has.
  var functions: [(line: Int, length: Int)] {
    var found: [(line: Int, length: Int)] = []
    for (index, line) in lines.enumerated() {
      guard let match = line.prefixMatch(of: /( *)(?:[@\w()]+ )*(?:func |init[(?<]|deinit )/) else {
        continue
      }
      // A requirement without a body has no closing brace of its own.
      let head = lines[index...].prefix { !$0.hasSuffix("{") && !$0.hasSuffix("}") }
      let opening = index + head.count
      guard opening < lines.count, lines[opening].hasSuffix("{"),
        !head.dropFirst().contains(where: \.isEmpty)
      else { continue }
      let end = lines[opening...].firstIndex { $0.hasPrefix(match.1 + "}") } ?? lines.count
      found.append((index + 1, end - index + 1))
    }
    return found
  }
}
