/* A thread's registers. */
#include <mach/i386/thread_state.h>
