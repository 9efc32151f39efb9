internal import CCurl

/// One transfer by libcurl, which blocks its thread: the one place that calls libcurl.
///
/// Every transfer has a connection of its own. On one that was used before, libcurl sends a
/// request again by itself when the server has closed it meanwhile, and no longer tells whether
/// the first may have arrived.
final class EasyHandle {
  private let handle: UnsafeMutableRawPointer
  private let exchange: Exchange
  /// Whether libcurl knew every option so far.
  private var knowsOptions = true

  /// What the callbacks of a transfer read and write, on its thread alone.
  private final class Exchange {
    var upload: ArraySlice<UInt8> = []
    var isUploading = false
    /// Whether the last command to an SMTP server was about the recipient.
    var isNamingRecipient = false
    let body = WipedBuffer()
    var headers: [UInt8] = []
    let maxBodyBytes: Int
    let isCancelled: @Sendable () -> Bool
    var isTooLarge = false

    init(maxBodyBytes: Int, isCancelled: @escaping @Sendable () -> Bool) {
      self.maxBodyBytes = maxBodyBytes
      self.isCancelled = isCancelled
    }

    static func of(_ context: UnsafeMutableRawPointer?) -> Exchange? {
      context.map { Unmanaged<Exchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// As libcurl wants it: another number than `count` ends the transfer.
    func receiveBody(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      guard body.count + count <= maxBodyBytes else {
        isTooLarge = true
        return 0
      }
      body.append(UnsafeRawBufferPointer(start: bytes, count: count))
      return count
    }

    func receiveHeader(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
      guard headers.count + count <= Limits.maxHeaderBytes else {
        isTooLarge = true
        return 0
      }
      headers += UnsafeRawBufferPointer(start: bytes, count: count)
      return count
    }

    /// But for the goodbye, which follows a no as well.
    func noteCommand(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) {
      let verb = UnsafeRawBufferPointer(start: bytes, count: count).prefix(4)
      guard !verb.elementsEqual("QUIT".utf8) else { return }
      isNamingRecipient = verb.elementsEqual("RCPT".utf8)
    }

    func send(_ bytes: UnsafeMutablePointer<CChar>?, _ room: Int) -> Int {
      isUploading = true
      let part = upload.prefix(room)
      UnsafeMutableRawBufferPointer(start: bytes, count: room).copyBytes(from: part)
      upload = upload.dropFirst(part.count)
      return part.count
    }
  }

  /// Once per process, and safe among threads: so curl_global_init(3) wants it.
  private static let isReady = packd_curl_global_init() == CURLE_OK

  /// - Parameter isCancelled: asked about once a second; true ends the transfer.
  init(
    timeouts: Timeouts, maxBodyBytes: Int, isCancelled: @escaping @Sendable () -> Bool
  ) throws(TransferError) {
    guard Self.isReady, let handle = curl_easy_init() else {
      throw TransferError(progress: .notSent, reason: "libcurl cannot be used")
    }
    self.handle = handle
    exchange = Exchange(maxBodyBytes: maxBodyBytes, isCancelled: isCancelled)
    set(CURLOPT_NOSIGNAL, 1)
    // Else the end of a transfer would wait for a name that is still being looked up.
    set(CURLOPT_QUICK_EXIT, 1)
    set(CURLOPT_FRESH_CONNECT, 1)
    set(CURLOPT_FORBID_REUSE, 1)
    set(CURLOPT_CONNECTTIMEOUT_MS, timeouts.connectMilliseconds)
    set(CURLOPT_TIMEOUT_MS, timeouts.totalMilliseconds)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    if packd_curl_set_cleansing(handle) != CURLE_OK { knowsOptions = false }
    set(CURLOPT_FOLLOWLOCATION, 0)
    // Nothing of the environment decides where a request goes.
    set(CURLOPT_PROXY, "")
    set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    setCallbacks()
  }

  deinit {
    curl_easy_cleanup(handle)
  }

  // MARK: HTTP

  func perform(_ request: HTTPRequest) throws(TransferError) -> HTTPResponse {
    try Self.checkHTTP(request.url)
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_USERAGENT, "packd")
    setAuthorization(request.authorization)
    if case .post(let form) = request.method { setPost(form) }
    var lines = request.headers.map { "\($0.name): \($0.value)" }
    // libcurl would ask before it sends a long form, and wait for the answer.
    lines.append("Expect:")
    guard lines.allSatisfy(Self.isHeaderLine) else {
      throw TransferError(progress: .notSent, reason: "a header field with a control character")
    }
    // libcurl reads the form where it is.
    let code = try withExtendedLifetime(request) { () throws(TransferError) in
      try perform(with: lines, as: CURLOPT_HTTPHEADER)
    }
    guard code == CURLE_OK else {
      // Bytes of the request itself: those of a TLS handshake are not counted.
      throw failure(code, isSent: number(CURLINFO_REQUEST_SIZE) > 0)
    }
    return HTTPResponse(status: number(CURLINFO_RESPONSE_CODE), body: exchange.body)
  }

