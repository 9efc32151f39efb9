#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* sched_setattr(2), which glibc has from 2.41 on; the struct as it was at first. */
struct packd_sched_attr {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;
  uint64_t deadline;
  uint64_t period;
};

static const uint64_t packd_sched_flag_reset_on_fork = 1;

/* Both are about the calling thread. syscall takes variable arguments, which Swift does not call. */
static inline long packd_sched_getattr(struct packd_sched_attr *attributes) {
  return syscall(SYS_sched_getattr, 0, attributes, sizeof *attributes, 0);
}

static inline long packd_sched_setattr(struct packd_sched_attr *attributes) {
  attributes->size = sizeof *attributes;
  return syscall(SYS_sched_setattr, 0, attributes, 0);
}
