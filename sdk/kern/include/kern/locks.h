/* Locks. */
#ifndef _KERN_LOCKS_H_
#define _KERN_LOCKS_H_

#include <mach/mach_types.h>
#include <sys/types.h>

typedef struct lck_mtx { unsigned long opaque[2]; } lck_mtx_t;
typedef struct lck_spin { unsigned long opaque[2]; } lck_spin_t;
typedef struct lck_rw { unsigned long opaque[4]; } lck_rw_t;
typedef struct lck_grp lck_grp_t;
typedef struct lck_grp_attr lck_grp_attr_t;
typedef struct lck_attr lck_attr_t;
typedef unsigned int lck_rw_type_t;
typedef unsigned int lck_sleep_action_t;

#define LCK_GRP_NULL ((lck_grp_t *)0)
#define LCK_GRP_ATTR_NULL ((lck_grp_attr_t *)0)
#define LCK_ATTR_NULL ((lck_attr_t *)0)
#define LCK_RW_TYPE_SHARED 1
#define LCK_RW_TYPE_EXCLUSIVE 2
#define LCK_SLEEP_DEFAULT 0
#define LCK_SLEEP_UNLOCK 1
#define LCK_SLEEP_SHARED 2
#define LCK_SLEEP_EXCLUSIVE 4
#define LCK_MTX_ASSERT_OWNED 1
#define LCK_MTX_ASSERT_NOTOWNED 2

__BEGIN_DECLS
lck_grp_attr_t *lck_grp_attr_alloc_init(void);
void lck_grp_attr_setdefault(lck_grp_attr_t *attr);
void lck_grp_attr_setstat(lck_grp_attr_t *attr);
void lck_grp_attr_free(lck_grp_attr_t *attr);
lck_grp_t *lck_grp_alloc_init(const char *name, lck_grp_attr_t *attr);
void lck_grp_free(lck_grp_t *grp);
lck_attr_t *lck_attr_alloc_init(void);
void lck_attr_setdefault(lck_attr_t *attr);
void lck_attr_setdebug(lck_attr_t *attr);
void lck_attr_free(lck_attr_t *attr);

lck_mtx_t *lck_mtx_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
void lck_mtx_init(lck_mtx_t *lck, lck_grp_t *grp, lck_attr_t *attr);
void lck_mtx_lock(lck_mtx_t *lck);
boolean_t lck_mtx_try_lock(lck_mtx_t *lck);
void lck_mtx_unlock(lck_mtx_t *lck);
void lck_mtx_assert(lck_mtx_t *lck, unsigned int type);
void lck_mtx_destroy(lck_mtx_t *lck, lck_grp_t *grp);
void lck_mtx_free(lck_mtx_t *lck, lck_grp_t *grp);
wait_result_t lck_mtx_sleep(lck_mtx_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible);
wait_result_t lck_mtx_sleep_deadline(lck_mtx_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible, uint64_t deadline);

lck_spin_t *lck_spin_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
void lck_spin_init(lck_spin_t *lck, lck_grp_t *grp, lck_attr_t *attr);
void lck_spin_lock(lck_spin_t *lck);
boolean_t lck_spin_try_lock(lck_spin_t *lck);
void lck_spin_unlock(lck_spin_t *lck);
void lck_spin_destroy(lck_spin_t *lck, lck_grp_t *grp);
void lck_spin_free(lck_spin_t *lck, lck_grp_t *grp);
wait_result_t lck_spin_sleep(lck_spin_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible);
wait_result_t lck_spin_sleep_deadline(lck_spin_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible, uint64_t deadline);

lck_rw_t *lck_rw_alloc_init(lck_grp_t *grp, lck_attr_t *attr);
void lck_rw_init(lck_rw_t *lck, lck_grp_t *grp, lck_attr_t *attr);
void lck_rw_lock(lck_rw_t *lck, lck_rw_type_t type);
void lck_rw_lock_shared(lck_rw_t *lck);
void lck_rw_lock_exclusive(lck_rw_t *lck);
boolean_t lck_rw_try_lock(lck_rw_t *lck, lck_rw_type_t type);
boolean_t lck_rw_try_lock_shared(lck_rw_t *lck);
boolean_t lck_rw_try_lock_exclusive(lck_rw_t *lck);
void lck_rw_unlock(lck_rw_t *lck, lck_rw_type_t type);
void lck_rw_unlock_shared(lck_rw_t *lck);
void lck_rw_unlock_exclusive(lck_rw_t *lck);
lck_rw_type_t lck_rw_done(lck_rw_t *lck);
boolean_t lck_rw_lock_shared_to_exclusive(lck_rw_t *lck);
void lck_rw_lock_exclusive_to_shared(lck_rw_t *lck);
void lck_rw_destroy(lck_rw_t *lck, lck_grp_t *grp);
void lck_rw_free(lck_rw_t *lck, lck_grp_t *grp);
wait_result_t lck_rw_sleep(lck_rw_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible);
wait_result_t lck_rw_sleep_deadline(lck_rw_t *lck, lck_sleep_action_t action, event_t event, wait_interrupt_t interruptible, uint64_t deadline);
__END_DECLS

#endif
