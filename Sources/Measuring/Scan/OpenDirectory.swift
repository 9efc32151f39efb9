internal import Glibc

/// What a walk asks the file system for, by descriptors of directories: so no name is ever
/// resolved through a symbolic link, not even one that takes a directory's place meanwhile.
package protocol FileSystem {
  /// Opens a directory below another, or nil and `errno`. An absolute name stands for itself.
  func open(_ name: [CChar], in directory: Int32) -> Int32?
}

package struct RealFileSystem: FileSystem {
  package init() {}

  package func open(_ name: [CChar], in directory: Int32) -> Int32? {
    let descriptor = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    return descriptor >= 0 ? descriptor : nil
  }
}

/// Which file it is, whatever its name.
struct FileIdentity: Hashable {
  let device: UInt64
  let inode: UInt64

  init(_ status: stat) {
    device = UInt64(status.st_dev)
    inode = UInt64(status.st_ino)
  }

  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }
}

/// The entries of an open directory, one at a time.
struct DirectoryEntries: ~Copyable {
  private let stream: OpaquePointer

  /// Leaves the descriptor to whoever has it; nil with `errno` when there is no other to be had.
  init?(of descriptor: Int32) {
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { return nil }
    guard let stream = fdopendir(own) else {
      let reason = errno
      close(own)
      errno = reason
      return nil
    }
    self.stream = stream
  }

  deinit { closedir(stream) }

  /// Calls `body` with the name and the type (`d_type`) of each entry but "." and "..". False
  /// with `errno` when not all of them could be read.
  func forEach(_ body: (UnsafeBufferPointer<CChar>, UInt8) -> Void) -> Bool {
    while true {
      errno = 0
      guard let entry = readdir(stream) else { return errno == 0 }
      let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
      let name = UnsafeRawPointer(entry).advanced(by: offset).assumingMemoryBound(to: CChar.self)
      let length = strlen(name)
      let isDot = name[0] == 0x2e && (length == 1 || length == 2 && name[1] == 0x2e)
      if !isDot { body(UnsafeBufferPointer(start: name, count: length + 1), entry.pointee.d_type) }
    }
  }
}
