/* What fewer programs ask of the kernel's objects: each call does what it says, or says
 * that it does not. */
#include "mach_check.h"
#include <sys/mman.h>
#include <mach/vm_region.h>

enum { page = 4096 };
static mach_port_t host_port;

/* Recipes that make a voucher with this user data. */
union recipe { mach_voucher_attr_recipe_data_t r; struct { char head[16], data[16]; }; };
static mach_port_t voucher(const char *data, kern_return_t want)
{
	union recipe x = { .r = { MACH_VOUCHER_ATTR_KEY_USER_DATA, MACH_VOUCHER_ATTR_USER_DATA_STORE, 0, sizeof x.data } };
	mach_port_t v = MACH_PORT_NULL;
	strcpy(x.data, data);
	CHECKKR(host_create_mach_voucher(host_port, (void *)&x, sizeof x, &v), want);
	return v;
}

static void vouchers(void)
{
	census_t before = census();
	mach_port_t a = voucher("one", 0), b = voucher("one", 0), c = voucher("two", 0);
	CHECKEQ(a, b); /* equal ones are one */
	CHECK(a != c);
	CHECKEQ(refs(a, MACH_PORT_RIGHT_SEND), 2);
	union recipe x;
	mach_msg_type_number_t n = sizeof x;
	OK(mach_voucher_extract_attr_recipe(a, MACH_VOUCHER_ATTR_KEY_USER_DATA, (void *)&x, &n));
	CHECKEQ(n, sizeof x);
	CHECKEQ(x.r.command, MACH_VOUCHER_ATTR_USER_DATA_STORE);
	CHECKSTR(x.data, "one");
	n = sizeof x - 1;
	CHECKKR(mach_voucher_extract_attr_recipe_trap(a, MACH_VOUCHER_ATTR_KEY_USER_DATA, (void *)&x, &n), KERN_NO_SPACE);
	n = sizeof x;
	OK(mach_voucher_extract_attr_recipe_trap(c, MACH_VOUCHER_ATTR_KEY_USER_DATA, (void *)&x, &n));
	CHECKSTR(x.data, "two");
	/* A copy of another's attributes is that voucher again; removing leaves none. */
	struct { mach_voucher_attr_key_t key; uint32_t command, previous_voucher, content_size; } copy[2] = { { MACH_VOUCHER_ATTR_KEY_ALL, MACH_VOUCHER_ATTR_COPY, c, 0 },
		{ MACH_VOUCHER_ATTR_KEY_USER_DATA, MACH_VOUCHER_ATTR_REMOVE, a, 0 } };
	mach_port_t d;
	OK(host_create_mach_voucher_trap(host_port, (void *)copy, sizeof copy, &d));
	CHECKEQ(d, c);
	OK(mach_port_deallocate(SELF, d));
	copy[1].previous_voucher = 0;
	OK(host_create_mach_voucher(host_port, (void *)copy, sizeof copy, &d));
	n = 16;
	OK(mach_voucher_extract_attr_content(d, MACH_VOUCHER_ATTR_KEY_USER_DATA, (void *)x.data, &n));
	CHECKEQ(n, 0);
	OK(mach_port_deallocate(SELF, d));
	copy[0].key = MACH_VOUCHER_ATTR_KEY_BANK;
	copy[0].command = 610;
	CHECKKR(host_create_mach_voucher(host_port, (void *)copy, 16, &d), KERN_INVALID_ARGUMENT);
	copy[0].previous_voucher = host_port;
	CHECKKR(host_create_mach_voucher(host_port, (void *)copy, 16, &d), KERN_INVALID_CAPABILITY);
	CHECKKR(host_create_mach_voucher(host_port, (void *)copy, 15, &d), KERN_INVALID_ARGUMENT);

	/* It goes along with messages, and only who asks for it gets it. */
	mach_port_t p = port_with_send();
	struct { mach_msg_header_t h; mach_msg_max_trailer_t t; } m;
	for (int want = 0; want < 2; want++) {
		memset(&m, 0, sizeof m);
		m.h.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSG_TYPE_COPY_SEND << 16;
		m.h.msgh_remote_port = p;
		m.h.msgh_voucher_port = c;
		OK(mach_msg(&m.h, MACH_SEND_MSG, sizeof m.h, 0, 0, 0, 0));
		OK(mach_msg(&m.h, MACH_RCV_MSG | (want ? MACH_RCV_VOUCHER : 0), 0, sizeof m, p, 0, 0));
		CHECKEQ(m.h.msgh_voucher_port, want ? c : 0);
		CHECKEQ(m.h.msgh_bits >> 16 & 0x1f, want ? MACH_MSG_TYPE_MOVE_SEND : 0);
	}
	CHECKEQ(refs(c, MACH_PORT_RIGHT_SEND), 2);
	/* Moved, it may not be used twice; what is no voucher is refused; nothing is lost. */
	memset(&m, 0, sizeof m);
	m.h.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSG_TYPE_MOVE_SEND << 16;
	m.h.msgh_remote_port = p;
	m.h.msgh_voucher_port = p;
	CHECKKR(mach_msg(&m.h, MACH_SEND_MSG, sizeof m.h, 0, 0, 0, 0), MACH_SEND_INVALID_VOUCHER);
	m.h.msgh_voucher_port = c;
	OK(mach_msg(&m.h, MACH_SEND_MSG, sizeof m.h, 0, 0, 0, 0));
	CHECKEQ(refs(c, MACH_PORT_RIGHT_SEND), 1);
	m.h.msgh_remote_port = c;
	m.h.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND, 0) | MACH_MSG_TYPE_MOVE_SEND << 16;
	m.h.msgh_voucher_port = c;
	CHECKKR(mach_msg(&m.h, MACH_SEND_MSG, sizeof m.h, 0, 0, 0, 0), MACH_SEND_INVALID_DEST);
	port_end(p); /* with the message in it */

	/* A thread keeps one. */
	mach_port_t self = mach_thread_self(), got;
	OK(thread_set_mach_voucher(self, c));
	OK(thread_get_mach_voucher(self, 0, &got));
	CHECKEQ(got, c);
	OK(mach_port_deallocate(SELF, got));
	OK(thread_set_mach_voucher(self, MACH_PORT_NULL));
	OK(thread_get_mach_voucher(self, 0, &got));
	CHECKEQ(got, MACH_PORT_NULL);
	OK(mach_port_deallocate(SELF, self));
	OK(mach_port_mod_refs(SELF, a, MACH_PORT_RIGHT_SEND, -2));
	OK(mach_port_deallocate(SELF, c));
	SAME(before);
}

