/* Leaving nested calls. */
#ifndef _SETJMP_H_
#define _SETJMP_H_
#include <sys/cdefs.h>
typedef int jmp_buf[37];
typedef int sigjmp_buf[38];
__BEGIN_DECLS
int setjmp(jmp_buf) __attribute__((__returns_twice__));
int _setjmp(jmp_buf) __attribute__((__returns_twice__));
int sigsetjmp(sigjmp_buf, int) __attribute__((__returns_twice__));
void longjmp(jmp_buf, int) __dead2;
void _longjmp(jmp_buf, int) __dead2;
void siglongjmp(sigjmp_buf, int) __dead2;
__END_DECLS
#endif
