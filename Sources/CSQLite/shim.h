#include <sqlite3.h>

/* sqlite3_config takes variable arguments, which Swift does not call. */
static inline int packd_sqlite3_disable_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}
