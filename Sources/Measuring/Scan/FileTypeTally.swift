package import API

/// Files by the extension of their names.
package struct FileTypeTally {
  private struct Figures {
    var bytes: Int64 = 0
    var files: Int64 = 0
  }

  private var figures: [String: Figures] = [:]

  /// The extension of a file name in lower case: letters and digits after its last dot, which is
  /// not its first character, at most 32; else empty.
  static func fileType(of name: some BidirectionalCollection<UInt8>) -> String {
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return "" }
    let suffix = name[name.index(after: dot)...]
    guard suffix.count <= MeasuringLimits.maxFileTypeBytes else { return "" }
    var lower: [UInt8] = []
    for byte in suffix {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        lower.append(byte)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): lower.append(byte | 0x20)
      default: return ""
      }
    }
    return String(decoding: lower, as: UTF8.self)
  }

  mutating func add(_ fileType: String, bytes: Int64) {
    let isKnown = figures.count < MeasuringLimits.maxTalliedFileTypes || figures[fileType] != nil
    figures[isKnown ? fileType : "", default: Figures()].bytes &+= bytes
    figures[isKnown ? fileType : "", default: Figures()].files += 1
  }

  /// The types with the most bytes, all others as files without one.
  package var usage: [FileTypeUsage] {
    var named = figures.filter { !$0.key.isEmpty }.sorted {
      ($1.value.bytes, $1.value.files, $0.key) < ($0.value.bytes, $0.value.files, $1.key)
    }
    var rest = figures[""] ?? Figures()
    while named.count >= MeasuringLimits.maxFileTypes, let last = named.popLast() {
      rest.bytes &+= last.value.bytes
      rest.files += last.value.files
    }
    var usage = named.map {
      FileTypeUsage(fileType: $0.key, bytes: $0.value.bytes, files: $0.value.files)
    }
    if rest.files > 0 {
      usage.append(FileTypeUsage(fileType: "", bytes: rest.bytes, files: rest.files))
    }
    return usage
  }
}
