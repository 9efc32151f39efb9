// Keeps a server busy with unary calls, every call a message of its own, in as little CPU as a
// caller can take. h2load sends one message over and over.
//
// usage: calls PORT CONNECTIONS STREAMS shared|own HEADERS MESSAGES TIMES
//
// HEADERS is a file of header blocks, one for all connections or one for each; MESSAGES one of
// request messages; in both each comes behind its length in four bytes, little-endian. Shared
// messages are taken in order by whoever is free; of own ones, message n is of connection
// n mod CONNECTIONS. Each connection has at most STREAMS calls open. Prints the seconds of all, and
// writes those of each call into TIMES, as floats. Of the answers only frame headers are looked at:
// an error of a call has no DATA frame, and ends the run.
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
  MAX_CONNECTIONS = 256, IN_BYTES = 1 << 18, OUT_BYTES = 1 << 18, TIMEOUT_MILLISECONDS = 30000,
  DATA = 0, HEADERS = 1, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, WINDOW_UPDATE = 8,
  ACK = 1, END_STREAM = 1, END_HEADERS = 4
};

struct text {
  const uint8_t *bytes;
  uint32_t count;
};

struct texts {
  struct text *all;
  long count;
};

struct connection {
  int socket;
  struct text block;
  // The next message, where they are its own.
  long next_message;
  uint32_t next_stream;
  // By stream number: when each call began, and whether DATA of its answer has come.
  double *began;
  uint8_t *has_data;
  uint8_t in[IN_BYTES], out[OUT_BYTES];
  size_t in_end, out_start, out_end;
};

static struct connection *connections[MAX_CONNECTIONS];
static long connection_count, stream_count, taken, answered;
static int is_shared;
static struct texts messages;
static float *times;

