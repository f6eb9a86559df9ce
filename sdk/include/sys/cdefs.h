/* Declarations for C and C++, and Darwin's symbol variants. */
#ifndef _SYS_CDEFS_H_
#define _SYS_CDEFS_H_
#ifdef __cplusplus
#define __BEGIN_DECLS extern "C" {
#define __END_DECLS }
#else
#define __BEGIN_DECLS
#define __END_DECLS
#endif
#define __dead2 __attribute__((__noreturn__))
#define __pure2 __attribute__((__const__))
#define __unused __attribute__((__unused__))
#define __used __attribute__((__used__))
#define __printflike(f, a) __attribute__((__format__(__printf__, f, a)))
#define __scanflike(f, a) __attribute__((__format__(__scanf__, f, a)))
#define __deprecated __attribute__((__deprecated__))
#define __CONCAT(a, b) a##b
#define __STRING(a) #a
#define __P(a) a
/* A declaration followed by one of these binds to a variant of the symbol. */
#define __DARWIN_ALIAS(s)
#define __DARWIN_INODE64(s) __asm__("_" #s "$INODE64")
#define __DARWIN_UNIX03 1
#define __DARWIN_64_BIT_INO_T 1
#define __DARWIN_C_LEVEL 900000L
#define __OSX_AVAILABLE(v)
#define __OSX_AVAILABLE_STARTING(a, b)
#define API_AVAILABLE(...)
#endif
