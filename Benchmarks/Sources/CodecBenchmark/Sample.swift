import API
import CPlan
import SwiftProtobuf
import SwiftProtobufPlan

/// The plan that is measured, in the form that each codec has for it.
struct Sample {
  let ours: Plan
  let theirs: Packd_V1_Plan
  let inC: OpaquePointer
  let bytes: [UInt8]
  /// Room to encode into and to keep what would otherwise be optimised away.
  private let room: UnsafeMutableRawBufferPointer

  /// Nil when the three do not encode it alike.
  init?() {
    ours = Sample.plan()
    bytes = ours.encoded()
    room = .allocate(byteCount: 4096, alignment: 16)
    guard let theirs = try? Packd_V1_Plan(serializedBytes: bytes),
      let inC = plan_decode(bytes, bytes.count),
      let again: [UInt8] = try? theirs.serializedBytes(), again == bytes,
      plan_size(inC) == bytes.count,
      plan_encode(inC, room.baseAddress?.assumingMemoryBound(to: UInt8.self)) == bytes.count,
      Array(room[..<bytes.count]) == bytes
    else { return nil }
    self.theirs = theirs
    self.inC = inC
  }

  private static func plan() -> Plan {
    var plan = Plan()
    plan.id = 7
    plan.code = "shared-premium"
    plan.name = "Shared Premium Hosting"
    plan.description = "For small shops and agencies: fast disks, daily backups, mail included."
    plan.kind = .shared
    plan.diskSpaceMB = Quota(.limit(51_200))
    plan.bandwidthMB = Quota(.unlimited(true))
    plan.emailAccounts = Quota(.limit(100))
    plan.databases = Quota(.limit(25))
    plan.price = Money(currencyCode: "USD", units: 9, nanos: 990_000_000)
    plan.setupFee = Money(currencyCode: "USD", units: 25)
    plan.features = ["Daily backups", "Free SSL", "SSH access", "99.9 % availability"]
    plan.isActive = true
    plan.version = 3
    plan.createTime = Timestamp(seconds: 1_760_000_000, nanos: 123_456_789)
    plan.updateTime = Timestamp(seconds: 1_765_000_000, nanos: 987_654_321)
    plan.etag = "3-5f2c9a01"
    return plan
  }

  var decoders: [Contestant] {
    [
      Contestant(name: "packd") { [bytes] in keep(try? Plan(decoding: bytes)) },
      Contestant(name: "SwiftProtobuf") { [bytes] in
        keep(try? Packd_V1_Plan(serializedBytes: bytes))
      },
      Contestant(name: "libprotobuf-c") { [bytes] in
        plan_free(plan_decode(bytes, bytes.count))
      },
    ]
  }

  var encoders: [Contestant] {
    [
      Contestant(name: "packd") { [ours] in keep(ours.encoded()) },
      Contestant(name: "SwiftProtobuf") { [theirs] in
        let encoded: [UInt8]? = try? theirs.serializedBytes()
        keep(encoded)
      },
      Contestant(name: "libprotobuf-c") { [inC] in
        keep(
          [UInt8](unsafeUninitializedCapacity: plan_size(inC)) { buffer, count in
            count = plan_encode(inC, buffer.baseAddress)
          })
      },
    ]
  }

  var bufferEncoders: [Contestant] {
    let start = room.baseAddress
    return [
      Contestant(name: "packd") { [ours] in
        ours.encode(
          to: UnsafeMutableRawBufferPointer(start: start, count: ours.encodedSize))
      },
      Contestant(name: "libprotobuf-c") { [inC] in
        let size = plan_size(inC)
        keep(size + plan_encode(inC, start?.assumingMemoryBound(to: UInt8.self)))
      },
    ]
  }
}

/// Makes the compiler believe that the value is used.
func keep<Value>(_ value: Value) {
  withUnsafePointer(to: value) { keep(UnsafeRawPointer($0)) }
}
