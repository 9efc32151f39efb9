// Sends usage events over streams of IngestUsage, as fast as they are answered, and looks at every
// answer: they must come in the order of the events, and say ACCEPTED, or DUPLICATE for an event
// that an earlier run may have sent.
//
// usage: ingest PORT TOKEN PACKAGES EVENTS IN_FLIGHT ACKNOWLEDGED...
//
// PACKAGES is a file of package ids, one a line; EVENTS how many each stream has to send, of which
// ACKNOWLEDGED, one number a stream, were answered in an earlier run. Each stream has a connection
// of its own, and at most IN_FLIGHT events that are not answered. Prints the seconds, how many
// were accepted and how many were duplicates, the median and the 99th percentile of the time from
// an event to its answer in microseconds, and then how many events of each stream are answered
// now. Ends with 2 when the server has gone away before all were answered.
//
// Event n of stream s has the id PREFIX-s-n, is of package n mod their number, was observed n
// nanoseconds after OBSERVED_SECONDS, and holds n mod 1000 bytes in, 2 bytes out and 1 request;
// PREFIX and OBSERVED_SECONDS come from the environment.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  MAX_STREAMS = 64, MAX_PACKAGES = 100000, ID_BYTES = 34, MAX_IN_FLIGHT = 1 << 16,
  FRAME_BYTES = 16384, OUT_BYTES = 64 * 1024, IN_BYTES = 256 * 1024,
  DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW_UPDATE = 8,
  ACCEPTED = 1, DUPLICATE = 2
};

struct stream {
  int socket;
  long sent, answered, earlier;
  // What the server's windows still let through.
  long window, connection_window;
  uint8_t out[OUT_BYTES + 2 * FRAME_BYTES];
  size_t out_start, out_end;
  uint8_t in[IN_BYTES];
  size_t in_end;
  // A message that came in parts.
  uint8_t message[FRAME_BYTES];
  size_t message_end;
  double sent_at[MAX_IN_FLIGHT];
};

static struct stream streams[MAX_STREAMS];
static char packages[MAX_PACKAGES][ID_BYTES + 1];
static long package_count, events, in_flight, accepted, duplicates, latency_count;
static float *latencies;
static int stream_count, is_gone;
static const char *prefix;
static time_t observed_seconds;

