/* Credentials, and kernel authorization: scopes, actions, and those who listen. */
#ifndef _SYS_KAUTH_H_
#define _SYS_KAUTH_H_

#include <stdint.h>
#include <sys/types.h>

#define NOCRED ((kauth_cred_t)0)
#define FSCRED ((kauth_cred_t)-1)
#define IS_VALID_CRED(cr) ((cr) != NOCRED && (cr) != FSCRED)

typedef struct kauth_scope *kauth_scope_t;
typedef struct kauth_listener *kauth_listener_t;
typedef int kauth_action_t;

/* Called on the thread of who asks, which may sleep; idata is the listener's own. */
typedef int (*kauth_scope_callback_t)(kauth_cred_t credential, void *idata, kauth_action_t action,
    uintptr_t arg0, uintptr_t arg1, uintptr_t arg2, uintptr_t arg3);

#define KAUTH_RESULT_ALLOW 1
#define KAUTH_RESULT_DENY 2
#define KAUTH_RESULT_DEFER 3

/* No arguments. */
#define KAUTH_SCOPE_GENERIC "com.apple.kauth.generic"
#define KAUTH_GENERIC_ISSUSER 1

/* arg0: proc_t; arg1: the signal, or int * for an error. */
#define KAUTH_SCOPE_PROCESS "com.apple.kauth.process"
#define KAUTH_PROCESS_CANSIGNAL 1
#define KAUTH_PROCESS_CANTRACE 2

/* arg0: vfs_context_t; arg1: vnode_t; arg2: its directory's vnode_t or 0; arg3: int * for an
 * error. A listener can only deny: the file system has its own say. */
#define KAUTH_SCOPE_VNODE "com.apple.kauth.vnode"
#define KAUTH_VNODE_READ_DATA (1U << 1)
#define KAUTH_VNODE_LIST_DIRECTORY KAUTH_VNODE_READ_DATA
#define KAUTH_VNODE_WRITE_DATA (1U << 2)
#define KAUTH_VNODE_ADD_FILE KAUTH_VNODE_WRITE_DATA
#define KAUTH_VNODE_EXECUTE (1U << 3)
#define KAUTH_VNODE_SEARCH KAUTH_VNODE_EXECUTE
#define KAUTH_VNODE_DELETE (1U << 4)
#define KAUTH_VNODE_APPEND_DATA (1U << 5)
#define KAUTH_VNODE_ADD_SUBDIRECTORY KAUTH_VNODE_APPEND_DATA
#define KAUTH_VNODE_DELETE_CHILD (1U << 6)
#define KAUTH_VNODE_READ_ATTRIBUTES (1U << 7)
#define KAUTH_VNODE_WRITE_ATTRIBUTES (1U << 8)
#define KAUTH_VNODE_READ_EXTATTRIBUTES (1U << 9)
#define KAUTH_VNODE_WRITE_EXTATTRIBUTES (1U << 10)
#define KAUTH_VNODE_READ_SECURITY (1U << 11)
#define KAUTH_VNODE_WRITE_SECURITY (1U << 12)
#define KAUTH_VNODE_TAKE_OWNERSHIP (1U << 13)
#define KAUTH_VNODE_CHANGE_OWNER KAUTH_VNODE_TAKE_OWNERSHIP
#define KAUTH_VNODE_SYNCHRONIZE (1U << 20)
#define KAUTH_VNODE_LINKTARGET (1U << 25)
#define KAUTH_VNODE_CHECKIMMUTABLE (1U << 26)
#define KAUTH_VNODE_SEARCHBYANYONE (1U << 29)
#define KAUTH_VNODE_NOIMMUTABLE (1U << 30)
#define KAUTH_VNODE_ACCESS (1U << 31)
#define KAUTH_INVALIDATE_CACHED_RIGHTS ((kauth_action_t)~0)
#define KAUTH_VNODE_GENERIC_READ_BITS \
	(KAUTH_VNODE_READ_DATA | KAUTH_VNODE_READ_ATTRIBUTES | KAUTH_VNODE_READ_EXTATTRIBUTES | KAUTH_VNODE_READ_SECURITY)
