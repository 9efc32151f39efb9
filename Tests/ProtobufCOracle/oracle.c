#include "oracle.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue_service.pb-c.h"
#include "error_details.pb-c.h"
#include "health.pb-c.h"
#include "package_service.pb-c.h"
#include "reflection.pb-c.h"
#include "seller_package_service.pb-c.h"
#include "status.pb-c.h"
#include "wire_shapes.pb-c.h"

static const ProtobufCMessageDescriptor *const messages[] = {
    &google__protobuf__any__descriptor,
    &google__protobuf__duration__descriptor,
    &google__protobuf__field_mask__descriptor,
    &google__protobuf__timestamp__descriptor,
    &google__rpc__bad_request__descriptor,
    &google__rpc__bad_request__field_violation__descriptor,
    &google__rpc__error_info__descriptor,
    &google__rpc__localized_message__descriptor,
    &google__rpc__precondition_failure__descriptor,
    &google__rpc__precondition_failure__violation__descriptor,
    &google__rpc__quota_failure__descriptor,
    &google__rpc__quota_failure__violation__descriptor,
    &google__rpc__request_info__descriptor,
    &google__rpc__resource_info__descriptor,
    &google__rpc__retry_info__descriptor,
    &google__rpc__status__descriptor,
    &grpc__health__v1__health_check_request__descriptor,
    &grpc__health__v1__health_check_response__descriptor,
    &grpc__reflection__v1__error_response__descriptor,
    &grpc__reflection__v1__extension_number_response__descriptor,
    &grpc__reflection__v1__extension_request__descriptor,
    &grpc__reflection__v1__file_descriptor_response__descriptor,
    &grpc__reflection__v1__list_service_response__descriptor,
    &grpc__reflection__v1__server_reflection_request__descriptor,
    &grpc__reflection__v1__server_reflection_response__descriptor,
    &grpc__reflection__v1__service_response__descriptor,
    &packd__test__shapes__descriptor,
    &packd__v1__add_package_stack_user_request__descriptor,
    &packd__v1__add_package_stack_user_response__descriptor,
    &packd__v1__attach_resource_request__descriptor,
    &packd__v1__attach_resource_response__descriptor,
    &packd__v1__bandwidth_bucket__descriptor,
    &packd__v1__bandwidth_delta__descriptor,
    &packd__v1__check_entitlement_request__descriptor,
    &packd__v1__check_entitlement_response__descriptor,
    &packd__v1__commit_listing_request__descriptor,
    &packd__v1__commit_listing_response__descriptor,
    &packd__v1__create_package_request__descriptor,
    &packd__v1__create_package_response__descriptor,
    &packd__v1__create_plan_request__descriptor,
    &packd__v1__create_plan_response__descriptor,
    &packd__v1__create_seller_package_request__descriptor,
    &packd__v1__create_seller_package_response__descriptor,
    &packd__v1__credit_card__descriptor,
    &packd__v1__delete_package_request__descriptor,
    &packd__v1__delete_package_response__descriptor,
    &packd__v1__delete_plan_request__descriptor,
    &packd__v1__delete_plan_response__descriptor,
    &packd__v1__delete_seller_package_request__descriptor,
    &packd__v1__delete_seller_package_response__descriptor,
    &packd__v1__detach_resource_request__descriptor,
    &packd__v1__detach_resource_response__descriptor,
    &packd__v1__directory_usage__descriptor,
    &packd__v1__disk_scan__descriptor,
    &packd__v1__entitlement__descriptor,
    &packd__v1__file_type_usage__descriptor,
    &packd__v1__get_package_bandwidth_usage_request__descriptor,
    &packd__v1__get_package_bandwidth_usage_response__descriptor,
    &packd__v1__get_package_configuration_request__descriptor,
    &packd__v1__get_package_configuration_response__descriptor,
    &packd__v1__get_package_disk_usage_request__descriptor,
    &packd__v1__get_package_disk_usage_response__descriptor,
    &packd__v1__get_package_limits_request__descriptor,
    &packd__v1__get_package_limits_response__descriptor,
    &packd__v1__get_package_request__descriptor,
    &packd__v1__get_package_response__descriptor,
    &packd__v1__get_package_services_request__descriptor,
    &packd__v1__get_package_services_response__descriptor,
    &packd__v1__get_package_status_request__descriptor,
    &packd__v1__get_package_status_response__descriptor,
    &packd__v1__get_package_usage_request__descriptor,
    &packd__v1__get_package_usage_response__descriptor,
    &packd__v1__get_package_web_info_request__descriptor,
    &packd__v1__get_package_web_info_response__descriptor,
    &packd__v1__get_plan_request__descriptor,
    &packd__v1__get_plan_response__descriptor,
    &packd__v1__get_receipt_request__descriptor,
    &packd__v1__get_receipt_response__descriptor,
    &packd__v1__get_seller_package_request__descriptor,
    &packd__v1__get_seller_package_response__descriptor,
    &packd__v1__hosting_package__descriptor,
    &packd__v1__ingest_usage_request__descriptor,
    &packd__v1__ingest_usage_response__descriptor,
    &packd__v1__list_active_plans_request__descriptor,
    &packd__v1__list_active_plans_response__descriptor,
    &packd__v1__list_my_packages_request__descriptor,
    &packd__v1__list_my_packages_response__descriptor,
    &packd__v1__list_package_stack_users_request__descriptor,
    &packd__v1__list_package_stack_users_response__descriptor,
    &packd__v1__list_package_types_request__descriptor,
    &packd__v1__list_package_types_response__descriptor,
    &packd__v1__list_packages_request__descriptor,
    &packd__v1__list_packages_response__descriptor,
    &packd__v1__list_plan_versions_request__descriptor,
    &packd__v1__list_plan_versions_response__descriptor,
    &packd__v1__list_plans_request__descriptor,
    &packd__v1__list_plans_response__descriptor,
    &packd__v1__list_purchases_request__descriptor,
    &packd__v1__list_purchases_response__descriptor,
    &packd__v1__list_resources_request__descriptor,
    &packd__v1__list_resources_response__descriptor,
    &packd__v1__list_seller_packages_request__descriptor,
    &packd__v1__list_seller_packages_response__descriptor,
    &packd__v1__list_unresolved_payments_request__descriptor,
    &packd__v1__list_unresolved_payments_response__descriptor,
    &packd__v1__listing_slot__descriptor,
    &packd__v1__money__descriptor,
    &packd__v1__package_bandwidth_usage__descriptor,
    &packd__v1__package_change__descriptor,
    &packd__v1__package_change_quote__descriptor,
    &packd__v1__package_configuration__descriptor,
    &packd__v1__package_disk_usage__descriptor,
    &packd__v1__package_limit__descriptor,
    &packd__v1__package_resource__descriptor,
    &packd__v1__package_service_use__descriptor,
    &packd__v1__package_services__descriptor,
    &packd__v1__package_stack_user__descriptor,
    &packd__v1__package_usage__descriptor,
    &packd__v1__package_web_info__descriptor,
    &packd__v1__pay_pal__descriptor,
    &packd__v1__plan__descriptor,
    &packd__v1__purchase__descriptor,
    &packd__v1__purchase_package_request__descriptor,
    &packd__v1__purchase_package_response__descriptor,
    &packd__v1__quota__descriptor,
    &packd__v1__quote_package_change_request__descriptor,
    &packd__v1__quote_package_change_response__descriptor,
    &packd__v1__receipt__descriptor,
    &packd__v1__release_listing_request__descriptor,
    &packd__v1__release_listing_response__descriptor,
    &packd__v1__remove_package_stack_user_request__descriptor,
    &packd__v1__remove_package_stack_user_response__descriptor,
    &packd__v1__renew_package_request__descriptor,
    &packd__v1__renew_package_response__descriptor,
    &packd__v1__reserve_listing_request__descriptor,
    &packd__v1__reserve_listing_response__descriptor,
    &packd__v1__seller_package__descriptor,
    &packd__v1__seller_package_status__descriptor,
    &packd__v1__suspend_package_request__descriptor,
    &packd__v1__suspend_package_response__descriptor,
    &packd__v1__suspension__descriptor,
    &packd__v1__undelete_package_request__descriptor,
    &packd__v1__undelete_package_response__descriptor,
    &packd__v1__unresolved_payment__descriptor,
    &packd__v1__unsuspend_package_request__descriptor,
    &packd__v1__unsuspend_package_response__descriptor,
    &packd__v1__update_package_configuration_request__descriptor,
    &packd__v1__update_package_configuration_response__descriptor,
    &packd__v1__update_package_request__descriptor,
    &packd__v1__update_package_response__descriptor,
    &packd__v1__update_plan_request__descriptor,
    &packd__v1__update_plan_response__descriptor,
    &packd__v1__update_seller_package_request__descriptor,
    &packd__v1__update_seller_package_response__descriptor,
    &packd__v1__usage_event__descriptor,
    &packd__v1__usage_figure__descriptor,
    &packd__v1__verify_credentials_request__descriptor,
    &packd__v1__verify_credentials_response__descriptor,
    &packd__v1__watch_packages_request__descriptor,
    &packd__v1__watch_packages_response__descriptor,
    &packd__v1__web_domain__descriptor,
};

