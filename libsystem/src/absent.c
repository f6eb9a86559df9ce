/* What symbols are bound to that nothing defines: dyld/absent.go calls this. */
#include "private.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/uio.h>

void __puggle_absent(const char *symbol, const char *library) __asm__("___puggle_absent");
void __puggle_absent(const char *symbol, const char *library)
{
	static char head[] = "dyld: missing symbol called: ", of[] = " of ", end[] = "\n";
	struct iovec v[] = { { head, sizeof head - 1 }, { (char *)symbol, strlen(symbol) }, { of, sizeof of - 1 },
		{ (char *)library, strlen(library) }, { end, 1 } };
	writev(2, v, 5);
	abort();
}
