/* What compiled C++ needs. Operator new doesn't throw: it may give NULL. */
#include "rt.h"

void __cxa_pure_virtual(void) { panic("a pure virtual function was called"); }
int __cxa_guard_acquire(u64 *g) { return !*(u8 *)g; }
void __cxa_guard_release(u64 *g) { *(u8 *)g = 1; }
void __cxa_guard_abort(u64 *g) { (void)g; }

/* Code compiled with a stack protector. */
u64 __stack_chk_guard = 0x00000aff0a0d7e11;
void __stack_chk_fail(void) { panic("a stack buffer has overflowed"); }