static void purgable(void)
{
	/* vm_purgeable_info: count and bytes, eight groups FIFO, obsolete, eight LIFO */
	union { task_purgable_info_t info; struct { uint64_t count, size; } s[17]; } i;
	vm_address_t a = 0;
	int state;
	OK(vm_allocate(SELF, &a, 4 * page, VM_FLAGS_ANYWHERE | VM_FLAGS_PURGABLE));
	memset((void *)a, 1, 4 * page);
	OK(task_purgable_info(SELF, &i.info));
	for (int k = 0; k < 17; k++)
		CHECKEQ(i.s[k].count, 0);
	state = VM_PURGABLE_VOLATILE | VM_VOLATILE_GROUP_3 | VM_PURGABLE_BEHAVIOR_LIFO;
	OK(vm_purgable_control(SELF, a, VM_PURGABLE_SET_STATE, &state));
	OK(task_purgable_info(SELF, &i.info));
	CHECKEQ(i.s[9 + 3].count, 1);
	CHECKEQ(i.s[9 + 3].size, 4 * page);
	OK(vm_deallocate(SELF, a, 4 * page));

	/* By an entry: what is emptied there is empty in its mapping. */
	mach_port_t entry;
	memory_object_size_t size = page;
	OK(mach_make_memory_entry_64(SELF, &size, 0, MAP_MEM_NAMED_CREATE | MAP_MEM_PURGABLE | VM_PROT_DEFAULT, &entry, MACH_PORT_NULL));
	a = 0;
	OK(vm_map(SELF, &a, page, 0, VM_FLAGS_ANYWHERE, entry, 0, 0, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE));
	memset((void *)a, 1, page);
	state = VM_PURGABLE_EMPTY;
	OK(mach_memory_entry_purgable_control(entry, VM_PURGABLE_SET_STATE, &state));
	CHECKEQ(state, VM_PURGABLE_NONVOLATILE);
	OK(mach_memory_entry_purgable_control(entry, VM_PURGABLE_GET_STATE, &state));
	CHECKEQ(state, VM_PURGABLE_EMPTY);
	CHECKEQ(*(char *)a, 0);
	CHECKKR(mach_memory_entry_purgable_control(SELF, VM_PURGABLE_GET_STATE, &state), KERN_INVALID_ARGUMENT);
	CHECKKR(mach_memory_entry_ownership(entry, MACH_PORT_NULL, 1, 0x80), KERN_INVALID_ARGUMENT);
	OK(vm_deallocate(SELF, a, page));
	OK(mach_port_deallocate(SELF, entry));
	/* New memory of the host's. */
	mach_port_t host = host_port;
	OK(mach_memory_object_memory_entry_64(host, 1, page, VM_PROT_DEFAULT, MACH_PORT_NULL, &entry));
	a = 0;
	OK(vm_map(SELF, &a, page, 0, VM_FLAGS_ANYWHERE, entry, 0, 0, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE));
	CHECKEQ(*(char *)a, 0);
	OK(vm_deallocate(SELF, a, page));
	OK(mach_port_deallocate(SELF, entry));
}

