#include <sqlite3.h>

/* These take variable arguments, which Swift does not call. */
static inline int packd_sqlite3_disable_memory_statistics(void) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* Whether the last connection that is closed carries the log into the file and deletes it. */
static inline int packd_sqlite3_set_checkpoint_on_close(sqlite3 *connection, int isOn) {
  return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, !isOn, (int *)0);
}
