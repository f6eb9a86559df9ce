/* Threads and interrupt levels, and the variables of the kernel. */
#include "rt.h"

struct thread *current_thread(void) { return self(); }
struct thread *current_act(void) { return self(); }
struct thread *getact_thread(struct thread *t) { return t; }
struct thread *IOThreadSelf(void) { return self(); }
u64 thread_tid(struct thread *t) { return t->id; }

int curipl(void) { return (int)self()->ipl; }
boolean_t ml_get_interrupts_enabled(void) { return self()->ipl < 7 && !self()->interrupt; }
boolean_t preemption_enabled(void) { return self()->spins == 0; }
int get_preemption_level(void) { return (int)self()->spins; }

/* Variables that kernel code reads. The kernel fills them in at boot. */
int hz = 100;
int tick = 10000;
u64 page_size = 4096;
u64 page_mask = 4095;
int page_shift = 12;
u64 mem_size, max_mem, sane_size;
char version[128], osrelease[32] = "22.6.0", ostype[16] = "Darwin";
unsigned console_user = ~0u;
int version_major = 22, version_minor = 6;
void *kernel_map, *kernel_task, *kernproc, *kernel_flock, *network_flock;
struct { long sec; int usec; } boottime, time;
char hostname[256];
