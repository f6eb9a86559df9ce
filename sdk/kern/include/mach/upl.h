/* Universal page lists: pages of one object, held until they are committed or aborted. */
#ifndef _MACH_UPL_H_
#define _MACH_UPL_H_

#include <mach/mach_types.h>

typedef struct upl *upl_t;
typedef unsigned int upl_size_t;
typedef unsigned int upl_offset_t;
typedef unsigned int ppnum_t;
typedef struct upl_page_info {
	unsigned int opaque[2];
} upl_page_info_t;
typedef upl_page_info_t *upl_page_info_array_t;

/* Flags of a request. */
#define UPL_COPYOUT_FROM 0x00000001
#define UPL_PRECIOUS 0x00000002
#define UPL_NO_SYNC 0x00000004
#define UPL_CLEAN_IN_PLACE 0x00000008
#define UPL_NOBLOCK 0x00000010
#define UPL_RET_ONLY_DIRTY 0x00000020
#define UPL_SET_INTERNAL 0x00000040
#define UPL_QUERY_OBJECT_TYPE 0x00000080
#define UPL_RET_ONLY_ABSENT 0x00000100
#define UPL_FILE_IO 0x00000200
#define UPL_SET_LITE 0x00000400

/* Of the end of a range. */
#define UPL_COMMIT_FREE_ON_EMPTY 0x1
#define UPL_COMMIT_CLEAR_DIRTY 0x2
#define UPL_COMMIT_SET_DIRTY 0x4
#define UPL_COMMIT_INACTIVATE 0x8
#define UPL_ABORT_RESTART 0x1
#define UPL_ABORT_UNAVAILABLE 0x2
#define UPL_ABORT_ERROR 0x4
#define UPL_ABORT_FREE_ON_EMPTY 0x8
#define UPL_ABORT_DUMP_PAGES 0x10

__BEGIN_DECLS
kern_return_t vm_map_get_upl(vm_map_t map, vm_offset_t addr, upl_size_t *size, upl_t *upl, upl_page_info_t *pl,
    unsigned int *count, int *flags, int force);
kern_return_t upl_commit(upl_t upl, upl_page_info_t *pl, unsigned int count);
kern_return_t upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags, upl_page_info_t *pl,
    unsigned int count, boolean_t *empty);
kern_return_t upl_abort(upl_t upl, int error);
kern_return_t upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int error, boolean_t *empty);
void upl_deallocate(upl_t upl);
boolean_t upl_page_present(upl_page_info_t *pl, int index);
boolean_t upl_valid_page(upl_page_info_t *pl, int index);
boolean_t upl_dirty_page(upl_page_info_t *pl, int index);
ppnum_t upl_phys_page(upl_page_info_t *pl, int index);
__END_DECLS

#endif
