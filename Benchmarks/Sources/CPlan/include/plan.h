// packd.v1.Plan by protoc-c's code and libprotobuf-c, and a count of the process's allocations.
#ifndef PLAN_H
#define PLAN_H

#include <stddef.h>
#include <stdint.h>

struct plan;

// NULL when the bytes are refused.
struct plan *plan_decode(const uint8_t *bytes, size_t count);
void plan_free(struct plan *plan);
size_t plan_size(const struct plan *plan);
// Writes plan_size bytes, and returns how many.
size_t plan_encode(const struct plan *plan, uint8_t *out);

// Calls of malloc, calloc, realloc and their aligned kin since the process began.
uint64_t allocations(void);

// Does nothing with the value, which the compiler cannot know.
void keep(const void *value);

#endif