static void regions(void)
{
	vm_address_t a = 0;
	OK(vm_allocate(SELF, &a, 3 * page, VM_FLAGS_ANYWHERE));
	OK(vm_protect(SELF, a + page, page, 0, VM_PROT_READ));
	vm_address_t at = a + page;
	vm_size_t size;
	natural_t depth = 0;
	vm_region_submap_info_data_t i;
	mach_msg_type_number_t n = VM_REGION_SUBMAP_INFO_COUNT;
	OK(vm_region_recurse(SELF, &at, &size, &depth, (vm_region_recurse_info_t)&i, &n));
	CHECKEQ(at, a + page);
	CHECKEQ(size, page);
	CHECKEQ(i.protection, VM_PROT_READ);
	CHECKEQ(i.max_protection, VM_PROT_ALL);
	CHECKEQ(i.is_submap, 0);
	n = VM_REGION_SUBMAP_INFO_COUNT - 1;
	CHECKKR(vm_region_recurse(SELF, &at, &size, &depth, (vm_region_recurse_info_t)&i, &n), KERN_INVALID_ARGUMENT);
	/* No new code from now on: for a child that means to lock itself in. */
	pid_t pid = fork();
	if (pid == 0) {
		OK(vm_map_exec_lockdown(SELF));
		CHECKKR(vm_protect(SELF, a, page, 0, VM_PROT_READ | VM_PROT_EXECUTE), KERN_PROTECTION_FAILURE);
		CHECK(mmap(NULL, page, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANON, -1, 0) == MAP_FAILED);
		CHECK(mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0) != MAP_FAILED);
		_exit(failures != 0);
	}
	ended(pid);
	OK(vm_protect(SELF, a, page, 0, VM_PROT_READ | VM_PROT_EXECUTE));
	OK(vm_deallocate(SELF, a, 3 * page));
}

