#include <kern/sched_prim.h>
