internal import API
internal import Storage

/// Bytes and files of a whole scan.
struct ScanTotals: Equatable, Sendable {
  var bytes: Int64 = 0
  var files: Int64 = 0

  /// Returns whether it fits.
  fileprivate mutating func add(bytes: Int64, files: Int64) -> Bool {
    let (bytes, bytesOverflow) = self.bytes.addingReportingOverflow(bytes)
    let (files, filesOverflow) = self.files.addingReportingOverflow(files)
    (self.bytes, self.files) = (bytes, files)
    return !bytesOverflow && !filesOverflow
  }
}

/// Looks whether a scan is in order: what passes can be summed up by directory without any
/// further look at sizes and counts.
enum DiskScanCheck {
  /// The scan's totals; nil, with what is wrong of it, the first fault of each list at least.
  static func totals(
    of scan: DiskScan, _ field: String, _ violations: inout Violations
  ) -> ScanTotals? {
    let directories = checkDirectories(scan.directories, "\(field).directories", &violations)
    let types = checkTypes(scan.fileTypes, "\(field).file_types", &violations)
    guard let directories, let types else { return nil }
    guard directories == types else {
      violations.add(
        "\(field).file_types", "must have as many bytes and files in all as the directories")
      return nil
    }
    return directories
  }

  private static func checkDirectories(
    _ directories: [DirectoryUsage], _ field: String, _ violations: inout Violations
  ) -> ScanTotals? {
    guard directories.count <= Limits.maxScanDirectories else {
      addTooMany(field, &violations)
      return nil
    }
    var totals = ScanTotals()
    var seen: Set<ExactText> = []
    seen.reserveCapacity(directories.count)
    for (index, directory) in directories.enumerated() {
      if let fault = pathFault(directory.path) {
        violations.add("\(field)[\(index)].path", fault)
        return nil
      }
      guard seen.insert(ExactText(directory.path)).inserted else {
        violations.add("\(field)[\(index)].path", "must be there once")
        return nil
      }
      guard check(&totals, directory.bytes, directory.files, "\(field)[\(index)]", &violations)
      else { return nil }
    }
    return totals
  }

  /// Also for those that are too many with the ones above them.
  static func addTooMany(_ field: String, _ violations: inout Violations) {
    violations.add(
      field, "must be at most \(Limits.maxScanDirectories) with those above the ones listed")
  }

  private static func checkTypes(
    _ types: [FileTypeUsage], _ field: String, _ violations: inout Violations
  ) -> ScanTotals? {
    guard types.count <= Limits.maxScanFileTypes else {
      violations.add(field, "must be at most \(Limits.maxScanFileTypes)")
      return nil
    }
    var totals = ScanTotals()
    var seen: Set<ExactText> = []
    for (index, type) in types.enumerated() {
      guard isFileType(type.fileType) else {
        violations.add(
          "\(field)[\(index)].file_type",
          "must be up to \(Limits.maxFileTypeCharacters) printable characters in lower case, "
            + "without dots and slashes")
        return nil
      }
      guard seen.insert(ExactText(type.fileType)).inserted else {
        violations.add("\(field)[\(index)].file_type", "must be there once")
        return nil
      }
      guard check(&totals, type.bytes, type.files, "\(field)[\(index)]", &violations) else {
        return nil
      }
    }
    return totals
  }

  private static func check(
    _ totals: inout ScanTotals, _ bytes: Int64, _ files: Int64, _ field: String,
    _ violations: inout Violations
  ) -> Bool {
    let range = 0...Limits.maxUsageNumber
    guard range.contains(bytes), range.contains(files) else {
      violations.checkUsage("\(field).bytes", bytes)
      violations.checkUsage("\(field).files", files)
      return false
    }
    guard totals.add(bytes: bytes, files: files) else {
      violations.add(field, "makes a sum that does not fit into 63 bits")
      return false
    }
    return true
  }

  private static func isFileType(_ text: String) -> Bool {
    text.hasAtMost(Limits.maxFileTypeCharacters)
      && text.unicodeScalars.allSatisfy { $0.isPrintable && $0 != "." && $0 != "/" }
      && ExactText(text.lowercased()) == ExactText(text)
  }

  /// What is wrong with a path, if anything is.
  private static func pathFault(_ path: String) -> String? {
    let bytes = path.utf8
    guard bytes.count <= Limits.maxPathBytes else {
      return "must be at most \(Limits.maxPathBytes) bytes"
    }
    if bytes.isEmpty { return nil }
    guard !bytes.contains(0) else { return "must not have a NUL" }
    var depth = 0
    for segment in bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
      depth += 1
      let isDots =
        segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") }
      if isDots { return "must be relative, without empty segments, \".\" and \"..\"" }
    }
    return depth > Limits.maxPathDepth
      ? "must be at most \(Limits.maxPathDepth) directories deep" : nil
  }
}
