/* What symbols are bound to that nothing defines: dyld/absent.go calls this. */
#include "private.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/uio.h>

void __puggle_absent(const char *symbol) __asm__("___puggle_absent");
void __puggle_absent(const char *symbol)
{
	static char head[] = "dyld: missing symbol called: ", end[] = "\n";
	struct iovec v[] = { { head, sizeof head - 1 }, { (char *)symbol, strlen(symbol) }, { end, 1 } };
	writev(2, v, 3);
	abort();
}