  private func setAuthorization(_ authorization: HTTPRequest.Authorization) {
    switch authorization {
    case .none: break
    case .bearer(let token):
      set(CURLOPT_HTTPAUTH, packd_curl_auth_bearer)
      set(CURLOPT_XOAUTH2_BEARER, token)
    }
  }

  /// An https URL, or an http one of this machine; without a user, whose password would be where
  /// secrets are not looked for.
  private static func checkHTTP(_ text: String) throws(TransferError) {
    guard let url = curl_url() else {
      throw TransferError(progress: .notSent, reason: "out of memory")
    }
    defer { curl_url_cleanup(url) }
    func part(_ part: CURLUPart) -> String? {
      var text: UnsafeMutablePointer<CChar>?
      guard curl_url_get(url, part, &text, 0) == CURLUE_OK, let text else { return nil }
      defer { curl_free(text) }
      return String(cString: text)
    }
    guard curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK,
      part(CURLUPART_USER) == nil, part(CURLUPART_PASSWORD) == nil,
      let host = part(CURLUPART_HOST)
    else { throw TransferError(progress: .notSent, reason: "not a URL") }
    switch part(CURLUPART_SCHEME) {
    case "https": return
    case "http" where ["localhost", "127.0.0.1", "[::1]"].contains(host): return
    default:
      throw TransferError(
        progress: .notSent, reason: "neither https nor http to this machine itself")
    }
  }

  private static func isHeaderLine(_ line: String) -> Bool {
    line.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  }

  // MARK: SMTP

  func perform(_ message: SMTPMessage) throws(TransferError) -> SMTPOutcome {
    set(CURLOPT_URL, message.url)
    set(CURLOPT_PROTOCOLS_STR, "smtp")
    let needsTLS = message.startTLS == .required || message.login != nil
    set(CURLOPT_USE_SSL, Int((needsTLS ? CURLUSESSL_ALL : CURLUSESSL_TRY).rawValue))
    if let login = message.login {
      set(CURLOPT_USERNAME, login.user)
      set(CURLOPT_PASSWORD, login.password)
    }
    if let roots = message.roots { trustOnly(roots) }
    let (sender, recipient) = ("<\(message.sender)>", "<\(message.recipient)>")
    guard [sender, recipient].allSatisfy(Self.isHeaderLine) else {
      throw TransferError(progress: .notSent, reason: "an address with a control character")
    }
    set(CURLOPT_MAIL_FROM, sender)
    set(CURLOPT_UPLOAD, 1)
    // Seconds, of each reply: that to QUIT is waited for beyond the timeout of the whole.
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, max(1, message.timeouts.totalMilliseconds / 1000))
    exchange.upload = message.content[...]
    noteCommands()
    let code = try perform(with: [recipient], as: CURLOPT_MAIL_RCPT)
    let reply = number(CURLINFO_RESPONSE_CODE)
    if code == CURLE_OK { return .accepted }
    guard (400...599).contains(reply), code != CURLE_OPERATION_TIMEDOUT else {
      throw failure(code, isSent: exchange.isUploading)
    }
    let part: SMTPOutcome.Part =
      if exchange.isUploading { .message } else if exchange.isNamingRecipient { .recipient } else {
        .session
      }
    return .refused(part, code: reply, text: Self.lastLine(of: exchange.headers, code: reply))
  }

  /// What libcurl says of a no does not tell what was asked; what it sends does. It prints nothing
  /// where a callback takes it.
  private func noteCommands() {
    let code = packd_curl_set_debug(handle) { _, type, bytes, count, context in
      if type == CURLINFO_HEADER_OUT { Exchange.of(context)?.noteCommand(bytes, count) }
      return 0
    }
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    guard code == CURLE_OK,
      packd_curl_set_pointer(handle, CURLOPT_DEBUGDATA, context) == CURLE_OK
    else {
      knowsOptions = false
      return
    }
    set(CURLOPT_VERBOSE, 1)
  }

