/* Unfair locks. */
#ifndef _OS_LOCK_H_
#define _OS_LOCK_H_
#include <sys/cdefs.h>
#include <stdint.h>
#include <stdbool.h>
#define OS_UNFAIR_LOCK_INIT ((os_unfair_lock){0})
typedef struct os_unfair_lock_s { uint32_t _os_unfair_lock_opaque; } os_unfair_lock, *os_unfair_lock_t;
__BEGIN_DECLS
void os_unfair_lock_lock(os_unfair_lock_t);
bool os_unfair_lock_trylock(os_unfair_lock_t);
void os_unfair_lock_unlock(os_unfair_lock_t);
void os_unfair_lock_assert_owner(os_unfair_lock_t);
__END_DECLS
#endif
