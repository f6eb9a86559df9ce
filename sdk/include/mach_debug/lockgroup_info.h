/* What host_lockgroup_info tells of a group of locks. */
#ifndef _MACH_DEBUG_LOCKGROUP_INFO_H_
#define _MACH_DEBUG_LOCKGROUP_INFO_H_
#include <stdint.h>
#define LOCKGROUP_MAX_NAME 64
#define LOCKGROUP_ATTR_STAT 0x01ULL
typedef struct lockgroup_info {
	char lockgroup_name[LOCKGROUP_MAX_NAME];
	uint64_t lockgroup_attr;
	uint64_t lock_spin_cnt, lock_spin_util_cnt, lock_spin_held_cnt, lock_spin_miss_cnt, lock_spin_held_max, lock_spin_held_cum;
	uint64_t lock_mtx_cnt, lock_mtx_util_cnt, lock_mtx_held_cnt, lock_mtx_miss_cnt, lock_mtx_wait_cnt;
	uint64_t lock_mtx_held_max, lock_mtx_held_cum, lock_mtx_wait_max, lock_mtx_wait_cum;
	uint64_t lock_rw_cnt, lock_rw_util_cnt, lock_rw_held_cnt, lock_rw_miss_cnt, lock_rw_wait_cnt;
	uint64_t lock_rw_held_max, lock_rw_held_cum, lock_rw_wait_max, lock_rw_wait_cum;
} lockgroup_info_t;
typedef lockgroup_info_t *lockgroup_info_array_t;
#endif
