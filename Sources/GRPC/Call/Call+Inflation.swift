internal import HTTP2
internal import NIOCore

extension Call {
  /// Inflates a message: at once if little comes out, else on another thread, so that no message
  /// holds up the other calls of its event loop.
  ///
  /// - Parameters:
  ///   - message: wiped once it is inflated.
  ///   - then: called once, on the event loop; with nil when the call is over, be it because the
  ///     message is not what it claims to be, or too large.
  func inflate(_ message: [UInt8], then: @escaping ([UInt8]?) -> Void) {
    let limits = shared.limits
    let inlineBytes = min(limits.maxReceiveMessageBytes, limits.maxInlineInflatedBytes)
    do {
      let inflated = try message.withUnsafeBytes { try Gzip.inflated($0, maxBytes: inlineBytes) }
      message.wipe()
      then(inflated)
    } catch Gzip.Failure.tooLarge where inlineBytes < limits.maxReceiveMessageBytes {
      inflateElsewhere(message, then)
    } catch {
      message.wipe()
      refuseInflation(error)
      then(nil)
    }
  }

  private func inflateElsewhere(_ message: [UInt8], _ then: @escaping ([UInt8]?) -> Void) {
    guard let stream, shared.inflations < shared.limits.maxInflationsPerEventLoop else {
      message.wipe()
      stream?.count(.inflations)
      raiseUninflated()
      return then(nil)
    }
    let generation = stream.generation
    let maxBytes = shared.limits.maxReceiveMessageBytes
    shared.inflations += 1
    // Counted as a handler: a reset does not stop the work.
    stream.handlerStarted()
    let inflated = InflationThreads.run(on: stream.eventLoop) { turns in
      defer { message.wipe() }
      return try message.withUnsafeBytes {
        try Gzip.inflated($0, maxBytes: maxBytes) { turns.giveWay() }
      }
    }
    inflated.assumeIsolated().whenComplete { [self] result in
      shared.inflations -= 1
      stream.handlerEnded()
      guard stream.generation == generation, self.stream === stream, state.isOpen else {
        if case .success(let inflated) = result { inflated.wipe() }
        return then(nil)
      }
      switch result {
      case .success(let inflated): then(inflated)
      case .failure(let error):
        refuseInflation(error)
        then(nil)
      }
    }
  }

  private func refuseInflation(_ error: any Error) {
    if case Gzip.Failure.tooLarge = error {
      let limit = shared.limits.maxReceiveMessageBytes
      stream?.count(.inflatedMessageBytes)
      raise(.resourceExhausted, "a message inflates to more than the limit of \(limit) bytes")
    } else {
      raise(.internal, "a message's gzip stream is malformed")
    }
  }
}