/* Entries of entries, of a mask of rights, and of bytes within pages. */
static void entries(void)
{
	mach_vm_address_t a = 0, b = 0;
	mach_port_t whole, part, same;
	memory_object_size_t size = 4 * page;
	OK(mach_vm_allocate(SELF, &a, size, VM_FLAGS_ANYWHERE));
	for (int i = 0; i < 4; i++)
		memset((char *)a + i * page, 'a' + i, page);
	OK(mach_make_memory_entry_64(SELF, &size, a, VM_PROT_READ, &whole, MACH_PORT_NULL));
	CHECKEQ(size, 4 * page);
	size = page;
	CHECKKR(mach_make_memory_entry_64(SELF, &size, 0, VM_PROT_DEFAULT, &part, whole), KERN_PROTECTION_FAILURE);
	size = 4 * page;
	CHECKKR(mach_make_memory_entry_64(SELF, &size, page, VM_PROT_READ, &part, whole), KERN_INVALID_ARGUMENT);
	size = page;
	OK(mach_make_memory_entry_64(SELF, &size, 2 * page, VM_PROT_DEFAULT | 0x40, &part, whole)); /* VM_PROT_IS_MASK */
	CHECKKR(mach_vm_map(SELF, &b, page, 0, VM_FLAGS_ANYWHERE, part, 0, 0, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE), KERN_INVALID_RIGHT);
	OK(mach_vm_map(SELF, &b, page, 0, VM_FLAGS_ANYWHERE, part, 0, 0, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE));
	CHECKEQ(*(char *)b, 'c');
	OK(mach_vm_deallocate(SELF, b, page));
	OK(mach_port_deallocate(SELF, part));
	size = 4 * page;
	OK(mach_make_memory_entry_64(SELF, &size, a, VM_PROT_READ | MAP_MEM_NAMED_REUSE, &same, whole));
	CHECKEQ(same, whole);
	OK(mach_port_deallocate(SELF, same));
	OK(mach_port_deallocate(SELF, whole));
	/* From the last byte of a page on. */
	size = 2;
	OK(mach_make_memory_entry_64(SELF, &size, a + page - 1, VM_PROT_READ | MAP_MEM_USE_DATA_ADDR, &part, MACH_PORT_NULL));
	CHECKEQ(size, page + 1);
	b = 0;
	OK(mach_vm_map(SELF, &b, 2, 0, VM_FLAGS_ANYWHERE | VM_FLAGS_RETURN_DATA_ADDR, part, 0, 0, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE));
	CHECK(!memcmp((char *)b, "ab", 2));
	OK(mach_vm_deallocate(SELF, b, 2));
	OK(mach_port_deallocate(SELF, part));
	OK(mach_vm_deallocate(SELF, a, 4 * page));
}

/* What is permanent can lose its contents, not its place. */
static void permanent(void)
{
	mach_vm_address_t a = 0, b;
	OK(mach_vm_allocate(SELF, &a, 3 * page, VM_FLAGS_ANYWHERE));
	b = a + page;
	OK(mach_vm_deallocate(SELF, b, page));
	OK(mach_vm_allocate(SELF, &b, page, VM_FLAGS_FIXED | VM_FLAGS_PERMANENT));
	*(char *)b = 1;
	OK(mach_vm_protect(SELF, b, page, 0, VM_PROT_READ));
	CHECKEQ(*(char *)b, 1);
	mach_vm_address_t c = a;
	CHECKKR(mach_vm_allocate(SELF, &c, 3 * page, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE), KERN_NO_SPACE);
	CHECKKR(mach_vm_protect(SELF, b, page, 0, VM_PROT_READ), KERN_PROTECTION_FAILURE); /* neither now nor later */
	OK(mach_vm_deallocate(SELF, a, 3 * page));
	c = b;
	CHECKKR(mach_vm_allocate(SELF, &c, page, VM_FLAGS_FIXED), KERN_NO_SPACE);
	OK(mach_vm_allocate(SELF, &a, page, VM_FLAGS_FIXED)); /* its neighbour is gone */
	OK(mach_vm_deallocate(SELF, a, page));
}

