/*
 * What kl_util and kl_log do, as a program: the kernel-server loader functions, by messages
 * to server_loader. kern_loader_user.c is what puggle mig makes of
 * kernserv/kern_loader.defs.
 *
 *	loader_client add FILE | list | info NAME | load NAME | unload NAME | delete NAME
 *	loader_client level NAME LEVEL | log NAME MILLISECONDS | abort
 */
#include <kernserv/kern_loader.h>
#include <mach/mach.h>
#include <servers/bootstrap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static mach_port_t loader;

static int list(const char *a, const char *b)
{
	server_name_array_t names;
	mach_msg_type_number_t n;
	kern_return_t kr = kern_loader_server_list(loader, &names, &n);

	if (kr != KERN_SUCCESS)
		return kr;
	for (unsigned i = 0; i < n; i++)
		printf("%s\n", names[i]);
	vm_deallocate(mach_task_self(), (vm_address_t)names, n * sizeof names[0]);
	return 0;
}

static int info(const char *name, const char *b)
{
	static const char *const states[] = {"Zombie", "Allocating", "Allocated", "Loading", "Loaded", "Unloading", "Deallocated"};
	server_name_t s = "";
	server_reloc_t reloc, loadable;
	server_name_array_t ports;
	mach_msg_type_number_t n;
	int state, advertised;
	uint64_t address, size;
	kern_return_t kr;

	strlcpy(s, name, sizeof s);
	kr = kern_loader_server_info(loader, s, &state, &address, &size, reloc, loadable, &ports, &n, &advertised);
	if (kr != KERN_SUCCESS)
		return kr;
	printf("%s %s %s", states[state], reloc, address != 0 && size != 0 ? "somewhere" : "nowhere");
	for (unsigned i = 0; i < n; i++)
		printf(" %s%s", ports[i], advertised >> i & 1 ? "*" : "");
	printf("\n");
	vm_deallocate(mach_task_self(), (vm_address_t)ports, n * sizeof ports[0]);
	return 0;
}

static int print_log(const char *name, const char *timeout)
{
	server_name_t s = "";
	kern_loader_log_t text;
	mach_msg_type_number_t n;
	int lost;
	kern_return_t kr;

	strlcpy(s, name, sizeof s);
	kr = kern_loader_get_log(loader, s, atoi(timeout), &text, &n, &lost);
	if (kr == KERN_SUCCESS)
		fwrite(text, 1, n, stdout);
	return kr;
}

#define ONE(f)                                              \
	static int do_##f(const char *name, const char *b)  \
	{                                                   \
		server_name_t s = "";                       \
		strlcpy(s, name, sizeof s);                 \
		return kern_loader_##f##_server(loader, s); \
	}
ONE(load)
ONE(unload)
ONE(delete)

static int add(const char *path, const char *b)
{
	server_reloc_t r = "";
	strlcpy(r, path, sizeof r);
	return kern_loader_add_server(loader, r);
}

static int level(const char *name, const char *n)
{
	server_name_t s = "";
	strlcpy(s, name, sizeof s);
	return kern_loader_log_level(loader, s, atoi(n));
}

static int stop(const char *a, const char *b) { return kern_loader_abort(loader, TRUE); }

static const struct {
	const char *name;
	int args;
	int (*do_it)(const char *, const char *);
} verbs[] = {{"add", 1, add}, {"list", 0, list}, {"info", 1, info}, {"load", 1, do_load}, {"unload", 1, do_unload},
	{"delete", 1, do_delete}, {"level", 2, level}, {"log", 2, print_log}, {"abort", 0, stop}};

int main(int argc, char **argv)
{
	kern_return_t kr = bootstrap_look_up(bootstrap_port, "server_loader", &loader);
	int same = 0;

	if (kr != KERN_SUCCESS || kern_loader_ping(loader, 4711, &same) != KERN_SUCCESS || same != 4711) {
		fprintf(stderr, "loader_client: there is no kern_loader (%d)\n", kr);
		return 125;
	}
	for (unsigned i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (argc != 2 + verbs[i].args || strcmp(argv[1], verbs[i].name) != 0)
			continue;
		kr = verbs[i].do_it(argc > 2 ? argv[2] : "", argc > 3 ? argv[3] : "");
		if (kr != KERN_SUCCESS)
			fprintf(stderr, "loader_client: kern_return_t %d\n", kr);
		return kr & 0xff;
	}
	fprintf(stderr, "loader_client: what?\n");
	return 64;
}
