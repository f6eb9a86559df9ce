/* A bundle: it calls back into the program that opens it. */
#include <dlfcn.h>
__thread int plug_tls = 21;
int plug_inits;
__attribute__((constructor)) static void begin(void) { plug_inits++; }
int twice(int n) { return 2 * n; }
int *plug_tls_address(void) { return &plug_tls; }
int calls_program(void)
{
	int (*f)(void) = (int (*)(void))dlsym(RTLD_MAIN_ONLY, "from_program");
	return f ? f() : -1;
}
