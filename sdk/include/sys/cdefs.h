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
#define __OSX_AVAILABLE_BUT_DEPRECATED(...)
#define __OSX_AVAILABLE_BUT_DEPRECATED_MSG(...)
#define __OSX_DEPRECATED(...)
#define __IOS_AVAILABLE(v)
#define __TVOS_AVAILABLE(v)
#define __WATCHOS_AVAILABLE(v)
#define __IOS_PROHIBITED
#define __TVOS_PROHIBITED
#define __WATCHOS_PROHIBITED
#define __API_AVAILABLE(...)
#define __API_UNAVAILABLE(...)
#define __API_DEPRECATED(...)
#define __API_DEPRECATED_WITH_REPLACEMENT(...)
#define __SPI_AVAILABLE(...)
#define API_AVAILABLE(...)
#define API_UNAVAILABLE(...)
#define API_DEPRECATED(...)
#define API_DEPRECATED_WITH_REPLACEMENT(...)
#define SPI_AVAILABLE(...)
#define __DARWIN_EXTSN(s)
#define __DARWIN_ALIAS_C(s)
#define __DARWIN_NOCANCEL(s) __asm__("_" #s "$NOCANCEL")
#define __result_use_check __attribute__((__warn_unused_result__))
#define __alloc_size(...) __attribute__((__alloc_size__(__VA_ARGS__)))
#define __cold __attribute__((__cold__))
#define __exported __attribute__((__visibility__("default")))
#define __kernel_ptr_semantics
#define __printf0like(f, a)
#define __strftimelike(f) __attribute__((__format__(__strftime__, f, 0)))
#define __header_inline extern __inline __attribute__((__gnu_inline__))
#define __header_always_inline __header_inline __attribute__((__always_inline__))
#define __XSTRING(a) __STRING(a)
#define __COPYRIGHT(s)
#define __RCSID(s)
#define __SCCSID(s)
#define __PROJECT_VERSION(s)
#define __FBSDID(s)
#endif
