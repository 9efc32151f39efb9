internal import API
internal import Storage

/// A field of a configuration that clients set, named as in an update mask.
enum ConfigurationField: String, CaseIterable {
  case phpVersion = "php_version"
  case phpMemoryLimitMB = "php_memory_limit_mb"
  case phpMaxExecutionTimeS = "php_max_execution_time_s"
  case phpUploadMaxMB = "php_upload_max_mb"
  case sslEnabled = "ssl_enabled"
  case forceHTTPS = "force_https"
  case backupEnabled = "backup_enabled"
  case http2Enabled = "http2_enabled"
  case custom

  /// Where the field stands in a request.
  var path: String { "configuration." + rawValue }

  func copy(
    from configuration: PackageConfiguration, to record: inout PackageConfigurationRecord
  ) {
    switch self {
    case .phpVersion: record.phpVersion = configuration.phpVersion
    case .phpMemoryLimitMB: record.phpMemoryLimitMB = configuration.phpMemoryLimitMB
    case .phpMaxExecutionTimeS: record.phpMaxExecutionTimeS = configuration.phpMaxExecutionTimeS
    case .phpUploadMaxMB: record.phpUploadMaxMB = configuration.phpUploadMaxMB
    case .sslEnabled: record.sslEnabled = configuration.sslEnabled
    case .forceHTTPS: record.forceHTTPS = configuration.forceHTTPS
    case .backupEnabled: record.backupEnabled = configuration.backupEnabled
    case .http2Enabled: record.http2Enabled = configuration.http2Enabled
    case .custom:
      record.custom = [:]
      for (key, value) in configuration.custom.sorted { record.custom[key] = value }
    }
  }

  /// What is wrong with the field itself joins `violations`.
  func check(
    _ configuration: PackageConfiguration, _ settings: PackageSettings,
    _ violations: inout Violations
  ) {
    switch self {
    case .phpVersion:
      if !settings.phpVersions.contains(configuration.phpVersion) {
        let versions = settings.phpVersions.joined(separator: ", ")
        violations.add(path, "must be one of: \(versions)")
      }
    case .phpMemoryLimitMB:
      violations.checkRange(
        path, configuration.phpMemoryLimitMB, Limits.phpMemoryLimitMegabytes)
    case .phpMaxExecutionTimeS:
      violations.checkRange(
        path, configuration.phpMaxExecutionTimeS, Limits.phpExecutionSeconds)
    case .phpUploadMaxMB:
      violations.checkRange(path, configuration.phpUploadMaxMB, Limits.phpUploadMegabytes)
    case .sslEnabled, .forceHTTPS, .backupEnabled, .http2Enabled: break
    case .custom: violations.checkCustom(path, configuration.custom)
    }
  }
}

/// What an UpdatePackageConfiguration request asks for, checked as far as that goes without the
/// package.
struct ConfigurationEdit: Sendable {
  /// Those that are right in themselves: what is not is neither written nor looked at again.
  private let fields: [ConfigurationField]
  /// Holds the values of `fields`.
  private let configuration: PackageConfiguration

  init(
    _ request: UpdatePackageConfigurationRequest, _ settings: PackageSettings,
    _ violations: inout Violations
  ) {
    var configuration = request.configuration ?? PackageConfiguration()
    if request.configuration == nil { violations.add("configuration", "is required") }
    violations.checkETag("configuration.etag", configuration.etag)
    let mask = UpdateMask<ConfigurationField>(request.updateMask, &violations) { path in
      ["update_time", "etag"].contains(path) ? "is set by the server" : nil
    }
    var fields = mask.fields
    if request.configuration != nil {
      fields.removeAll { field in
        var faults = Violations()
        field.check(configuration, settings, &faults)
        for fault in faults.all { violations.add(fault.field, fault.description) }
        return !faults.isEmpty
      }
    }
    if !fields.contains(.custom) { configuration.custom = StringMap() }
    self.fields = fields
    self.configuration = configuration
  }

  /// The configuration with the edit's fields in it; what is wrong with them beside those that
  /// stay joins `violations`.
  func applied(
    to current: PackageConfigurationRecord, _ violations: inout Violations
  ) -> PackageConfigurationRecord {
    var next = current
    for field in fields { field.copy(from: configuration, to: &next) }
    if !next.sslEnabled {
      if next.forceHTTPS { violations.add(ConfigurationField.forceHTTPS.path, "needs ssl_enabled") }
      if next.http2Enabled {
        violations.add(ConfigurationField.http2Enabled.path, "needs ssl_enabled")
      }
    }
    return next
  }
}

extension Violations {
  fileprivate mutating func checkRange(
    _ path: String, _ number: Int32, _ range: ClosedRange<Int32>
  ) {
    if !range.contains(number) {
      add(path, "must be \(range.lowerBound) to \(range.upperBound)")
    }
  }

  fileprivate mutating func checkCustom(_ path: String, _ settings: StringMap) {
    guard settings.count <= Limits.maxCustomSettings else {
      add(path, "must be at most \(Limits.maxCustomSettings)")
      return
    }
    for (key, value) in settings.sorted {
      let entry = "\(path)[\(key.quoted)]"
      if !Self.isCustomKey(key) {
        add(
          entry,
          "must have a key of 1 to \(Limits.maxCustomKeyCharacters) of a-z, 0-9 and \"_ . -\"")
      }
      checkText(entry, value, 0...Limits.maxCustomValueCharacters, hasLines: true)
    }
  }

  private static func isCustomKey(_ key: String) -> Bool {
    (1...Limits.maxCustomKeyCharacters).contains(key.utf8.count)
      && key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
          UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