static int waits(mach_port_t p)
{
	OK(send_right(p, SELF, MACH_MSG_TYPE_COPY_SEND, 0));
	pause();
	return 0;
}

static void identity(void)
{
	census_t before = census();
	mach_port_t main = port_with_send(), token, t;
	pid_t pid = child(main, waits);
	mach_port_t task = receive_right(main, NULL);
	OK(task_create_identity_token(task, &token));
	OK(task_identity_token_get_task_port(token, 0, &t));
	CHECKEQ(t, task);
	OK(mach_port_deallocate(SELF, t));
	OK(task_identity_token_get_task_port(token, 3, &t)); /* its name only */
	CHECK(t != task);
	int of = 0;
	OK(pid_for_task(t, &of));
	CHECKEQ(of, pid);
	OK(mach_port_deallocate(SELF, t));
	CHECKKR(task_identity_token_get_task_port(token, 4, &t), KERN_INVALID_ARGUMENT);
	OK(task_terminate(task));
	int status;
	CHECKEQ(waitpid(pid, &status, 0), pid);
	for (int i = 0; i < 30000 && task_identity_token_get_task_port(token, 0, &t) == KERN_SUCCESS; i++) {
		mach_port_deallocate(SELF, t);
		usleep(1000);
	}
	CHECKKR(task_identity_token_get_task_port(token, 0, &t), KERN_NOT_FOUND);
	OK(mach_port_deallocate(SELF, token));
	port_end(task);
	port_end(main);
	SAME(before);
}

static void exceptions(void)
{
	mach_port_t a = port_with_send(), b = port_with_send();
	OK(task_set_exception_ports(SELF, EXC_MASK_ARITHMETIC | EXC_MASK_SOFTWARE, a, EXCEPTION_DEFAULT, THREAD_STATE_NONE));
	OK(task_set_exception_ports(SELF, EXC_MASK_EMULATION, b, EXCEPTION_DEFAULT, THREAD_STATE_NONE));
	exception_mask_t masks[EXC_TYPES_COUNT];
	exception_behavior_t behaviors[EXC_TYPES_COUNT];
	thread_state_flavor_t flavors[EXC_TYPES_COUNT];
	struct { natural_t port, receiver; } info[EXC_TYPES_COUNT];
	mach_msg_type_number_t n = EXC_TYPES_COUNT;
	OK(task_get_exception_ports_info(SELF, EXC_MASK_ARITHMETIC | EXC_MASK_SOFTWARE | EXC_MASK_EMULATION, masks, &n, (void *)info, behaviors, flavors));
	CHECKEQ(n, 2);
	CHECKEQ(masks[0] | masks[1], EXC_MASK_ARITHMETIC | EXC_MASK_SOFTWARE | EXC_MASK_EMULATION);
	CHECK(info[0].port != info[1].port);
	CHECKEQ(info[0].receiver, info[1].receiver);
	CHECK(info[0].receiver != 0);
	OK(task_set_exception_ports(SELF, EXC_MASK_ARITHMETIC | EXC_MASK_SOFTWARE | EXC_MASK_EMULATION, MACH_PORT_NULL, EXCEPTION_DEFAULT, THREAD_STATE_NONE));
	mach_port_t th = mach_thread_self();
	n = EXC_TYPES_COUNT;
	OK(thread_get_exception_ports_info(th, EXC_MASK_ARITHMETIC, masks, &n, (void *)info, behaviors, flavors));
	CHECKEQ(n, 0); /* nobody has set any */
	OK(thread_set_exception_ports(th, EXC_MASK_ARITHMETIC, a, EXCEPTION_DEFAULT, THREAD_STATE_NONE));
	n = EXC_TYPES_COUNT;
	OK(thread_get_exception_ports_info(th, EXC_MASK_ARITHMETIC | EXC_MASK_SOFTWARE, masks, &n, (void *)info, behaviors, flavors));
	CHECKEQ(n, 2);
	CHECK(info[0].port != 0);
	CHECKEQ(info[1].port, 0);
	OK(thread_set_exception_ports(th, EXC_MASK_ARITHMETIC, MACH_PORT_NULL, EXCEPTION_DEFAULT, THREAD_STATE_NONE));
	/* States look the same from every thread. */
	x86_thread_state64_t s = { .__rip = 77 }, t = { 0 };
	n = x86_THREAD_STATE64_COUNT;
	OK(thread_convert_thread_state(th, 1, x86_THREAD_STATE64, (thread_state_t)&s, x86_THREAD_STATE64_COUNT, (thread_state_t)&t, &n));
	CHECKEQ(t.__rip, 77);
	OK(mach_port_deallocate(SELF, th));
	port_end(a);
	port_end(b);
}