static const size_t message_count = sizeof messages / sizeof messages[0];

static const ProtobufCMessageDescriptor *find(const char *name) {
  for (size_t i = 0; i < message_count; i++)
    if (strcmp(messages[i]->name, name) == 0) return messages[i];
  return NULL;
}

size_t oracle_message_count(void) { return message_count; }

const char *oracle_message_name(size_t index) { return messages[index]->name; }

void oracle_free(struct oracle_bytes bytes) { free(bytes.data); }

static void *allocate(size_t size) {
  void *memory = calloc(1, size > 0 ? size : 1);
  if (memory == NULL) abort();
  return memory;
}

static void pack(const ProtobufCMessage *message, struct oracle_bytes *out) {
  size_t size = protobuf_c_message_get_packed_size(message);
  out->data = allocate(size);
  out->count = protobuf_c_message_pack(message, out->data);
}

bool oracle_repack(const char *name, const uint8_t *bytes, size_t count,
                   struct oracle_bytes *out) {
  const ProtobufCMessageDescriptor *descriptor = find(name);
  if (descriptor == NULL) return false;
  ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, count, bytes);
  if (message == NULL) return false;
  pack(message, out);
  protobuf_c_message_free_unpacked(message, NULL);
  return true;
}

// Where a field's n-th value stands in the C struct of its message.

