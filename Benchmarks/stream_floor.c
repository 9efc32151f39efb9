// The floor of a stream of long messages: one thread that makes a message of a MiB and hands it,
// cut into frames, to the socket in one blocking writev, again and again. It looks at no window,
// so it is for clients whose windows are wide open.
//
// usage: stream_floor PORT MESSAGES
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  // With the fields of StreamingOutputCallResponse and gRPC's prefix before the body.
  HEAD_BYTES = 13, MESSAGE_BYTES = (1 << 20) + HEAD_BYTES, FRAME_BYTES = 16384,
  FRAMES = (MESSAGE_BYTES + FRAME_BYTES - 1) / FRAME_BYTES,
  DATA = 0, SETTINGS = 4, ACK = 1, END_STREAM = 1
};

// Field 1, the payload, of 1048580 bytes; in it field 2, the body, of 1048576.
static const uint8_t message_head[HEAD_BYTES] = {
    0, 0, 16, 0, 8, 0x0a, 0x84, 0x80, 0x40, 0x12, 0x80, 0x80, 0x40};
static uint8_t message[MESSAGE_BYTES], heads[FRAMES][9];

static int write_all(int socket, struct iovec *parts, int count) {
  while (count > 0) {
    ssize_t sent = writev(socket, parts, count);
    if (sent < 0) return -1;
    for (; count > 0 && (size_t)sent >= parts->iov_len; count--) sent -= (parts++)->iov_len;
    if (count > 0) {
      parts->iov_base = (uint8_t *)parts->iov_base + sent;
      parts->iov_len -= sent;
    }
  }
  return 0;
}

static int write_bytes(int socket, const void *bytes, size_t count) {
  struct iovec part = {(void *)bytes, count};
  return write_all(socket, &part, 1);
}

static int send_message(int socket) {
  struct iovec parts[2 * FRAMES];
  memcpy(message, message_head, HEAD_BYTES);
  memset(message + HEAD_BYTES, 0, MESSAGE_BYTES - HEAD_BYTES);
  for (size_t n = 0, at = 0; n < FRAMES; n++, at += FRAME_BYTES) {
    size_t count = MESSAGE_BYTES - at < FRAME_BYTES ? MESSAGE_BYTES - at : FRAME_BYTES;
    uint8_t head[9] = {0, count >> 8, count, DATA, 0, 0, 0, 0, 1};
    memcpy(heads[n], head, 9);
    parts[2 * n] = (struct iovec){heads[n], 9};
    parts[2 * n + 1] = (struct iovec){message + at, count};
  }
  return write_all(socket, parts, 2 * FRAMES);
}

// Returns once the request is whole; -1 if the client is gone before.
static int read_request(int socket) {
  static uint8_t in[1 << 16];
  size_t end = 0, at = 24;
  if (write_bytes(socket, "\0\0\0\4\0\0\0\0", 9)) return -1;
  for (;;) {
    ssize_t got = read(socket, in + end, sizeof in - end);
    if (got <= 0) return -1;
    for (end += got; end >= at + 9;) {
      const uint8_t *frame = in + at;
      size_t count = 9 + ((size_t)frame[0] << 16 | frame[1] << 8 | frame[2]);
      if (end < at + count) break;
      int kind = frame[3], flags = frame[4];
      if (kind == DATA && flags & END_STREAM) return 0;
      if (kind == SETTINGS && !(flags & ACK))
        if (write_bytes(socket, "\0\0\0\4\1\0\0\0", 9)) return -1;
      at += count;
    }
  }
}

static void serve(int socket, long messages) {
  static const uint8_t headers[] = {0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88};
  static const uint8_t trailers[] = {0,   0,   15,  1,   5,   0,   0,   0,   1, 0, 11, 'g',
                                     'r', 'p', 'c', '-', 's', 't', 'a', 't', 'u', 's', 1, '0'};
  static uint8_t ignored[4096];
  if (read_request(socket) || write_bytes(socket, headers, sizeof headers)) return;
  for (long n = 0; n < messages; n++)
    if (send_message(socket)) return;
  if (write_bytes(socket, trailers, sizeof trailers)) return;
  while (read(socket, ignored, sizeof ignored) > 0) {}
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  int listening = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  struct sockaddr_in address = {
      .sin_family = AF_INET,
      .sin_port = htons(atoi(argv[1])),
      .sin_addr = {htonl(INADDR_LOOPBACK)}};
  signal(SIGPIPE, SIG_IGN);
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listening, (struct sockaddr *)&address, sizeof address)) return 1;
  if (listen(listening, 16)) return 1;
  for (;;) {
    int socket = accept(listening, NULL, NULL);
    if (socket < 0) continue;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    serve(socket, atol(argv[2]));
    close(socket);
  }
}
