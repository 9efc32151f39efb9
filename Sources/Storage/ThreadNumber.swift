internal import Glibc
internal import Synchronization

/// Small numbers for threads, from 0, in the order in which they first ask: what is kept in
/// copies for each core or thread takes its turn by them, and threads meet only when there are
/// more of them than copies.
package enum ThreadNumber {
  private static let count = Atomic(0)

  /// Where each thread keeps its number, plus one: zero is what a new thread finds.
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  package static var current: Int {
    if let number = pthread_getspecific(key) { return Int(bitPattern: number) - 1 }
    let number = count.add(1, ordering: .relaxed).newValue
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: number))
    return number - 1
  }
}
