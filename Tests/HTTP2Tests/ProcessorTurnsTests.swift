internal import Foundation
internal import Testing

@testable internal import HTTP2

@Suite struct ProcessorTurnsTests {
  /// Linux has slices of a thread's own from 6.12 on.
  private static let kernelHasSlices: Bool = {
    let version = ProcessInfo.processInfo.operatingSystemVersion
    return (version.majorVersion, version.minorVersion) >= (6, 12)
  }()

  /// What `body` returns on a thread of its own.
  private func onThread<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
  ) async -> Result {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: body()) }
    }
  }

  @Test("a thread that takes turns has short slices", .enabled(if: kernelHasSlices))
  func slices() async {
    let (before, after) = await onThread {
      let before = ProcessorTurns.currentSliceNanoseconds()
      var turns = ProcessorTurns()
      turns.giveWay()
      return (before, ProcessorTurns.currentSliceNanoseconds())
    }
    #expect(before != after)
    #expect(after == ProcessorTurns.sliceNanoseconds)
  }

  @Test("a thread that it starts has the kernel's own", .enabled(if: kernelHasSlices))
  func startedThread() async {
    let (kernels, started) = await onThread {
      let kernels = ProcessorTurns.currentSliceNanoseconds()
      _ = ProcessorTurns()
      // Written before the semaphore is signalled, read behind it.
      nonisolated(unsafe) var started: UInt64?
      let ended = DispatchSemaphore(value: 0)
      Thread.detachNewThread {
        started = ProcessorTurns.currentSliceNanoseconds()
        ended.signal()
      }
      ended.wait()
      return (kernels, started)
    }
    #expect(kernels != nil)
    #expect(started == kernels)
  }

  @Test("how nice a thread is stays as it is")
  func niceness() async {
    let nice = await onThread {
      setpriority(Int32(PRIO_PROCESS.rawValue), 0, 7)
      _ = ProcessorTurns()
      return getpriority(Int32(PRIO_PROCESS.rawValue), 0)
    }
    #expect(nice == 7)
  }
}
