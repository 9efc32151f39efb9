internal import Foundation
internal import Glibc

/// Another program, run to its end.
///
/// Not by Foundation's `Process`: on Linux its `run()` reads the names of open descriptors as 256
/// bytes each, whatever their length, and so beyond the buffer that readdir(3) has filled. Where
/// nothing lies behind that, as happens among many threads, it takes the whole run of tests down;
/// the address sanitizer ends it every time.
package struct Command {
  package struct Failed: Error {
    package let path: String
    /// As waitpid(2) has it, or the error that kept it from starting.
    package let status: Int32
  }

  private let path: String
  private let arguments: [String]

  package init(_ path: String, _ arguments: [String]) {
    self.path = path
    self.arguments = arguments
  }

  /// What it wrote to its standard output. Through files, so that no pipe can fill up.
  ///
  /// - Throws: ``Failed`` when it does not end with 0.
  package func run(input: [UInt8] = []) throws -> [UInt8] {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "packd-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (question, answer) = (folder.appending(path: "input"), folder.appending(path: "output"))
    try Data(input).write(to: question)
    try Data().write(to: answer)
    let status = try wait(for: spawn(input: question.path, output: answer.path))
    guard status == 0 else { throw Failed(path: path, status: status) }
    return [UInt8](try Data(contentsOf: answer))
  }

  private func spawn(input: String, output: String) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output, O_WRONLY, 0)
    var texts = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for text in texts { free(text) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, path, &actions, nil, &texts, environ)
    guard code == 0 else { throw Failed(path: path, status: code) }
    return child
  }

  private func wait(for child: pid_t) throws -> Int32 {
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0 {
      guard errno == EINTR else { throw Failed(path: path, status: errno) }
    }
    return status
  }
}
