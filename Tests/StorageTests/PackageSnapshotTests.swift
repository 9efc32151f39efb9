internal import Storage
internal import StorageContract
internal import Testing

@Suite("PackageSnapshot")
struct PackageSnapshotTests {
  @Test("encodes its record once, and hands that on when it is renewed")
  func encodesOnce() {
    let snapshot = PackageSnapshot(Sample.hostingPackage(1))
    var runs = 0
    func bytes(_ snapshot: PackageSnapshot) -> [UInt8] {
      snapshot.getPackageResponse { record in
        runs += 1
        return Array(record.name.utf8)
      }
    }
    #expect(bytes(PackageSnapshot(renewing: snapshot)) == Array("Site 1".utf8))
    #expect(bytes(snapshot) == Array("Site 1".utf8))
    #expect(bytes(snapshot) == Array("Site 1".utf8))
    #expect(bytes(PackageSnapshot(renewing: snapshot)) == Array("Site 1".utf8))
    #expect(runs == 2)
  }

  @Test("gives its usage within its time, and a renewed one does not")
  func usageHasItsTime() {
    let snapshot = PackageSnapshot(Sample.hostingPackage(1))
    #expect(snapshot.usageResponse(at: Sample.at(5)) == nil)
    snapshot.keepUsageResponse([1], from: Sample.at(5), until: Sample.at(7))
    let found = (4...7).map { snapshot.usageResponse(at: Sample.at($0)) }
    #expect(found == [nil, [1], [1], nil])
    #expect(PackageSnapshot(renewing: snapshot).usageResponse(at: Sample.at(5)) == nil)
    snapshot.keepUsageResponse([2], from: Sample.at(7), until: Sample.at(9))
    #expect(snapshot.usageResponse(at: Sample.at(5)) == nil)
    #expect(snapshot.usageResponse(at: Sample.at(8)) == [2])
  }
}
