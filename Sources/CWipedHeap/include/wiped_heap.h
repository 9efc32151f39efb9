#include <stddef.h>

/* What the linker puts in the place of free and realloc (--wrap, in Package.swift) wherever the
   program's own objects call them, of which are NIO's and BoringSSL's: nothing of what was in a
   block is left. Shared libraries, Swift's runtime among them, keep calling the C library's. */
void __wrap_free(void *block);
void *__wrap_realloc(void *block, size_t size);
