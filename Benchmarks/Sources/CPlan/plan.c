#include "plan.h"

#include <protobuf-c/protobuf-c.h>

// From protoc-c's catalogue_service.pb-c.c.
extern const ProtobufCMessageDescriptor packd__v1__plan__descriptor;

struct plan *plan_decode(const uint8_t *bytes, size_t count) {
  return (struct plan *)protobuf_c_message_unpack(&packd__v1__plan__descriptor, NULL, count,
                                                  bytes);
}

void plan_free(struct plan *plan) {
  protobuf_c_message_free_unpacked((ProtobufCMessage *)plan, NULL);
}

size_t plan_size(const struct plan *plan) {
  return protobuf_c_message_get_packed_size((const ProtobufCMessage *)plan);
}

size_t plan_encode(const struct plan *plan, uint8_t *out) {
  return protobuf_c_message_pack((const ProtobufCMessage *)plan, out);
}

void keep(const void *value) { (void)value; }
