/* Limits: the compiler's for the types, Darwin's for the system. */
#ifndef _LIMITS_H_
#define _LIMITS_H_
#include_next <limits.h>
#define ARG_MAX (1024 * 1024)
#define CHILD_MAX 266
#define GID_MAX 2147483647U
#define LINK_MAX 32767
#define MAX_CANON 1024
#define MAX_INPUT 1024
#define NAME_MAX 255
#define NGROUPS_MAX 16
#define UID_MAX 2147483647U
#define OPEN_MAX 10240
#define PATH_MAX 1024
#define PIPE_BUF 512
#define IOV_MAX 1024
#define PTHREAD_STACK_MIN 8192
#define PTHREAD_KEYS_MAX 512
#define PTHREAD_DESTRUCTOR_ITERATIONS 4
#define SSIZE_MAX LONG_MAX
#define SIZE_T_MAX ULONG_MAX
#define OFF_MAX LLONG_MAX
#define LINE_MAX 2048
#define HOST_NAME_MAX 255
#define LOGIN_NAME_MAX 255
#define _POSIX_HOST_NAME_MAX 255
#undef MB_LEN_MAX
#define MB_LEN_MAX 6
#define NL_ARGMAX 9
#endif