static void fail(const char *what) {
  fprintf(stderr, "ingest: %s\n", what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static uint8_t *frame_head(uint8_t *to, size_t bytes, int kind, int flags, uint32_t stream) {
  *to++ = bytes >> 16; *to++ = bytes >> 8; *to++ = bytes;
  *to++ = kind; *to++ = flags;
  *to++ = stream >> 24; *to++ = stream >> 16; *to++ = stream >> 8; *to++ = stream;
  return to;
}

static uint8_t *number(uint8_t *to, uint32_t value) {
  *to++ = value >> 24; *to++ = value >> 16; *to++ = value >> 8; *to++ = value;
  return to;
}

static uint8_t *varint(uint8_t *to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = value | 0x80;
  *to++ = value;
  return to;
}

static uint8_t *text(uint8_t *to, int tag, const char *text, size_t bytes) {
  *to++ = tag;
  to = varint(to, bytes);
  memcpy(to, text, bytes);
  return to + bytes;
}

static uint8_t *literal(uint8_t *to, const char *text) {
  size_t bytes = strlen(text);
  if (bytes < 127) {
    *to++ = bytes;
  } else {
    *to++ = 127;
    to = varint(to, bytes - 127);
  }
  memcpy(to, text, bytes);
  return to + bytes;
}

static uint8_t *field(uint8_t *to, const char *name, const char *value) {
  *to++ = 0;
  return literal(literal(to, name), value);
}

static void open_stream(struct stream *s, int port, const char *token) {
  s->socket = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(s->socket, (struct sockaddr *)&address, sizeof address)) fail("cannot connect");
  int one = 1;
  setsockopt(s->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(s->socket, F_SETFL, O_NONBLOCK);
  s->window = s->connection_window = 65535;
  uint8_t *to = s->out;
  memcpy(to, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
  to = frame_head(to + 24, 6, SETTINGS, 0, 0);
  *to++ = 0; *to++ = 4;  // SETTINGS_INITIAL_WINDOW_SIZE
  to = number(to, 0x7fffffff);
  to = number(frame_head(to, 4, WINDOW_UPDATE, 0, 0), 0x7fffffff - 65535);
  uint8_t *head = to;
  to += 9;
  to = field(to, ":method", "POST");
  to = field(to, ":scheme", "http");
  to = field(to, ":path", "/packd.v1.PackageService/IngestUsage");
  to = field(to, ":authority", "packd");
  to = field(to, "content-type", "application/grpc");
  to = field(to, "te", "trailers");
  to = field(to, "authorization", token);
  frame_head(head, to - head - 9, HEADERS, 4, 1);
  s->out_end = to - s->out;
}

// One gRPC message with the event `n` of stream `s`.
static uint8_t *event(uint8_t *to, int s, long n, const struct timespec *time) {
  uint8_t body[256], measured[32], observed[16], *end;
  char id[64];
  uint8_t *at = body;
  at = text(at, 0x0a, id, snprintf(id, sizeof id, "%.16s-%d-%ld", prefix, s, n));
  at = text(at, 0x12, packages[n % package_count], ID_BYTES);
  end = observed;
  *end++ = 0x08;
  end = varint(end, time->tv_sec);
  *end++ = 0x10;
  end = varint(end, time->tv_nsec);
  at = text(at, 0x1a, (char *)observed, end - observed);
  end = measured;
  if (n % 1000) {
    *end++ = 0x08;
    end = varint(end, n % 1000);
  }
  *end++ = 0x10; *end++ = 2; *end++ = 0x18; *end++ = 1;
  at = text(at, 0x2a, (char *)measured, end - measured);
  size_t bytes = at - body;
  uint8_t start[8] = {0x0a};
  size_t head = varint(start + 1, bytes) - start;
  *to++ = 0;
  to = number(to, head + bytes);
  memcpy(to, start, head);
  memcpy(to + head, body, bytes);
  return to + head + bytes;
}

// Makes as many frames as windows, buffer and IN_FLIGHT let through.
static void fill(int index) {
  struct stream *s = &streams[index];
  if (s->out_start == s->out_end) s->out_start = s->out_end = 0;
  while (s->sent < events && s->sent - s->answered < in_flight && s->out_end < OUT_BYTES) {
    long room = s->window < s->connection_window ? s->window : s->connection_window;
    if (room > FRAME_BYTES) room = FRAME_BYTES;
    uint8_t *head = s->out + s->out_end, *to = head + 9;
    double at = now();
    // The observed time is the same for an event whenever it is sent.
    struct timespec time = {.tv_sec = observed_seconds};
    while (s->sent < events && s->sent - s->answered < in_flight && to - head - 9 + 256 <= room) {
      time.tv_nsec = s->sent;
      to = event(to, index, s->sent, &time);
      s->sent_at[s->sent++ % MAX_IN_FLIGHT] = at;
    }
    size_t bytes = to - head - 9;
    if (!bytes) return;
    frame_head(head, bytes, DATA, 0, 1);
    s->window -= bytes;
    s->connection_window -= bytes;
    s->out_end += bytes + 9;
  }
}

static void send_out(struct stream *s) {
  while (s->out_start < s->out_end) {
    ssize_t n = send(s->socket, s->out + s->out_start, s->out_end - s->out_start, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
      is_gone = 1;
      return;
    }
    s->out_start += n;
  }
}

static void answer(int index, const uint8_t *message, size_t bytes) {
  struct stream *s = &streams[index];
  char id[64];
  size_t length = snprintf(id, sizeof id, "%.16s-%d-%ld", prefix, index, s->answered);
  int verdict = -1;
  if (bytes >= length + 4 && message[0] == 0x0a && message[1] == length &&
      !memcmp(message + 2, id, length) && message[length + 2] == 0x10)
    verdict = message[length + 3];
  if (verdict == ACCEPTED) accepted++;
  else if (verdict == DUPLICATE) duplicates++;
  else {
    fprintf(stderr, "ingest: event %s got verdict %d, %zu bytes: %.*s\n", id, verdict, bytes,
            (int)bytes, message);
    exit(1);
  }
  latencies[latency_count++] = now() - s->sent_at[s->answered % MAX_IN_FLIGHT];
  s->answered++;
}

static void data(int index, const uint8_t *bytes, size_t count) {
  struct stream *s = &streams[index];
  while (count) {
    size_t want = s->message_end < 5 ? 5 : 5 + (s->message[3] << 8 | s->message[4]);
    size_t part = want - s->message_end < count ? want - s->message_end : count;
    memcpy(s->message + s->message_end, bytes, part);
    s->message_end += part;
    bytes += part;
    count -= part;
    if (s->message_end < 5) continue;
    want = 5 + (s->message[3] << 8 | s->message[4]);
    if (want > sizeof s->message) fail("an answer is too long");
    if (s->message_end == want) {
      answer(index, s->message + 5, want - 5);
      s->message_end = 0;
    }
  }
}

static uint32_t read_number(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static void frame(int index, int kind, int flags, uint32_t stream, uint8_t *payload, size_t bytes) {
  struct stream *s = &streams[index];
  switch (kind) {
  case DATA: data(index, payload, bytes); break;
  case WINDOW_UPDATE:
    *(stream ? &s->window : &s->connection_window) += read_number(payload);
    break;
  case SETTINGS:
    if (flags & 1) break;
    for (size_t at = 0; at + 6 <= bytes; at += 6)
      if (payload[at] == 0 && payload[at + 1] == 4)
        s->window += (long)read_number(payload + at + 2) - 65535;
    s->out_end = frame_head(s->out + s->out_end, 0, SETTINGS, 1, 0) - s->out;
    break;
  case PING:
    if (flags & 1) break;
    memcpy(frame_head(s->out + s->out_end, 8, PING, 1, 0), payload, 8);
    s->out_end += 17;
    break;
  case HEADERS:
    if (flags & 1) is_gone = 1;
    break;
  case RST_STREAM: case GOAWAY: is_gone = 1; break;
  }
}

static void receive(int index) {
  struct stream *s = &streams[index];
  ssize_t n = recv(s->socket, s->in + s->in_end, IN_BYTES - s->in_end, 0);
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) {
    is_gone = 1;
    return;
  }
  s->in_end += n;
  size_t at = 0;
  while (s->in_end - at >= 9) {
    uint8_t *p = s->in + at;
    size_t bytes = (size_t)p[0] << 16 | p[1] << 8 | p[2];
    if (s->in_end - at < 9 + bytes) break;
    frame(index, p[3], p[4], read_number(p + 5), p + 9, bytes);
    at += 9 + bytes;
  }
  memmove(s->in, s->in + at, s->in_end - at);
  s->in_end -= at;
}

static int is_done(void) {
  for (int i = 0; i < stream_count; i++)
    if (streams[i].answered < events) return 0;
  return 1;
}

static int by_value(const void *a, const void *b) {
  float x = *(const float *)a, y = *(const float *)b;
  return x < y ? -1 : x > y;
}

static void read_packages(const char *path) {
  FILE *file = fopen(path, "r");
  if (!file) fail("cannot read the packages");
  while (package_count < MAX_PACKAGES && fscanf(file, "%34s", packages[package_count]) == 1)
    package_count++;
  fclose(file);
  if (!package_count) fail("there are no packages");
}

int main(int argc, char **argv) {
  prefix = getenv("PREFIX");
  if (argc < 7 || !prefix || !getenv("OBSERVED_SECONDS")) fail("not what the usage says");
  observed_seconds = atol(getenv("OBSERVED_SECONDS"));
  read_packages(argv[3]);
  events = atol(argv[4]);
  in_flight = atol(argv[5]);
  stream_count = argc - 6;
  if (stream_count > MAX_STREAMS || in_flight > MAX_IN_FLIGHT) fail("that is too much");
  latencies = malloc(sizeof(float) * (events * stream_count + 1));
  struct pollfd polls[MAX_STREAMS];
  for (int i = 0; i < stream_count; i++) {
    streams[i].sent = streams[i].answered = atol(argv[6 + i]);
    open_stream(&streams[i], atoi(argv[1]), argv[2]);
  }
  double began = now();
  while (!is_gone && !is_done()) {
    for (int i = 0; i < stream_count; i++) {
      fill(i);
      send_out(&streams[i]);
      int wants_out = streams[i].out_start < streams[i].out_end;
      polls[i] = (struct pollfd){streams[i].socket, POLLIN | (wants_out ? POLLOUT : 0), 0};
    }
    if (poll(polls, stream_count, 20000) <= 0) fail("nothing comes any more");
    for (int i = 0; i < stream_count; i++)
      if (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) receive(i);
  }
  double seconds = now() - began;
  qsort(latencies, latency_count, sizeof *latencies, by_value);
  double median = latency_count ? latencies[latency_count / 2] : 0;
  double p99 = latency_count ? latencies[latency_count * 99 / 100] : 0;
  printf("%.6f %ld %ld %.0f %.0f", seconds, accepted, duplicates, median * 1e6, p99 * 1e6);
  for (int i = 0; i < stream_count; i++) printf(" %ld", streams[i].answered);
  printf("\n");
  return is_gone ? 2 : 0;
}
