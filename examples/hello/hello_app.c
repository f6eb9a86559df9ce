/*
 * A program with an extension in its own bundle: it registers it when it starts, has it
 * loaded, and uses its sysctl. When the program ends, the extension is unloaded.
 *
 *	hello_app HELLO.kext [wait]
 */
#include <errno.h>
#include <kext/kextd.h>
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>

static void check(kern_return_t kr, const char *what)
{
	if (kr != KERN_SUCCESS) {
		fprintf(stderr, "hello_app: %s: %s (%#x)\n", what, mach_error_string(kr), kr);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	mach_port_t kextd, self;
	kext_path_t path = "";
	kext_id_t id;
	int value;
	size_t size = sizeof value;

	if (argc < 2) {
		fprintf(stderr, "usage: hello_app HELLO.kext [wait]\n");
		return 2;
	}
	strlcpy(path, argv[1], sizeof path);
	check(bootstrap_look_up(bootstrap_port, KEXTD_SERVER_NAME, &kextd), "looking for kextd");
	/* The registration lives as long as this port does. */
	check(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE, &self), "making a port");
	check(kextd_register(kextd, path, self, id), "registering");
	if (sysctlbyname("hw.l2cr", &value, &size, NULL, 0) == 0 || errno != ENOENT) {
		fprintf(stderr, "hello_app: registering has loaded it\n");
		return 1;
	}
	check(kextd_load(kextd, id), "loading");
	if (sysctlbyname("hw.l2cr", &value, &size, NULL, 0) != 0) {
		perror("hello_app: hw.l2cr");
		return 1;
	}
	printf("%s is loaded, hw.l2cr is %#x\n", id, value);
	fflush(stdout);
	if (argc > 2)
		getchar();
	return 0;
}
