// Responses around packages that are encoded already, as a store keeps them: byte for byte what
// the messages themselves would be encoded as, without decoding them.

/// A response that is a package and nothing else.
package protocol HostingPackageResponse: Message {
  init(hostingPackage: HostingPackage?)
}

extension GetPackageResponse: HostingPackageResponse {}
extension CreatePackageResponse: HostingPackageResponse {}
extension UpdatePackageResponse: HostingPackageResponse {}
extension DeletePackageResponse: HostingPackageResponse {}
extension UndeletePackageResponse: HostingPackageResponse {}
extension SuspendPackageResponse: HostingPackageResponse {}
extension UnsuspendPackageResponse: HostingPackageResponse {}

extension HostingPackageResponse {
  /// - Parameter hostingPackage: an encoded HostingPackage.
  package static func encoded(hostingPackage: [UInt8]) -> [UInt8] {
    EncodedPage(messages: [hostingPackage], nextPageToken: "").encoded()
  }
}

extension ListPackagesResponse {
  /// - Parameter hostingPackages: encoded HostingPackages.
  package static func encoded(
    hostingPackages: [[UInt8]], nextPageToken: String = ""
  ) -> [UInt8] {
    EncodedPage(messages: hostingPackages, nextPageToken: nextPageToken).encoded()
  }
}

extension PackageChange {
  /// - Parameter hostingPackage: an encoded HostingPackage.
  package static func encoded(
    kind: PackageChangeKind, hostingPackage: [UInt8], changeTime: Timestamp?
  ) -> [UInt8] {
    EncodedChange(kind: kind, hostingPackage: hostingPackage, changeTime: changeTime).encoded()
  }
}

extension WatchPackagesResponse {
  /// - Parameter change: an encoded PackageChange, or nil when only the token has moved on.
  package static func encoded(change: [UInt8]?, resumeToken: String) -> [UInt8] {
    EncodedPage(messages: change.map { [$0] } ?? [], nextPageToken: resumeToken).encoded()
  }
}

/// Field 1 a submessage, or many, and field 2 a token.
private struct EncodedPage: WireFields {
  let messages: [[UInt8]]
  let nextPageToken: String

  func write<Sink: WireSink>(to sink: inout Sink) {
    for message in messages { sink.bytes(1, always: message) }
    sink.string(2, nextPageToken)
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