static void names(void)
{
	mach_port_qos_t qos = { .name = 1 };
	mach_port_name_t n = 0x77003;
	OK(mach_port_allocate_full(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_NULL, &qos, &n));
	CHECKEQ(n, 0x77003);
	CHECKKR(mach_port_allocate_full(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_NULL, &qos, &n), KERN_NAME_EXISTS);
	CHECKKR(mach_port_allocate_full(SELF, MACH_PORT_RIGHT_RECEIVE, SELF, &qos, &n), KERN_INVALID_VALUE);
	port_end(n);
	memset(&qos, 0, sizeof qos);
	qos.prealloc = 1;
	qos.len = 64;
	OK(mach_port_allocate_full(SELF, MACH_PORT_RIGHT_RECEIVE, MACH_PORT_NULL, &qos, &n));
	CHECKEQ(type_of(n), MACH_PORT_TYPE_RECEIVE);
	CHECKKR(mach_port_allocate_full(SELF, MACH_PORT_RIGHT_PORT_SET, MACH_PORT_NULL, &qos, &n), (qos.prealloc ? KERN_INVALID_VALUE : KERN_SUCCESS));
	port_end(n);
}

static void host(void)
{
	mach_port_t h = host_port, p = port_new();
	mach_zone_name_t *names;
	mach_zone_info_t *info;
	mach_msg_type_number_t n, m, found = 0;
	OK(mach_zone_info(h, &names, &n, &info, &m));
	CHECKEQ(n, m);
	for (unsigned i = 0; i < n; i++)
		found += !strcmp((char *)&names[i], "ipc ports") && ((uint64_t *)&info[i])[0] > 0;
	CHECKEQ(found, 1);
	OK(vm_deallocate(SELF, (vm_address_t)names, n * sizeof *names));
	OK(vm_deallocate(SELF, (vm_address_t)info, m * sizeof *info));
	OK(host_request_notification(h, 0, p));
	CHECKKR(host_request_notification(h, 2, p), KERN_INVALID_ARGUMENT);
	OK(mach_port_mod_refs(SELF, p, MACH_PORT_RIGHT_RECEIVE, -1));
	x86_debug_state64_t d;
	memset(&d, 1, sizeof d);
	n = x86_DEBUG_STATE64_COUNT;
	OK(task_get_state(SELF, x86_DEBUG_STATE64, (thread_state_t)&d, &n));
	CHECKEQ(d.__dr7, 0);
	OK(task_set_state(SELF, x86_DEBUG_STATE64, (thread_state_t)&d, n));
	d.__dr7 = 1;
	CHECKKR(task_set_state(SELF, x86_DEBUG_STATE64, (thread_state_t)&d, n), KERN_NOT_SUPPORTED);
	CHECKKR(task_generate_corpse(SELF, &p), KERN_NOT_SUPPORTED);
	CHECKKR(task_create(SELF, NULL, 0, 0, &p), MIG_BAD_ID);
}

int main(void)
{
	host_port = mach_host_self();
	vouchers();
	purgable();
	regions();
	entries();
	permanent();
	identity();
	exceptions();
	names();
	host();
	printf("mach_more ok\n");
	DONE();
}