static void fail(const char *what) {
  fprintf(stderr, "calls: %s\n", what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

static struct texts read_texts(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) fail(path);
  fseek(file, 0, SEEK_END);
  long size = ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(size);
  if (!bytes || fread(bytes, 1, size, file) != (size_t)size) fail(path);
  fclose(file);
  struct texts texts = {malloc((size / 4 + 1) * sizeof(struct text)), 0};
  for (long at = 0; at < size;) {
    struct text *text = &texts.all[texts.count++];
    memcpy(&text->count, bytes + at, 4);
    text->bytes = bytes + at + 4;
    at += 4 + text->count;
  }
  return texts;
}

static void put_frame(
    struct connection *c, int kind, int flags, uint32_t stream, const void *payload, size_t count) {
  uint8_t head[9] = {count >> 16, count >> 8, count, kind, flags};
  uint32_t id = htonl(stream);
  memcpy(head + 5, &id, 4);
  if (c->out_end + 9 + count > OUT_BYTES) fail("more to send than there is room for");
  memcpy(c->out + c->out_end, head, 9);
  if (count) memcpy(c->out + c->out_end + 9, payload, count);
  c->out_end += 9 + count;
}

static void flush(struct connection *c) {
  while (c->out_start < c->out_end) {
    ssize_t sent = send(c->socket, c->out + c->out_start, c->out_end - c->out_start, MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) fail("a connection is gone");
    c->out_start += sent;
  }
  c->out_start = c->out_end = 0;
}

// The next message of the connection; nil when there are no more.
static struct text *next_message(struct connection *c) {
  if (is_shared) return taken < messages.count ? &messages.all[taken++] : NULL;
  if (c->next_message >= messages.count) return NULL;
  struct text *message = &messages.all[c->next_message];
  c->next_message += connection_count;
  return message;
}

static void start_calls(struct connection *c, long count) {
  uint8_t body[1 << 14];
  for (struct text *message; count > 0 && (message = next_message(c)); count--) {
    if (message->count + 5 > sizeof body) fail("a message is too long");
    uint32_t size = htonl(message->count);
    body[0] = 0;
    memcpy(body + 1, &size, 4);
    memcpy(body + 5, message->bytes, message->count);
    put_frame(c, HEADERS, END_HEADERS, c->next_stream, c->block.bytes, c->block.count);
    put_frame(c, DATA, END_STREAM, c->next_stream, body, message->count + 5);
    c->began[c->next_stream / 2] = now();
    c->next_stream += 2;
  }
  flush(c);
}

static struct connection *open_connection(int port, long number, struct texts *blocks) {
  struct connection *c = calloc(1, sizeof *c);
  long calls = is_shared ? messages.count : messages.count / connection_count + 1;
  c->began = calloc(calls + 1, sizeof *c->began);
  c->has_data = calloc(calls + 1, 1);
  c->block = blocks->all[blocks->count == 1 ? 0 : number];
  c->next_message = number;
  c->next_stream = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
  c->socket = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(c->socket, (struct sockaddr *)&address, sizeof address)) fail("cannot connect");
  fcntl(c->socket, F_SETFL, O_NONBLOCK);
  memcpy(c->out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
  c->out_end = 24;
  put_frame(c, SETTINGS, 0, 0, NULL, 0);
  uint32_t window = htonl(0x7fffffff - 65535);
  put_frame(c, WINDOW_UPDATE, 0, 0, &window, 4);
  start_calls(c, stream_count);
  return c;
}

static long take_frame(struct connection *c, const uint8_t *frame, size_t count) {
  int kind = frame[3], flags = frame[4];
  uint32_t stream;
  memcpy(&stream, frame + 5, 4);
  stream = ntohl(stream);
  if (kind == RST_STREAM || kind == GOAWAY) fail("the server has refused a call");
  if (kind == SETTINGS && !(flags & ACK)) put_frame(c, SETTINGS, ACK, 0, NULL, 0);
  if (kind == PING && !(flags & ACK)) put_frame(c, PING, ACK, 0, frame + 9, count - 9);
  if (kind == DATA) c->has_data[stream / 2] = 1;
  if ((kind != DATA && kind != HEADERS) || !(flags & END_STREAM)) return 0;
  if (!c->has_data[stream / 2]) fail("a call was answered with an error");
  times[answered++] = now() - c->began[stream / 2];
  return 1;
}

static void receive(struct connection *c) {
  ssize_t got = recv(c->socket, c->in + c->in_end, IN_BYTES - c->in_end, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) fail("the server has closed a connection");
  c->in_end += got;
  size_t at = 0;
  long ended = 0;
  while (c->in_end - at >= 9) {
    const uint8_t *frame = c->in + at;
    size_t count = 9 + ((size_t)frame[0] << 16 | frame[1] << 8 | frame[2]);
    if (c->in_end - at < count) break;
    ended += take_frame(c, frame, count);
    at += count;
  }
  memmove(c->in, c->in + at, c->in_end - at);
  c->in_end -= at;
  start_calls(c, ended);
}

int main(int argc, char **argv) {
  if (argc != 8) fail("usage: calls PORT CONNECTIONS STREAMS shared|own HEADERS MESSAGES TIMES");
  connection_count = atol(argv[2]);
  stream_count = atol(argv[3]);
  is_shared = !strcmp(argv[4], "shared");
  struct texts blocks = read_texts(argv[5]);
  messages = read_texts(argv[6]);
  if (connection_count < 1 || connection_count > MAX_CONNECTIONS) fail("too many connections");
  if (blocks.count != 1 && blocks.count != connection_count) fail("not a block for each");
  times = malloc(messages.count * sizeof *times);
  struct pollfd polls[MAX_CONNECTIONS];
  double began = now();
  for (long n = 0; n < connection_count; n++) {
    connections[n] = open_connection(atoi(argv[1]), n, &blocks);
    polls[n].fd = connections[n]->socket;
  }
  while (answered < messages.count) {
    for (long n = 0; n < connection_count; n++)
      polls[n].events = POLLIN | (connections[n]->out_start < connections[n]->out_end ? POLLOUT : 0);
    if (poll(polls, connection_count, TIMEOUT_MILLISECONDS) <= 0) fail("no answer comes");
    for (long n = 0; n < connection_count; n++) {
      if (polls[n].revents & POLLOUT) flush(connections[n]);
      if (polls[n].revents & ~POLLOUT) receive(connections[n]);
    }
  }
  printf("%f\n", now() - began);
  FILE *file = fopen(argv[7], "wb");
  if (!file || fwrite(times, sizeof *times, answered, file) != (size_t)answered) fail(argv[7]);
  fclose(file);
}
