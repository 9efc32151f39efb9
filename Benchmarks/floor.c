// The floor: epoll + nghttp2 in C, a fixed answer, nothing else. argv[1] = port. apt:
// libnghttp2-dev
#define _GNU_SOURCE
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <unistd.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <signal.h>
#define PAY 155
static uint8_t payload[PAY];
typedef struct stream {
  int32_t id;
  uint32_t blen;
  uint32_t off;
  uint8_t ispath;
  uint8_t body[64];
  struct stream *next;
} stream;
typedef struct conn {
  int fd;
  nghttp2_session *s;
  uint8_t *obuf;
  size_t olen, ocap, ooff;
} conn;
static stream *freel;
static stream *salloc(void) {
  stream *s = freel;
  if (s)
    freel = s->next;
  else
    s = malloc(sizeof *s);
  memset(s, 0, offsetof(stream, body));
  return s;
}
#define NV(n, v)                                                                                   \
  {(uint8_t *)n, (uint8_t *)v, sizeof(n) - 1, sizeof(v) - 1,                                       \
   NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}
static nghttp2_nv hdrs[] = {NV(":status", "200"), NV("content-type", "application/grpc")};
static nghttp2_nv trl[] = {NV("grpc-status", "0")};
static ssize_t rd(nghttp2_session *s, int32_t id, uint8_t *buf, size_t len, uint32_t *fl,
                  nghttp2_data_source *src, void *ud) {
  stream *st = src->ptr;
  size_t n = PAY - st->off;
  if (n > len)
    n = len;
  memcpy(buf, payload + st->off, n);
  st->off += n;
  if (st->off == PAY) {
    *fl |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    nghttp2_submit_trailer(s, id, trl, 1);
  }
  return n;
}
static int on_begin(nghttp2_session *s, const nghttp2_frame *f, void *ud) {
  if (f->hd.type != NGHTTP2_HEADERS || f->headers.cat != NGHTTP2_HCAT_REQUEST)
    return 0;
  stream *st = salloc();
  st->id = f->hd.stream_id;
  nghttp2_session_set_stream_user_data(s, st->id, st);
  return 0;
}
static int on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *n, size_t nl,
                     const uint8_t *v, size_t vl, uint8_t fl, void *ud) {
  if (nl == 5 && memcmp(n, ":path", 5) == 0) {
    stream *st = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
    if (st && vl == 34 && memcmp(v, "/packd.v1.CatalogueService/GetPlan", 34) == 0)
      st->ispath = 1;
  }
  return 0;
}
static int on_data(nghttp2_session *s, uint8_t fl, int32_t id, const uint8_t *d, size_t n,
                   void *ud) {
  stream *st = nghttp2_session_get_stream_user_data(s, id);
  if (st && st->blen + n <= sizeof st->body) {
    memcpy(st->body + st->blen, d, n);
    st->blen += n;
  }
  return 0;
}
static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *ud) {
  if ((f->hd.type == NGHTTP2_DATA || f->hd.type == NGHTTP2_HEADERS) &&
      (f->hd.flags & NGHTTP2_FLAG_END_STREAM)) {
    stream *st = nghttp2_session_get_stream_user_data(s, f->hd.stream_id);
    if (!st)
      return 0;
    if (!st->ispath || st->blen < 5) {
      nghttp2_submit_rst_stream(s, 0, st->id, NGHTTP2_INTERNAL_ERROR);
      return 0;
    }
    nghttp2_data_provider p;
    p.source.ptr = st;
    p.read_callback = rd;
    nghttp2_submit_response(s, st->id, hdrs, 2, &p);
  }
  return 0;
}
static int on_close(nghttp2_session *s, int32_t id, uint32_t ec, void *ud) {
  stream *st = nghttp2_session_get_stream_user_data(s, id);
  if (st) {
    st->next = freel;
    freel = st;
  }
  return 0;
}
static nghttp2_session_callbacks *cbs;
static nghttp2_option *opt;
static int ep;
static int flush(conn *c) { // 0 ok, -1 close
  for (;;) {
    const uint8_t *p;
    ssize_t n = nghttp2_session_mem_send(c->s, &p);
    if (n < 0)
      return -1;
    if (n == 0)
      break;
    if (c->olen + n > c->ocap) {
      c->ocap = (c->olen + n) * 2;
      c->obuf = realloc(c->obuf, c->ocap);
    }
    memcpy(c->obuf + c->olen, p, n);
    c->olen += n;
  }
  while (c->ooff < c->olen) {
    ssize_t n = write(c->fd, c->obuf + c->ooff, c->olen - c->ooff);
    if (n < 0) {
      if (errno == EAGAIN) {
        struct epoll_event e = {EPOLLIN | EPOLLOUT, {.ptr = c}};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        return 0;
      }
      return -1;
    }
    c->ooff += n;
  }
  c->olen = c->ooff = 0;
  return 0;
}
static void drop(conn *c) {
  close(c->fd);
  nghttp2_session_del(c->s);
  free(c->obuf);
  free(c);
}
static void on_term(int s) {
  (void)s;
  exit(0);
}
int main(int ac, char **av) {
  int port = ac > 1 ? atoi(av[1]) : 9001;
  memset(payload, 'x', PAY);
  payload[0] = 0;
  payload[1] = payload[2] = payload[3] = 0;
  payload[4] = 150;
  signal(SIGTERM, on_term);
  nghttp2_session_callbacks_new(&cbs);
  nghttp2_session_callbacks_set_on_begin_headers_callback(cbs, on_begin);
  nghttp2_session_callbacks_set_on_header_callback(cbs, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cbs, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(cbs, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(cbs, on_close);
  nghttp2_option_new(&opt);
  nghttp2_option_set_no_closed_streams(opt, 1);
  int l = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in a = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(l, (void *)&a, sizeof a)) {
    perror("bind");
    return 1;
  }
  listen(l, 512);
  ep = epoll_create1(0);
  struct epoll_event e = {EPOLLIN, {.ptr = 0}};
  epoll_ctl(ep, EPOLL_CTL_ADD, l, &e);
  static uint8_t ibuf[65536];
  struct epoll_event evs[64];
  for (;;) {
    int n = epoll_wait(ep, evs, 64, -1);
    for (int i = 0; i < n; i++) {
      conn *c = evs[i].data.ptr;
      if (!c) {
        int fd;
        while ((fd = accept4(l, 0, 0, SOCK_NONBLOCK)) >= 0) {
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
          c = calloc(1, sizeof *c);
          c->fd = fd;
          nghttp2_session_server_new2(&c->s, cbs, c, opt);
          nghttp2_settings_entry iv[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 256}};
          nghttp2_submit_settings(c->s, 0, iv, 1);
          struct epoll_event e = {EPOLLIN, {.ptr = c}};
          epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e);
          if (flush(c))
            drop(c);
        }
        continue;
      }
      if (evs[i].events & EPOLLOUT) {
        struct epoll_event e = {EPOLLIN, {.ptr = c}};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
        if (flush(c)) {
          drop(c);
          continue;
        }
      }
      if (evs[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        ssize_t r = read(c->fd, ibuf, sizeof ibuf);
        if (r <= 0) {
          if (r < 0 && errno == EAGAIN)
            continue;
          drop(c);
          continue;
        }
        if (nghttp2_session_mem_recv(c->s, ibuf, r) < 0 || flush(c) ||
            (!nghttp2_session_want_read(c->s) && !nghttp2_session_want_write(c->s)))
          drop(c);
      }
    }
  }
}
