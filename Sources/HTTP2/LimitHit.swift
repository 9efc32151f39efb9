/// A limit that a client ran into, as metrics, the log and a GOAWAY's debug data name it. Those
/// that end the connection are also its ``CloseReason``; the others cost a stream or a call.
package enum LimitHit: String, CaseIterable, Sendable {
  // Before a connection is served.
  case connections = "too_many_connections"
  case connectionsPerAddress = "too_many_connections_per_address"

  // Answered on the stream.
  case concurrentStreams = "too_many_streams"
  case runningHandlers = "too_many_running_handlers"
  case headerList = "header_list_too_large"
  case requestBytes = "too_many_request_bytes"
  case responseBytes = "too_many_response_bytes"
  case messageBytes = "message_too_large"
  case inflatedMessageBytes = "inflated_message_too_large"
  case inflations = "too_many_inflations"
  case callRate = "too_many_calls_of_caller"

  // The end of the connection.
  case headerBomb = "header_bomb"
  case continuations = "too_many_continuations"
  case settingsEntries = "too_many_settings_entries"
  case unreadAcknowledgements = "too_many_unread_acknowledgements"
  case outboundFrames = "too_many_outbound_frames"
  case keepalivePings = "too_many_pings"
  case streamResets = "stream_reset_flood"
  case provokedResets = "provoked_reset_flood"
  case refusedStreams = "refused_stream_flood"
  case earlyResponses = "early_response_flood"
  case emptyData = "empty_data_flood"
  case smallData = "small_data_flood"
  case pings = "ping_flood"
  case settings = "settings_flood"
  case controlFrames = "control_frame_flood"

  package var name: String { rawValue }
}
