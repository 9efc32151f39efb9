// What watchers get, around packages that are encoded already, as a store keeps them: byte for byte
// what the messages themselves would be encoded as, without decoding them.

extension PackageChange {
  /// - Parameter hostingPackage: an encoded HostingPackage.
  package static func encoded(
    kind: PackageChangeKind, hostingPackage: [UInt8], changeTime: Timestamp?
  ) -> [UInt8] {
    EncodedChange(kind: kind, hostingPackage: hostingPackage, changeTime: changeTime).encoded()
  }
}

extension WatchPackagesResponse {
  /// - Parameter change: an encoded PackageChange.
  package static func encoded(change: [UInt8], resumeToken: String) -> [UInt8] {
    EncodedResponse(change: change, resumeToken: resumeToken).encoded()
  }
}

private struct EncodedChange: WireFields {
  let kind: PackageChangeKind
  let hostingPackage: [UInt8]
  let changeTime: Timestamp?

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.enumeration(1, kind)
    sink.bytes(2, always: hostingPackage)
    sink.message(3, changeTime)
  }
}

private struct EncodedResponse: WireFields {
  let change: [UInt8]
  let resumeToken: String

  func write<Sink: WireSink>(to sink: inout Sink) {
    sink.bytes(1, always: change)
    sink.string(2, resumeToken)
  }
}

/// Fields that are only ever written.
private protocol WireFields {
  func write<Sink: WireSink>(to sink: inout Sink)
}

extension WireFields {
  func encoded() -> [UInt8] {
    var sizer = WireSizer()
    write(to: &sizer)
    let size = sizer.bytes
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      var writer = WireWriter(UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size))
      write(to: &writer)
      precondition(writer.isFull, "fields wrote less than they measured")
      count = size
    }
  }
}
