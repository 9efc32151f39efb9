internal import Foundation
internal import Testing

@testable internal import Measuring

@Suite struct LogFilesTests {
  @Test("a log and what it was rotated to are found, the oldest first")
  func rotated() throws {
    let folder = try TemporaryFolder()
    let ours = [
      "access.log.3.gz", "access.log.2", "access.log-20261120", "access.log-20261119.gz",
      "access.log-20261121-1795273445",
    ]
    let others = [
      "access.log.bak", "access.log.", "access.log.1.orig", "access.logs", "access.log.1a",
      "other.log.1", "myaccess.log.1", "access.log-x", "access.log.new",
    ]
    let unreadable = ["access.log.4.bz2", "access.log-20261118.zst"]
    for (number, name) in (ours + others + unreadable).enumerated() {
      try folder.write("x\n", to: name)
      let age = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: Double(number))]
      try FileManager.default.setAttributes(age, ofItemAtPath: folder.file(name))
    }
    try folder.makeFolder("access.log.9")
    try folder.write("x\n", to: "access.log")
    let files = try LogFiles(of: folder.file("access.log"))
    #expect(files.paths == (ours + ["access.log"]).map(folder.file))
    #expect(files.unreadable == unreadable.map(folder.file).sorted())
    #expect(files.leftOut == 0)
  }

  @Test("too many are left out, the oldest")
  func many() throws {
    let folder = try TemporaryFolder()
    for number in 1...MeasuringLimits.maxLogFiles + 3 { try folder.write("", to: "log.\(number)") }
    let files = try LogFiles(of: folder.file("log"))
    #expect(files.paths.count == MeasuringLimits.maxLogFiles)
    #expect(files.leftOut == 3)
  }
}
