internal import CoreFoundation
internal import Foundation
internal import Glibc

/// Tells systemd how the service is, by datagrams as sd_notify(3) describes them; does nothing
/// without `NOTIFY_SOCKET`.
struct ServiceNotifier: Sendable {
  enum State: String, Sendable {
    case ready = "READY=1"
    case stopping = "STOPPING=1"
    case watchdog = "WATCHDOG=1"
  }

  private static let sendTimeoutMicroseconds = 500_000

  private let path: String?
  /// How often the watchdog wants to hear; half of what systemd waits for.
  let watchdogInterval: Duration?

  init(environment: [String: String]) {
    path = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
    let isForUs = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
    watchdogInterval =
      isForUs
      ? environment["WATCHDOG_USEC"].flatMap(Int64.init)
        .flatMap { $0 > 0 ? .microseconds(max(1, $0 / 2)) : nil } : nil
  }

  func send(_ state: State) {
    send(state.rawValue)
  }

  /// systemd matches a reload by the monotonic clock.
  func sendReloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
    send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
  }

  private func send(_ message: String) {
    guard let path, path.hasPrefix("/") || path.hasPrefix("@") else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var name = Array(path.utf8)
    guard name.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
    // An abstract socket's name begins with a zero byte.
    if path.hasPrefix("@") { name[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    // A service manager that does not take its messages must not hold up the end.
    var timeout = timeval(tv_sec: 0, tv_usec: Self.sendTimeoutMicroseconds)
    setsockopt(
      descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        _ = sendto(
          descriptor, message, message.utf8.count, Int32(MSG_NOSIGNAL), pointer, size)
      }
    }
  }
}