static void *member(const ProtobufCMessage *message, unsigned offset) {
  return (uint8_t *)message + offset;
}

static bool is_wide(ProtobufCType type) {
  switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
      return true;
    default:
      return false;
  }
}

static size_t value_size(ProtobufCType type) {
  if (type == PROTOBUF_C_TYPE_STRING || type == PROTOBUF_C_TYPE_MESSAGE) return sizeof(void *);
  if (type == PROTOBUF_C_TYPE_BYTES) return sizeof(ProtobufCBinaryData);
  return is_wide(type) ? 8 : 4;
}

// MARK: Dump

struct text {
  char *characters;
  size_t count, capacity;
};

static void append(struct text *text, const char *format, ...) {
  va_list arguments;
  for (;;) {
    size_t room = text->capacity - text->count;
    va_start(arguments, format);
    int needed = vsnprintf(text->characters + text->count, room, format, arguments);
    va_end(arguments);
    if ((size_t)needed < room) {
      text->count += (size_t)needed;
      return;
    }
    text->capacity = 2 * text->capacity + (size_t)needed + 1;
    text->characters = realloc(text->characters, text->capacity);
    if (text->characters == NULL) abort();
  }
}

static void append_hex(struct text *text, const uint8_t *bytes, size_t count) {
  for (size_t i = 0; i < count; i++) append(text, "%02x", bytes[i]);
}

static void dump_message(struct text *text, const ProtobufCMessage *message);

