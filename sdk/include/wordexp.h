/* Words as a shell expands them. */
#ifndef _WORDEXP_H
#define _WORDEXP_H
#include <sys/types.h>
typedef struct { size_t we_wordc; char **we_wordv; size_t we_offs; } wordexp_t;
#define WRDE_APPEND 0x1
#define WRDE_DOOFFS 0x2
#define WRDE_NOCMD 0x4
#define WRDE_REUSE 0x8
#define WRDE_SHOWERR 0x10
#define WRDE_UNDEF 0x20
#define WRDE_BADCHAR 1
#define WRDE_BADVAL 2
#define WRDE_CMDSUB 3
#define WRDE_NOSPACE 4
#define WRDE_NOSYS 5
#define WRDE_SYNTAX 6
__BEGIN_DECLS
int wordexp(const char *__restrict, wordexp_t *__restrict, int);
void wordfree(wordexp_t *);
__END_DECLS
#endif
