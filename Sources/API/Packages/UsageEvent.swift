/// A measurement of a package's use. Set by the client. Each field's range, and who sets it:
/// package_service.proto.
package struct UsageEvent: Message {
  package static var name: String { "packd.v1.UsageEvent" }

  /// What was measured; one must be set.
  package enum Measurement: Sendable, Equatable {
    /// All files of the package. Replaces the scan before, unless that was observed later.
    case diskScan(DiskScan)
    /// Traffic since the delta before. Added to the bucket of its observed_time.
    case bandwidthDelta(BandwidthDelta)
  }

  package var eventID = ""
  package var packageID = ""
  package var observedTime: Timestamp?
  package var measurement: Measurement?

  package init() {}

  package init(
    eventID: String, packageID: String, observedTime: Timestamp?, measurement: Measurement?
  ) {
    self.eventID = eventID
    self.packageID = packageID
    self.observedTime = observedTime
    self.measurement = measurement
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): eventID = try reader.string()
      case .length(2): packageID = try reader.string()
      case .length(3): try reader.message(into: &observedTime)
      case .length(4):
        var part: DiskScan?
        if case .diskScan(let value) = measurement { (part, measurement) = (value, nil) }
        try reader.message(into: &part)
        measurement = part.map(Measurement.diskScan)
      case .length(5):
        var part: BandwidthDelta?
        if case .bandwidthDelta(let value) = measurement { (part, measurement) = (value, nil) }
        try reader.message(into: &part)
        measurement = part.map(Measurement.bandwidthDelta)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.string(1, eventID)
    sink.string(2, packageID)
    sink.message(3, observedTime)
    switch measurement {
    case .diskScan(let scan): sink.message(4, scan)
    case .bandwidthDelta(let delta): sink.message(5, delta)
    case nil: break
    }
  }
}

/// All files of a package. Set by the client; must fit into one message.
package struct DiskScan: Message {
  package static var name: String { "packd.v1.DiskScan" }

  package var directories: [DirectoryUsage] = []
  package var fileTypes: [FileTypeUsage] = []

  package init() {}

  package init(directories: [DirectoryUsage], fileTypes: [FileTypeUsage]) {
    self.directories = directories
    self.fileTypes = fileTypes
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .length(1): try reader.message(appendingTo: &directories)
      case .length(2): try reader.message(appendingTo: &fileTypes)
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.messages(1, directories)
    sink.messages(2, fileTypes)
  }
}

/// Traffic of a package. Set by the client.
package struct BandwidthDelta: Message {
  package static var name: String { "packd.v1.BandwidthDelta" }

  package var inBytes: Int64 = 0
  package var outBytes: Int64 = 0
  package var requests: Int64 = 0

  package init() {}

  package init(inBytes: Int64, outBytes: Int64, requests: Int64) {
    self.inBytes = inBytes
    self.outBytes = outBytes
    self.requests = requests
  }

  package mutating func merge(from reader: inout WireReader) throws(DecodingError) {
    while let tag = try reader.nextTag() {
      switch tag {
      case .varint(1): inBytes = try reader.int64()
      case .varint(2): outBytes = try reader.int64()
      case .varint(3): requests = try reader.int64()
      default: try reader.skip(tag)
      }
    }
  }

  package func write<Sink: WireSink>(to sink: inout Sink) {
    sink.int64(1, inBytes)
    sink.int64(2, outBytes)
    sink.int64(3, requests)
  }
}