static void dump_value(struct text *text, const ProtobufCFieldDescriptor *field,
                       const void *value) {
  append(text, "%s ", field->name);
  switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
      const char *string = *(const char *const *)value;
      append_hex(text, (const uint8_t *)string, strlen(string));
      break;
    }
    case PROTOBUF_C_TYPE_BYTES: {
      const ProtobufCBinaryData *data = value;
      append_hex(text, data->data, data->len);
      break;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
      dump_message(text, *(const ProtobufCMessage *const *)value);
      break;
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL:
      append(text, "%" PRId32, *(const int32_t *)value);
      break;
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
      append(text, "%" PRIu32, *(const uint32_t *)value);
      break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
      append(text, "%" PRId64, *(const int64_t *)value);
      break;
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
      append(text, "%" PRIu64, *(const uint64_t *)value);
      break;
  }
  append(text, ";");
}

static void dump_field(struct text *text, const ProtobufCMessage *message,
                       const ProtobufCFieldDescriptor *field) {
  const void *value = member(message, field->offset);
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    size_t count = *(size_t *)member(message, field->quantifier_offset);
    const uint8_t *elements = *(const uint8_t *const *)value;
    for (size_t i = 0; i < count; i++)
      dump_value(text, field, elements + i * value_size(field->type));
    return;
  }
  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
      *(uint32_t *)member(message, field->quantifier_offset) != field->id)
    return;
  if (field->type == PROTOBUF_C_TYPE_MESSAGE && *(void *const *)value == NULL) return;
  dump_value(text, field, value);
}

static void dump_message(struct text *text, const ProtobufCMessage *message) {
  append(text, "{");
  for (unsigned i = 0; i < message->descriptor->n_fields; i++)
    dump_field(text, message, &message->descriptor->fields[i]);
  append(text, "}");
}

bool oracle_dump(const char *name, const uint8_t *bytes, size_t count,
                 struct oracle_bytes *out) {
  const ProtobufCMessageDescriptor *descriptor = find(name);
  if (descriptor == NULL) return false;
  ProtobufCMessage *message = protobuf_c_message_unpack(descriptor, NULL, count, bytes);
  if (message == NULL) return false;
  struct text text = {allocate(64), 0, 64};
  dump_message(&text, message);
  protobuf_c_message_free_unpacked(message, NULL);
  out->data = (uint8_t *)text.characters;
  out->count = text.count;
  return true;
}

// MARK: Random messages