#define KAUTH_VNODE_GENERIC_WRITE_BITS                                                                        \
	(KAUTH_VNODE_WRITE_DATA | KAUTH_VNODE_APPEND_DATA | KAUTH_VNODE_DELETE | KAUTH_VNODE_DELETE_CHILD |     \
	    KAUTH_VNODE_WRITE_ATTRIBUTES | KAUTH_VNODE_WRITE_EXTATTRIBUTES | KAUTH_VNODE_WRITE_SECURITY)
#define KAUTH_VNODE_GENERIC_EXECUTE_BITS KAUTH_VNODE_EXECUTE
#define KAUTH_VNODE_GENERIC_ALL_BITS \
	(KAUTH_VNODE_GENERIC_READ_BITS | KAUTH_VNODE_GENERIC_WRITE_BITS | KAUTH_VNODE_GENERIC_EXECUTE_BITS)
#define KAUTH_VNODE_WRITE_RIGHTS                                                                              \
	(KAUTH_VNODE_ADD_FILE | KAUTH_VNODE_ADD_SUBDIRECTORY | KAUTH_VNODE_DELETE_CHILD | KAUTH_VNODE_WRITE_DATA | \
	    KAUTH_VNODE_APPEND_DATA | KAUTH_VNODE_DELETE | KAUTH_VNODE_WRITE_ATTRIBUTES |                         \
	    KAUTH_VNODE_WRITE_EXTATTRIBUTES | KAUTH_VNODE_WRITE_SECURITY | KAUTH_VNODE_TAKE_OWNERSHIP |           \
	    KAUTH_VNODE_LINKTARGET | KAUTH_VNODE_CHECKIMMUTABLE)

/* What has happened; the answer does not count. OPEN, EXEC, DELETE: arg0 is the vnode_t, arg1
 * its path. CLOSE: arg2 besides, with KAUTH_FILEOP_CLOSE_MODIFIED. RENAME, LINK, EXCHANGE:
 * both paths. WILL_RENAME: vnode_t and both paths. */
#define KAUTH_SCOPE_FILEOP "com.apple.kauth.fileop"
#define KAUTH_FILEOP_OPEN 1
#define KAUTH_FILEOP_CLOSE 2
#define KAUTH_FILEOP_RENAME 3
#define KAUTH_FILEOP_EXCHANGE 4
#define KAUTH_FILEOP_LINK 5
#define KAUTH_FILEOP_EXEC 6
#define KAUTH_FILEOP_DELETE 7
#define KAUTH_FILEOP_WILL_RENAME 8
#define KAUTH_FILEOP_CLOSE_MODIFIED (1 << 1)

__BEGIN_DECLS
kauth_scope_t kauth_register_scope(const char *identifier, kauth_scope_callback_t callback, void *idata);
void kauth_deregister_scope(kauth_scope_t scope);
kauth_listener_t kauth_listen_scope(const char *identifier, kauth_scope_callback_t callback, void *idata);
void kauth_unlisten_scope(kauth_listener_t listener);
int kauth_authorize_action(kauth_scope_t scope, kauth_cred_t cred, kauth_action_t action, uintptr_t arg0,
    uintptr_t arg1, uintptr_t arg2, uintptr_t arg3);
int kauth_authorize_generic(kauth_cred_t cred, kauth_action_t action);
int kauth_authorize_process(kauth_cred_t cred, kauth_action_t action, struct proc *p, uintptr_t arg1,
    uintptr_t arg2, uintptr_t arg3);

kauth_cred_t kauth_cred_get(void);
kauth_cred_t kauth_cred_get_with_ref(void);
kauth_cred_t kauth_cred_proc_ref(proc_t p);
void kauth_cred_ref(kauth_cred_t cred);
void kauth_cred_unref(kauth_cred_t *cred);
uid_t kauth_cred_getuid(kauth_cred_t cred);
uid_t kauth_cred_getruid(kauth_cred_t cred);
uid_t kauth_cred_getsvuid(kauth_cred_t cred);
gid_t kauth_cred_getgid(kauth_cred_t cred);
gid_t kauth_cred_getrgid(kauth_cred_t cred);
gid_t kauth_cred_getsvgid(kauth_cred_t cred);
int kauth_cred_issuser(kauth_cred_t cred);
int kauth_cred_ismember_gid(kauth_cred_t cred, gid_t gid, int *result);
uid_t kauth_getuid(void);
uid_t kauth_getruid(void);
gid_t kauth_getgid(void);
gid_t kauth_getrgid(void);
__END_DECLS

#endif
