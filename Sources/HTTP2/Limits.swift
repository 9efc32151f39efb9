internal import NIOCore

/// Every bound of the HTTP/2 side, in one place.
package struct Limits: Sendable {
  /// Open connections of the whole server; one more is closed as soon as it is accepted.
  package var maxConnections = 20_000
  /// Open connections of one IPv4 address or IPv6 network of 64 bits; Unix sockets have none.
  package var maxConnectionsPerAddress = 10_000
  /// SETTINGS_MAX_CONCURRENT_STREAMS. nghttp2 refuses streams beyond it until the client has
  /// acknowledged it, and ends the connection of one that goes beyond it afterwards.
  package var maxConcurrentStreams: UInt32 = 100
  /// Calls of one connection whose handler runs, streams that the client reset included: what
  /// a rapid reset (CVE-2023-44487) cannot get past. Beyond it new streams are refused.
  package var maxRunningHandlersPerConnection = 200
  /// SETTINGS_MAX_HEADER_LIST_SIZE: names + values + 32 a field, RFC 9113 section 6.5.2.
  package var maxHeaderListBytes = 16 * 1024
  /// Header fields of one request.
  package var maxHeaderFields = 100
  /// How far over the header limits a block may run before its connection is closed: its
  /// stream could still be answered, but inflating a bomb to the end is work for nothing.
  package var headerBombFactor = 4
  /// CONTINUATION frames of one header block.
  package var maxContinuationFrames = 8
  /// Entries of one SETTINGS frame.
  package var maxSettingsEntries = 32
  /// PING and SETTINGS acknowledgements waiting to be sent.
  package var maxOutboundAcks = 1_000
  /// Frames that wait in nghttp2's queues: more, four for each stream, when more streams are
  /// allowed.
  package var maxOutboundFrames = 2_000
  /// Of each of the following, so many seconds' worth may come at once.
  package var floodBurstSeconds = 10
  /// Streams that the client resets. A thousand a second are in order: callers that hedge, or
  /// give up early.
  package var streamResetsPerSecond = 2_000
  /// Streams that we reset because of what the client sent on them (CVE-2025-8671).
  package var provokedResetsPerSecond = 100
  /// Streams that are refused, being too many.
  package var refusedStreamsPerSecond = 1_000
  /// Streams that are answered before their request has ended, and reset then.
  package var earlyResponsesPerSecond = 10_000
  /// DATA without payload that does not end its stream.
  package var emptyDataFramesPerSecond = 100
  /// DATA shorter than a message's prefix, that ends neither its stream nor a message.
  package var smallDataFramesPerSecond = 1_000
  /// PING; one more for each frame of HEADERS or DATA that is sent.
  package var pingsPerSecond = 100
  package var settingsPerSecond = 10
  /// PRIORITY, WINDOW_UPDATE, GOAWAY and unknown frames; four more for each frame of HEADERS
  /// or DATA that is sent.
  package var controlFramesPerSecond = 1_000
  /// SETTINGS_INITIAL_WINDOW_SIZE of a stream.
  package var streamWindowBytes: Int32 = 1024 * 1024
  /// Receive window of a connection.
  package var connectionWindowBytes: Int32 = 4 * 1024 * 1024
  /// Bytes that the streaming calls of one connection may leave unread before its window stops
  /// the client; each stream's own window stops it before.
  package var maxUnreadRequestBytesPerConnection = 8 * 1024 * 1024
  /// Bytes of unfinished requests that one connection may make the server hold.
  package var maxBufferedRequestBytesPerConnection = 16 * 1024 * 1024
  /// The part of it that a connection always has; more is taken from what all share.
  package var freeRequestBytesPerConnection = 16 * 1024
  /// Bytes of unfinished requests of all connections, taken in pieces of this size.
  package var maxBufferedRequestBytes = 512 * 1024 * 1024
  package var requestReservationBytes = 1024 * 1024
  /// Bytes of responses that one connection may leave waiting for its windows. Beyond it no
  /// call is served, and no long response kept.
  package var maxBufferedResponseBytesPerConnection = 32 * 1024 * 1024
  /// A response up to this size is always kept: it may tell of a change that has been made.
  package var alwaysKeptResponseBytes = 64 * 1024
  /// Output that waits for the peer; above the high mark nothing more is produced or read
  /// from that connection until it falls below the low mark.
  package var outputHighWaterBytes = 1024 * 1024
  package var outputLowWaterBytes = 256 * 1024
  /// Output of a stream that waits; above it the handler of a streaming call waits too.
  package var maxStreamOutputBytes = 64 * 1024
  /// What is read from a connection before the others of its event loop have their turn.
  package var maxReadBytes = 16 * 1024
  /// Streams that begin, of what was read from a connection, before the others have their turn.
  /// Who waits for answers begins no more than may be open.
  package var maxStreamsPerTurn = 100
  /// Frames are gathered into one write up to about this size.
  package var writeChunkBytes = 64 * 1024
  /// A message of so many bytes is not copied into those, but written from where it is; what is
  /// gathered of such messages goes up to about so much.
  package var minBlockBytes = 128 * 1024
  package var partChunkBytes = 1024 * 1024
  /// So much of such a message still goes into a write that is full.
  package var maxTailBytes = 16 * 1024
  /// From accept on: TLS handshake, preface and first SETTINGS must have come by then.
  package var handshakeTimeoutSeconds = 10
  /// A header block, once begun, must be complete by then.
  package var headerTimeoutSeconds = 10
  /// Some of the output that waits, for the peer to read or to open its windows, must have
  /// gone by then, or at the latest once more as long.
  package var outputStallTimeoutSeconds = 60
  /// How long a closing connection waits for its peer to close, so that the last frames are
  /// not lost to a TCP reset.
  package var lingerMilliseconds = 1_000
  /// How long a drain waits for the PING between its two GOAWAY frames to be answered.
  package var drainPingTimeoutSeconds = 5
  /// After so long without a word from the client a PING asks whether it is there; 0 is never.
  package var keepaliveTimeSeconds = 2 * 3600
  /// How long that PING may go unanswered.
  package var keepaliveTimeoutSeconds = 20
  /// PINGs of the client that come sooner, with no output of ours between them, are strikes;
  /// the third ends the connection.
  package var keepaliveMinPingIntervalSeconds = 300
  /// A connection without streams is drained after so long; 0 is never.
  package var maxIdleSeconds = 0
  /// A connection is drained at this age, give or take a tenth; 0 is never.
  package var maxAgeSeconds = 0
  /// How long calls of a connection that is too old may go on; 0 is as long as they take.
  package var maxAgeGraceSeconds = 0
  /// How long a drain lets running calls finish.
  package var drainGraceSeconds = 30
  /// Memory that a pooled stream keeps for its next response.
  package var pooledOutputBytes = 4 * 1024

  package init() {}
}

extension Limits {
  var handshakeTimeout: TimeAmount { .seconds(Int64(handshakeTimeoutSeconds)) }
}
