// libprotobuf-c's reading and writing of every message that the codecs know, for comparison.
// Messages are found by their full name; an unknown name is a failure.
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Bytes owned by the caller, to be given to oracle_free.
struct oracle_bytes {
  uint8_t *data;
  size_t count;
};

void oracle_free(struct oracle_bytes bytes);

// How many messages there are, and the full name of each.
size_t oracle_message_count(void);
const char *oracle_message_name(size_t index);

// Encodes a random message, the same for the same seed. Every field of the descriptor takes
// part. It keeps to what libprotobuf-c writes as the official runtimes do: no NUL in strings,
// no minus zero, the entries of a map sorted by key and with neither part empty.
bool oracle_random(const char *name, uint64_t seed, struct oracle_bytes *out);

// Decodes and encodes again; false when libprotobuf-c refuses the bytes.
bool oracle_repack(const char *name, const uint8_t *bytes, size_t count,
                   struct oracle_bytes *out);

// Decodes, and writes every field as text under its name in the proto file: "{field value;}",
// where strings are in hex and floats as their bits in decimal; repeated fields repeat.
bool oracle_dump(const char *name, const uint8_t *bytes, size_t count,
                 struct oracle_bytes *out);

#endif
