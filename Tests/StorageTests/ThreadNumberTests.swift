internal import Foundation
internal import Storage
internal import Synchronization
internal import Testing

@Suite("ThreadNumber")
struct ThreadNumberTests {
  @Test("a thread keeps its number, which no other thread has")
  func numbers() {
    let seen = Mutex<[[Int]]>([])
    let done = DispatchSemaphore(value: 0)
    for _ in 0..<8 {
      Thread {
        let own = [ThreadNumber.current, ThreadNumber.current]
        seen.withLock { $0.append(own) }
        done.signal()
      }.start()
    }
    for _ in 0..<8 { done.wait() }
    let numbers = seen.withLock { $0 }
    #expect(numbers.allSatisfy { $0[0] == $0[1] && $0[0] >= 0 })
    #expect(Set(numbers.map { $0[0] }).count == 8)
  }
}
