#include <curl/curl.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

/* What libcurl copies, such as a form on its way to the socket, it frees as it is: here it gets the
   functions of this program, which wipe (CWipedHeap).

   Macros that have casts are not imported by Swift. */
static inline CURLcode packd_curl_global_init(void) {
  return curl_global_init_mem(CURL_GLOBAL_ALL, malloc, free, realloc, strdup, calloc);
}
static const long packd_curl_auth_bearer = (long)CURLAUTH_BEARER;

/* These take variable arguments, which Swift does not call. */
static inline CURLcode packd_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode packd_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode packd_curl_set_size(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode packd_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
  return curl_easy_setopt(handle, option, value);
}

static inline CURLcode packd_curl_set_copy(
    CURL *handle, CURLoption option, const void *bytes, size_t count) {
  struct curl_blob blob = {(void *)bytes, count, CURL_BLOB_COPY};
  return curl_easy_setopt(handle, option, &blob);
}

static inline CURLcode packd_curl_set_list(
    CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

typedef size_t packd_curl_transfer(char *bytes, size_t size, size_t count, void *context);
typedef int packd_curl_progress(
    void *context, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

static inline CURLcode packd_curl_set_transfer(
    CURL *handle, CURLoption option, packd_curl_transfer *function) {
  return curl_easy_setopt(handle, option, function);
}

static inline CURLcode packd_curl_set_progress(CURL *handle, packd_curl_progress *function) {
  return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, function);
}

typedef int packd_curl_debug(
    CURL *handle, curl_infotype type, char *bytes, size_t count, void *context);

static inline CURLcode packd_curl_set_debug(CURL *handle, packd_curl_debug *function) {
  return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, function);
}

static inline CURLcode packd_curl_get_long(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

/* Else OpenSSL keeps what it decrypted until its memory is used again. */
static inline CURLcode packd_curl_cleanse(CURL *handle, void *tls, void *context) {
  (void)handle, (void)context;
  SSL_CTX_set_options((SSL_CTX *)tls, SSL_OP_CLEANSE_PLAINTEXT);
  return CURLE_OK;
}

static inline CURLcode packd_curl_set_cleansing(CURL *handle) {
  return curl_easy_setopt(handle, CURLOPT_SSL_CTX_FUNCTION, packd_curl_cleanse);
}
