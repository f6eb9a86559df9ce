/* The unified buffer cache: files' pages. */
#ifndef _SYS_UBC_H_
#define _SYS_UBC_H_

#include <mach/upl.h>
#include <sys/types.h>

__BEGIN_DECLS
int ubc_create_upl(vnode_t vp, off_t offset, int size, upl_t *upl, upl_page_info_t **pl, int flags);
int ubc_upl_map(upl_t upl, vm_offset_t *addr);
int ubc_upl_unmap(upl_t upl);
int ubc_upl_commit(upl_t upl);
int ubc_upl_commit_range(upl_t upl, upl_offset_t offset, upl_size_t size, int flags);
int ubc_upl_abort(upl_t upl, int error);
int ubc_upl_abort_range(upl_t upl, upl_offset_t offset, upl_size_t size, int error);
upl_page_info_t *ubc_upl_pageinfo(upl_t upl);
upl_size_t ubc_upl_maxbufsize(void);
off_t ubc_getsize(vnode_t vp);
int ubc_setsize(vnode_t vp, off_t size);
__END_DECLS

#endif
