#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* What comes out of a stream stays in its window, which zlib frees as it is. */
static inline void packd_zlib_free(void *memory) {
  if (memory == NULL) return;
  explicit_bzero(memory, malloc_usable_size(memory));
  free(memory);
}