  /// What follows is the reply to QUIT.
  private static func lastLine(of bytes: [UInt8], code: Int) -> String {
    bytes.split { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }
      .map { String(decoding: $0, as: UTF8.self) }
      .last { $0.hasPrefix("\(code)") } ?? ""
  }

  // MARK: Transfers

  private func perform(
    with lines: [String], as option: CURLoption
  ) throws(TransferError) -> CURLcode {
    var list: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(list) }
    for line in lines {
      guard let longer = curl_slist_append(list, line) else {
        throw TransferError(progress: .notSent, reason: "out of memory")
      }
      list = longer
    }
    guard packd_curl_set_list(handle, option, list) == CURLE_OK, knowsOptions else {
      throw TransferError(progress: .notSent, reason: "libcurl lacks an option")
    }
    return withExtendedLifetime(exchange) { curl_easy_perform(handle) }
  }

  /// With libcurl's text for the code alone: its longer ones may quote what was sent.
  private func failure(_ code: CURLcode, isSent: Bool) -> TransferError {
    let reason =
      exchange.isTooLarge ? "the answer is too large" : String(cString: curl_easy_strerror(code))
    return TransferError(progress: isSent ? .maybeSent : .notSent, reason: reason)
  }

  private func set(_ option: CURLoption, _ value: Int) {
    if packd_curl_set_long(handle, option, value) != CURLE_OK { knowsOptions = false }
  }

  private func set(_ option: CURLoption, _ value: String) {
    // libcurl would read the text up to the zero, which is not what was meant.
    guard !value.utf8.contains(0), packd_curl_set_text(handle, option, value) == CURLE_OK else {
      knowsOptions = false
      return
    }
  }

  /// Whom the system trusts is not asked.
  private func trustOnly(_ roots: [UInt8]) {
    let isSet =
      roots.withUnsafeBytes {
        packd_curl_set_copy(handle, CURLOPT_CAINFO_BLOB, $0.baseAddress, $0.count)
      }
      == CURLE_OK && packd_curl_set_pointer(handle, CURLOPT_CAPATH, nil) == CURLE_OK
    if !isSet { knowsOptions = false }
  }

  private func setPost(_ form: Form) {
    let isSet = form.buffer.withBytes { bytes in
      packd_curl_set_long(handle, CURLOPT_POST, 1) == CURLE_OK
        && packd_curl_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, bytes.count) == CURLE_OK
        && packd_curl_set_pointer(
          handle, CURLOPT_POSTFIELDS, UnsafeMutableRawPointer(mutating: bytes.baseAddress))
          == CURLE_OK
    }
    if !isSet { knowsOptions = false }
  }

  /// The exchange is this object's, which lives until the transfer has ended.
  private func setCallbacks() {
    let context = Unmanaged.passUnretained(exchange).toOpaque()
    let codes = [
      packd_curl_set_transfer(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
        Exchange.of(context)?.receiveBody(bytes, size * count) ?? 0
      },
      packd_curl_set_transfer(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
        Exchange.of(context)?.receiveHeader(bytes, size * count) ?? 0
      },
      packd_curl_set_transfer(handle, CURLOPT_READFUNCTION) { bytes, size, count, context in
        Exchange.of(context)?.send(bytes, size * count) ?? 0
      },
      packd_curl_set_progress(handle) { context, _, _, _, _ in
        Exchange.of(context)?.isCancelled() == false ? 0 : 1
      },
      packd_curl_set_pointer(handle, CURLOPT_WRITEDATA, context),
      packd_curl_set_pointer(handle, CURLOPT_HEADERDATA, context),
      packd_curl_set_pointer(handle, CURLOPT_READDATA, context),
      packd_curl_set_pointer(handle, CURLOPT_XFERINFODATA, context),
      packd_curl_set_long(handle, CURLOPT_NOPROGRESS, 0),
    ]
    if codes.contains(where: { $0 != CURLE_OK }) { knowsOptions = false }
  }

  private func number(_ info: CURLINFO) -> Int {
    var value = 0
    return packd_curl_get_long(handle, info, &value) == CURLE_OK ? value : 0
  }
}
