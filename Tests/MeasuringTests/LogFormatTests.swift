internal import Testing

@testable internal import Measuring

@Suite struct LogFormatTests {
  private static let time = "[21/Nov/2026:15:04:05 +0000]"
  private static let seconds: Int64 = 1_795_273_445

  private func entry(_ line: String, _ format: LogFormat = .combined) -> LogEntry? {
    Array(line.utf8).withUnsafeBytes { format.entry($0) }
  }

  @Test(
    "lines of nginx and Apache are read, combined and common",
    arguments: [
      (#"192.0.2.7 - - T "GET / HTTP/1.1" 200 612 "-" "curl/8.0""#, 612),
      (#"192.0.2.7 - - T "GET / HTTP/1.1" 200 612"#, 612),
      (#"2001:db8::7 - frank T "GET / HTTP/2.0" 200 0 "-" "x""#, 0),
      (#"192.0.2.7 - - T "GET / HTTP/1.1" 304 - "-" "x""#, 0),
      (#"192.0.2.7 - - T "GET /a\"b HTTP/1.1" 404 19 "-" "a \"b\" c""#, 19),
      (#"192.0.2.7 - - T "\x16\x03\x01\x5C" 400 150 "-" "-""#, 150),
      (#"192.0.2.7 - - T "" 400 0 "-" "-""#, 0),
      (#"192.0.2.7 - - T "-" 408 0"#, 0),
      (#"www.example.org:443 192.0.2.7 - - T "GET / HTTP/1.1" 200 7 "-" "x""#, 7),
      (#"192.0.2.7 - a user T "GET / HTTP/1.1" 200 7 "-" "x""#, 7),
      (#"192.0.2.7 - - T "GET / HTTP/1.1" 200 1125899906842624 "-" "x""#, 1 << 50),
      (#"192.0.2.7 - - T "GET / HTTP/1.1" 200 7 "-" "x" 0.003 more"#, 7),
    ] as [(String, Int64)])
  func combined(_ line: String, _ bytes: Int64) {
    let line = line.replacing(" T ", with: " \(Self.time) ")
    #expect(entry(line) == LogEntry(seconds: Self.seconds, inBytes: 0, outBytes: bytes))
  }

  @Test(
    "a hostile line is malformed, and nothing worse",
    arguments: [
      "", " ", "\n", "GET / HTTP/1.1", "192.0.2.7 - -",
      #"192.0.2.7 - - T "GET / HTTP/1.1" 200 -5 "-" "x""#,
      #"192.0.2.7 - - T "GET / HTTP/1.1" 200 1.5 "-" "x""#,
      #"192.0.2.7 - - T "GET / HTTP/1.1" 200 9223372036854775808 "-" "x""#,
      #"192.0.2.7 - - T "GET / HTTP/1.1" 200 1125899906842625 "-" "x""#,
      #"192.0.2.7 - - T "GET / HTTP/1.1" 200"#, #"192.0.2.7 - - T "GET / HTTP/1.1" 200 "#,
      #"192.0.2.7 - - T "GET / HTTP/1.1"#, #"192.0.2.7 - - T "GET \"#, #"192.0.2.7 - - T "#,
      #"192.0.2.7 - - T "GET / HTTP/1.1" 200 612x"#,
      #"192.0.2.7 - - [99/Nov/2026:15:04:05 +0000] "GET / HTTP/1.1" 200 612"#,
      String(repeating: " [", count: 30_000),
      String(repeating: "\"", count: 60_000),
      String(repeating: "\u{0}", count: 1_000),
    ])
  func hostile(_ line: String) {
    #expect(entry(line.replacing(" T ", with: " \(Self.time) ")) == nil)
  }

  @Test("bytes that are not UTF-8, and NULs, are no hindrance in the fields of no account")
  func strangeBytes() {
    let line =
      Array("192.0.2.7 - ".utf8) + [0xff, 0x00, 0xc3]
      + Array(" \(Self.time) \"GET /".utf8) + [0xfe, 0x00] + Array(" HTTP/1.1\" 200 5 \"-\"".utf8)
    let entry = line.withUnsafeBytes { LogFormat.combined.entry($0) }
    #expect(entry?.outBytes == 5)
  }

  @Test("a user name cannot pass for another time")
  func forgedUser() {
    let forged = "[01/Jan/2020:00:00:00 +0000]"
    let line = #"192.0.2.7 - x \#(forged) \#(Self.time) "GET / HTTP/1.1" 200 5 "-" "x""#
    #expect(entry(line)?.seconds == Self.seconds)
    let quoted = #"192.0.2.7 - x \#(forged) \"GET / HTTP/1.1\" 200 9 \#(Self.time) "GET /" 200 5"#
    #expect(entry(quoted) == LogEntry(seconds: Self.seconds, inBytes: 0, outBytes: 5))
  }

  @Test("nginx's own formats are read, with what requests took")
  func formats() throws {
    let format = try LogFormat(
      #"$remote_addr [$time_local] "$request" $status $body_bytes_sent $bytes_sent $request_length"#
    )
    let line = #"192.0.2.7 \#(Self.time) "GET /a b HTTP/1.1" 200 612 850 78"#
    #expect(entry(line, format) == LogEntry(seconds: Self.seconds, inBytes: 78, outBytes: 850))
    let json = try LogFormat(
      #"{"time":"${time_iso8601}","uri":"$uri","in":$request_length,"out":$body_bytes_sent}"#)
    let object = #"{"time":"2026-11-21T15:04:05+00:00","uri":"/\"x","in":5,"out":-}"#
    #expect(entry(object, json) == LogEntry(seconds: Self.seconds, inBytes: 5, outBytes: 0))
    let milliseconds = try LogFormat("$msec $bytes_sent")
    #expect(
      entry("1795273445.123 42", milliseconds)
        == LogEntry(seconds: Self.seconds, inBytes: 0, outBytes: 42))
    #expect(entry("1795273445 42", milliseconds) == nil)
    #expect(entry("1795273445.123 42 ", milliseconds) == nil)
    #expect(entry("99999999999999999999.123 42", milliseconds) == nil)
  }

  @Test(
    "a format that cannot be read by is refused with what is expected",
    arguments: [
      "", "$remote_addr $status", "$time_local $msec", "$time_local$status", "$time_local $",
      "${time_local $status", "$time_local $request_length $request_length", "$time_local\n",
    ])
  func refused(_ text: String) {
    #expect(throws: Failure.self) { try LogFormat(text) }
  }

  @Test("a line costs a bounded number of tries")
  func bounded() throws {
    let format = try LogFormat("$a $b $c $d $e $f $g [$time_local]")
    let line = String(repeating: "x ", count: 20_000)
    let clock = ContinuousClock()
    let time = clock.measure { #expect(entry(line, format) == nil) }
    #expect(time < .seconds(2))
  }
}