// SplitMix64.
static uint64_t next(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

static uint64_t below(uint64_t *state, uint64_t bound) { return next(state) % bound; }

// Of every width up to 64 bits, with the edges more often than chance would have them.
static uint64_t random_integer(uint64_t *state) {
  static const uint64_t edges[] = {
      0, 1, 127, 128, 16383, 16384, INT32_MAX, (uint64_t)INT32_MIN, UINT32_MAX,
      INT64_MAX, (uint64_t)INT64_MIN, UINT64_MAX,
  };
  if (below(state, 3) == 0) return edges[below(state, sizeof edges / sizeof edges[0])];
  return next(state) >> below(state, 64);
}

static size_t random_count(uint64_t *state) {
  static const size_t edges[] = {0, 1, 7, 15, 16, 31, 127, 128, 129, 300, 16384};
  uint64_t choice = below(state, 100);
  if (choice < 11) return edges[choice];
  return below(state, 24);
}

static size_t append_character(uint64_t *state, uint8_t *out) {
  static const struct { uint32_t first, last; } ranges[] = {
      {0x1, 0x7f}, {0x20, 0x7e}, {0x80, 0x7ff}, {0x800, 0xd7ff}, {0xe000, 0xffff},
      {0x10000, 0x10ffff},
  };
  uint64_t choice = below(state, 12);
  if (choice > 5) choice = 1;
  uint32_t scalar =
      ranges[choice].first +
      (uint32_t)below(state, ranges[choice].last - ranges[choice].first + 1);
  if (scalar < 0x80) {
    out[0] = (uint8_t)scalar;
    return 1;
  }
  size_t count = scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
  for (size_t i = count - 1; i > 0; i--, scalar >>= 6) out[i] = 0x80 | (scalar & 0x3f);
  out[0] = (uint8_t)((0xf00 >> count) & 0xff) | (uint8_t)scalar;
  return count;
}

static char *random_string(uint64_t *state, const char *prefix) {
  size_t characters = random_count(state), count = strlen(prefix);
  char *string = allocate(count + 4 * characters + 1);
  memcpy(string, prefix, count);
  while (characters-- > 0) count += append_character(state, (uint8_t *)string + count);
  return string;
}

static ProtobufCMessage *random_message(const ProtobufCMessageDescriptor *descriptor,
                                        uint64_t *state, unsigned depth);

static void random_value(const ProtobufCFieldDescriptor *field, void *value, uint64_t *state,
                         unsigned depth) {
  switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
      *(char **)value = random_string(state, "");
      return;
    case PROTOBUF_C_TYPE_BYTES: {
      ProtobufCBinaryData *data = value;
      data->len = random_count(state);
      data->data = allocate(data->len);
      for (size_t i = 0; i < data->len; i++) data->data[i] = (uint8_t)next(state);
      return;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
      *(ProtobufCMessage **)value = random_message(field->descriptor, state, depth + 1);
      return;
    case PROTOBUF_C_TYPE_BOOL:
      *(protobuf_c_boolean *)value = (protobuf_c_boolean)below(state, 2);
      return;
    case PROTOBUF_C_TYPE_FLOAT:
      *(float *)value = (float)(int32_t)random_integer(state);
      return;
    case PROTOBUF_C_TYPE_DOUBLE:
      *(double *)value = (double)(int64_t)random_integer(state) / 3;
      return;
    default:
      if (is_wide(field->type))
        *(uint64_t *)value = random_integer(state);
      else
        *(uint32_t *)value = (uint32_t)random_integer(state);
  }
}

static bool is_map_entry(const ProtobufCFieldDescriptor *field) {
  if (field->type != PROTOBUF_C_TYPE_MESSAGE) return false;
  const ProtobufCMessageDescriptor *entry = field->descriptor;
  return entry->n_fields == 2 && strcmp(entry->fields[0].name, "key") == 0 &&
         strcmp(entry->fields[1].name, "value") == 0;
}

static void *random_map_entry(const ProtobufCMessageDescriptor *descriptor, uint64_t *state,
                              size_t index) {
  ProtobufCMessage *entry = allocate(descriptor->sizeof_message);
  descriptor->message_init(entry);
  char rank[24];
  snprintf(rank, sizeof rank, "%04zu", index);
  *(char **)member(entry, descriptor->fields[0].offset) = random_string(state, rank);
  *(char **)member(entry, descriptor->fields[1].offset) = random_string(state, "v");
  return entry;
}

static void random_field(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                         uint64_t *state, unsigned depth) {
  void *value = member(message, field->offset);
  bool nests = field->type == PROTOBUF_C_TYPE_MESSAGE && !is_map_entry(field);
  if (nests && depth >= 4) return;
  if (field->label == PROTOBUF_C_LABEL_REPEATED) {
    size_t size = value_size(field->type);
    size_t count = below(state, nests ? 4 - depth : 8);
    uint8_t *elements = allocate(count * size);
    for (size_t i = 0; i < count; i++) {
      if (is_map_entry(field))
        ((void **)elements)[i] = random_map_entry(field->descriptor, state, i);
      else
        random_value(field, elements + i * size, state, depth);
    }
    *(size_t *)member(message, field->quantifier_offset) = count;
    *(void **)value = elements;
    return;
  }
  if (below(state, 4) == 0) return;
  if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
    uint32_t *chosen = member(message, field->quantifier_offset);
    if (*chosen != 0 || below(state, 2) == 0) return;
    *chosen = field->id;
  }
  random_value(field, value, state, depth);
}

static ProtobufCMessage *random_message(const ProtobufCMessageDescriptor *descriptor,
                                        uint64_t *state, unsigned depth) {
  ProtobufCMessage *message = allocate(descriptor->sizeof_message);
  descriptor->message_init(message);
  for (unsigned i = 0; i < descriptor->n_fields; i++)
    random_field(message, &descriptor->fields[i], state, depth);
  return message;
}

bool oracle_random(const char *name, uint64_t seed, struct oracle_bytes *out) {
  const ProtobufCMessageDescriptor *descriptor = find(name);
  if (descriptor == NULL) return false;
  uint64_t state = seed;
  ProtobufCMessage *message = random_message(descriptor, &state, 0);
  pack(message, out);
  protobuf_c_message_free_unpacked(message, NULL);
  return true;
}
