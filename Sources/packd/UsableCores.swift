internal import Foundation
internal import NIOCore

/// How many cores this process may run on: what its affinity mask allows, as taskset and
/// cpusets set it, and its control group's share if that is less.
func usableCores() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  return max(1, min(allowedCores(inStatus: status) ?? System.coreCount, System.coreCount))
}

/// Counts the bits of `Cpus_allowed`, hexadecimal digits in groups, as proc(5) has it.
func allowedCores(inStatus status: String) -> Int? {
  let name = "Cpus_allowed:"
  guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
    return nil
  }
  let count = line.dropFirst(name.count).compactMap(\.hexDigitValue)
    .reduce(0) { $0 + $1.nonzeroBitCount }
  return count > 0 ? count : nil
}
