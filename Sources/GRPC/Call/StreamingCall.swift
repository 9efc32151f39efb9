/// A call that its handler serves message by message.
package struct StreamingCall: Sendable {
  package let context: CallContext
  /// What the client sends, once through.
  package let requests: RequestMessages
  /// Where the answers go.
  package let responses: ResponseWriter
}

/// One message of the client's.
package struct RequestMessage: Sendable {
  /// Inflated, if it was compressed.
  package let bytes: [UInt8]
  package let wasCompressed: Bool
}

/// The client's messages in order. The client may send more only as they are read: what a slow
/// handler leaves unread stays within the stream's window.
///
/// Ends when the client has half-closed, or with ``stop()``. Throws CancellationError once the call
/// is over, be it by a reset, a deadline or a message that is malformed or too large, which ends
/// the call with its status.
package struct RequestMessages: AsyncSequence, Sendable {
  package typealias Element = RequestMessage
  package typealias Failure = CancellationError

  let exchange: Exchange

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(exchange: exchange) }

  /// Ends the sequence as soon as nothing is there to be taken, as if the client had half-closed:
  /// for a server that wants to stop, and a client that may never.
  package func stop() { exchange.stopRequests() }

  package struct AsyncIterator: AsyncIteratorProtocol {
    let exchange: Exchange

    package func next() async throws(CancellationError) -> RequestMessage? {
      try await exchange.nextRequest()
    }

    package func next(
      isolation actor: isolated (any Actor)?
    ) async throws(CancellationError) -> RequestMessage? {
      try await exchange.nextRequest()
    }

    /// Waits until there is a message for ``nextIfReady()``, which is not taken by it; false once
    /// the client has half-closed and every message was taken. A handler that cannot do with a
    /// message yet leaves it where it counts against the stream's window.
    package func isReady() async throws(CancellationError) -> Bool {
      try await exchange.requestIsReady()
    }

    /// Whether it ended by ``RequestMessages/stop()``, and the client might have sent more.
    package func wasStopped() async throws(CancellationError) -> Bool {
      try await exchange.wasStopped()
    }

    /// The next message if it has arrived already; nil, and at once, if it has not.
    package func nextIfReady() async throws(CancellationError) -> RequestMessage? {
      try await exchange.nextRequestIfReady()
    }
  }
}

/// Sends the responses. Each function throws CancellationError once the call is over.
package struct ResponseWriter: Sendable {
  let exchange: Exchange

  /// Sends the initial metadata, before the first message; without it they are sent with that.
  package func sendHeaders(_ metadata: Metadata = Metadata()) async throws(CancellationError) {
    try await exchange.sendHeaders(metadata)
  }

  /// Sends a message of `size` bytes, which `fill` writes; waits first while the client reads
  /// more slowly than it is written to.
  ///
  /// - Parameter compress: whether to try; nil as the client does. See ``ResponseCompression``.
  package func write(
    size: Int, compress: Bool? = nil, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) async throws(CancellationError) {
    try await exchange.write(size: size, compress: compress, fill)
  }

  /// Sends a message.
  package func write(
    _ message: [UInt8], compress: Bool? = nil
  ) async throws(CancellationError) {
    try await exchange.write(size: message.count, compress: compress) {
      $0.copyBytes(from: message)
    }
  }
}
