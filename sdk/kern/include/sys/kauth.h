/* Credentials. */
#ifndef _SYS_KAUTH_H_
#define _SYS_KAUTH_H_

#include <sys/types.h>

#define NOCRED ((kauth_cred_t)0)
#define IS_VALID_CRED(cr) ((cr) != NOCRED)

__BEGIN_DECLS
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
