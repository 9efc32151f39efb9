#include "wiped_heap.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* The linker's name for the free that is there without us: the C library's, a sanitizer's, or that
   of a heap that was preloaded. */
void __real_free(void *block);

void __wrap_free(void *block) {
  if (block == NULL) return;
  explicit_bzero(block, malloc_usable_size(block));
  __real_free(block);
}

/* Always into another block: the C library's would leave the old one as it is where it moves. */
void *__wrap_realloc(void *block, size_t size) {
  if (block == NULL) return malloc(size);
  void *moved = malloc(size);
  if (moved == NULL) return NULL;
  size_t old = malloc_usable_size(block);
  memcpy(moved, block, old < size ? old : size);
  __wrap_free(block);
  return moved;
}
