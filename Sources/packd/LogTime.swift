internal import CoreFoundation
internal import Glibc

/// The wall clock as a log line has it: RFC 3339, UTC, milliseconds.
struct LogTime: ~Copyable {
  private let memory: UnsafeMutableRawBufferPointer
  private var second: time_t = -1

  init() {
    let start: StaticString = "1970-01-01T00:00:00.000Z"
    memory = .allocate(byteCount: start.utf8CodeUnitCount, alignment: 1)
    memory.copyMemory(
      from: UnsafeRawBufferPointer(start: start.utf8Start, count: start.utf8CodeUnitCount))
    update()
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(memory) }

  /// Sets it to now; within one second only the milliseconds are written anew.
  mutating func update() {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    if now.tv_sec != second {
      second = now.tv_sec
      var parts = tm()
      gmtime_r(&second, &parts)
      put(Int(parts.tm_year) + 1900, digits: 4, at: 0)
      put(Int(parts.tm_mon) + 1, digits: 2, at: 5)
      put(Int(parts.tm_mday), digits: 2, at: 8)
      put(Int(parts.tm_hour), digits: 2, at: 11)
      put(Int(parts.tm_min), digits: 2, at: 14)
      put(Int(parts.tm_sec), digits: 2, at: 17)
    }
    put(now.tv_nsec / 1_000_000, digits: 3, at: 20)
  }

  private func put(_ number: Int, digits: Int, at start: Int) {
    var rest = number
    for index in (start..<start + digits).reversed() {
      memory[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    }
  }
}
