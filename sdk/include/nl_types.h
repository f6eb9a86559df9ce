/* Message catalogues: there are none. */
#ifndef _NL_TYPES_H_
#define _NL_TYPES_H_
#include <sys/cdefs.h>
#define NL_SETD 0
#define NL_CAT_LOCALE 1
typedef struct __nl_cat_d *nl_catd;
#ifndef _NL_ITEM_T
#define _NL_ITEM_T
typedef int nl_item;
#endif
__BEGIN_DECLS
nl_catd catopen(const char *, int);
char *catgets(nl_catd, int, int, const char *);
int catclose(nl_catd);
__END_DECLS
#endif
