/* Address spaces by port: this task's and another's, by both families of calls. */
#include "mach_check.h"
#include <unistd.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <signal.h>

enum { PAGE = 4096, HOLE = 64 * PAGE };
typedef mach_vm_address_t addr;

static addr take(mach_vm_size_t n)
{
	addr a = 0;
	OK(mach_vm_allocate(SELF, &a, n, VM_FLAGS_ANYWHERE));
	return a;
}
static vm_region_basic_info_data_64_t region(mach_port_t task, addr *a, mach_vm_size_t *n)
{
	vm_region_basic_info_data_64_t b;
	mach_msg_type_number_t c = VM_REGION_BASIC_INFO_COUNT_64;
	mach_port_t o = 7;
	memset(&b, 0, sizeof b);
	OK(mach_vm_region(task, a, n, VM_REGION_BASIC_INFO_64, (vm_region_info_t)&b, &c, &o));
	CHECKEQ(o, MACH_PORT_NULL);
	return b;
}

kern_return_t _kernelrpc_mach_vm_allocate_trap(mach_port_name_t, addr *, mach_vm_size_t, int);
kern_return_t _kernelrpc_mach_port_type_trap(mach_port_name_t, mach_port_name_t, mach_port_type_t *);

static void allocate(void)
{
	addr a = take(10 * PAGE), b;
	CHECKEQ(a % PAGE, 0);
	int sum = 0;
	for (int i = 0; i < 10 * PAGE; i++)
		sum += ((char *)a)[i];
	CHECKEQ(sum, 0);
	/* Fixed: there, or not at all. */
	b = a;
	CHECKKR(mach_vm_allocate(SELF, &b, PAGE, VM_FLAGS_FIXED), KERN_NO_SPACE);
	OK(mach_vm_deallocate(SELF, a + 4 * PAGE, 2 * PAGE));
	b = a + 4 * PAGE;
	OK(mach_vm_allocate(SELF, &b, 2 * PAGE, VM_FLAGS_FIXED));
	CHECKEQ(b, a + 4 * PAGE);
	*(char *)b = 1;
	OK(mach_vm_allocate(SELF, &b, PAGE, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE));
	CHECKEQ(*(char *)b, 0);
	OK(mach_vm_deallocate(SELF, a, 10 * PAGE));
	OK(mach_vm_deallocate(SELF, a, 10 * PAGE)); /* what is not there can be freed */
	b = 0;
	OK(mach_vm_allocate(SELF, &b, 0, VM_FLAGS_ANYWHERE)); /* nothing is at 0 */
	CHECKEQ(b, 0);
	CHECKKR(mach_vm_allocate(SELF, &b, 1ull << 60, VM_FLAGS_ANYWHERE), KERN_NO_SPACE);
	b = 1ull << 50;
	CHECKKR(mach_vm_allocate(SELF, &b, PAGE, VM_FLAGS_FIXED), KERN_INVALID_ADDRESS);
	CHECKKR(mach_vm_deallocate(SELF, -PAGE, 2 * PAGE), KERN_INVALID_ARGUMENT);
	CHECKKR(mach_vm_deallocate(0x7777, a, PAGE), MACH_SEND_INVALID_DEST);
	/* The trap itself, which takes and gives the address in memory; and no address. */
	b = 0;
	OK(_kernelrpc_mach_vm_allocate_trap(SELF, &b, 3 * PAGE, VM_FLAGS_ANYWHERE));
	CHECKEQ(*(char *)b, 0);
	OK(mach_vm_deallocate(SELF, b, 3 * PAGE));
	CHECK(mach_vm_allocate(SELF, NULL, PAGE, VM_FLAGS_ANYWHERE) != KERN_SUCCESS);
	b = 77;
	CHECKKR(mach_vm_allocate(0x7777, &b, PAGE, VM_FLAGS_ANYWHERE), MACH_SEND_INVALID_DEST);
	CHECKEQ(b, 77);
	mach_port_name_t n = 0;
	mach_port_type_t how = 0, by = 0;
	OK(mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, &n));
	OK(mach_port_type(SELF, n, &how));
	OK(_kernelrpc_mach_port_type_trap(SELF, n, &by));
	CHECKEQ(how, MACH_PORT_TYPE_RECEIVE);
	CHECKEQ(by, how);
	OK(mach_port_mod_refs(SELF, n, MACH_PORT_RIGHT_RECEIVE, -1));
	CHECKKR(mach_port_type(SELF, n, &how), KERN_INVALID_NAME);
	CHECKKR(mach_port_type(0x7777, n, &how), MACH_SEND_INVALID_DEST);
	CHECK(mach_port_allocate(SELF, MACH_PORT_RIGHT_RECEIVE, NULL) != KERN_SUCCESS);
}

static void protection(void)
{
	addr a = take(4 * PAGE), at = a;
	mach_vm_size_t n = 0;
	vm_region_basic_info_data_64_t b = region(SELF, &at, &n);
	CHECKEQ(at, a);
	CHECK(n >= 4 * PAGE);
	CHECKEQ(b.protection, VM_PROT_DEFAULT);
	CHECKEQ(b.max_protection, VM_PROT_ALL);
	CHECKEQ(b.inheritance, VM_INHERIT_COPY);
	CHECKEQ(b.shared, 0);
	OK(mach_vm_protect(SELF, a + PAGE, PAGE, 0, VM_PROT_READ));
	at = a + PAGE;
	b = region(SELF, &at, &n);
	CHECKEQ(at, a + PAGE);
	CHECKEQ(n, PAGE);
	CHECKEQ(b.protection, VM_PROT_READ);
	/* The maximum goes down and never up; the current follows. */
	OK(mach_vm_protect(SELF, a + PAGE, PAGE, 1, VM_PROT_READ));
	CHECKKR(mach_vm_protect(SELF, a + PAGE, PAGE, 0, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	CHECKKR(mach_vm_protect(SELF, a + PAGE, PAGE, 1, VM_PROT_ALL), KERN_PROTECTION_FAILURE);
	OK(mach_vm_protect(SELF, a + PAGE, PAGE, 1, VM_PROT_NONE));
	at = a + PAGE;
	CHECKEQ(region(SELF, &at, &n).protection, VM_PROT_NONE);
	OK(mach_vm_deallocate(SELF, a + 2 * PAGE, PAGE));
	CHECKKR(mach_vm_protect(SELF, a, 4 * PAGE, 0, VM_PROT_READ), KERN_INVALID_ADDRESS);
	OK(mach_vm_deallocate(SELF, a, 4 * PAGE));
	/* vm_region beyond the last one. */
	vm_region_basic_info_data_64_t x;
	mach_msg_type_number_t c = VM_REGION_BASIC_INFO_COUNT_64;
	mach_port_t o;
	at = 1ull << 60;
	CHECKKR(mach_vm_region(SELF, &at, &n, VM_REGION_BASIC_INFO_64, (vm_region_info_t)&x, &c, &o), KERN_INVALID_ADDRESS);
	at = a;
	CHECKKR(mach_vm_region(SELF, &at, &n, 4711, (vm_region_info_t)&x, &c, &o), KERN_INVALID_ARGUMENT);
	c = 2;
	CHECKKR(mach_vm_region(SELF, &at, &n, VM_REGION_BASIC_INFO_64, (vm_region_info_t)&x, &c, &o), KERN_INVALID_ARGUMENT);
}

static void copying(void)
{
	addr a = take(8 * PAGE), b = take(8 * PAGE);
	for (int i = 0; i < 8 * PAGE; i++)
		((char *)a)[i] = i % 101;
	OK(mach_vm_copy(SELF, a, 4 * PAGE, b + PAGE));
	CHECKEQ(memcmp((char *)b + PAGE, (char *)a, 4 * PAGE), 0);
	CHECKEQ(*(char *)b, 0);
	vm_offset_t data = 0;
	mach_msg_type_number_t n = 0;
	OK(mach_vm_read(SELF, a + 10, 2 * PAGE, &data, &n));
	CHECKEQ(n, 2 * PAGE);
	CHECKEQ(memcmp((char *)data, (char *)a + 10, n), 0);
	OK(mach_vm_write(SELF, b + 100, data, n));
	CHECKEQ(memcmp((char *)b + 100, (char *)a + 10, n), 0);
	OK(vm_deallocate(SELF, data, n));
	mach_vm_size_t out = 0;
	OK(mach_vm_read_overwrite(SELF, a + 1, 3 * PAGE, b, &out));
	CHECKEQ(out, 3 * PAGE);
	CHECKEQ(memcmp((char *)b, (char *)a + 1, out), 0);
	mach_vm_read_entry_t l = { { a, PAGE }, { a + 2 * PAGE, PAGE } };
	OK(mach_vm_read_list(SELF, l, 2));
	CHECKEQ(memcmp((char *)l[1].address, (char *)a + 2 * PAGE, PAGE), 0);
	OK(mach_vm_deallocate(SELF, l[0].address, PAGE));
	OK(mach_vm_deallocate(SELF, l[1].address, PAGE));
	/* Onto what may not be written, and from what may not be read. */
	OK(mach_vm_protect(SELF, b, PAGE, 0, VM_PROT_READ));
	CHECKKR(mach_vm_copy(SELF, a, PAGE, b), KERN_PROTECTION_FAILURE);
	CHECKKR(mach_vm_read_overwrite(SELF, a, PAGE, b, &out), KERN_PROTECTION_FAILURE);
	OK(mach_vm_protect(SELF, a, PAGE, 0, VM_PROT_NONE));
	CHECKKR(mach_vm_read(SELF, a, PAGE, &data, &n), KERN_PROTECTION_FAILURE);
	CHECKKR(mach_vm_copy(SELF, 0x1000, PAGE, b + PAGE), KERN_INVALID_ADDRESS);
	OK(mach_vm_deallocate(SELF, a, 8 * PAGE));
	OK(mach_vm_deallocate(SELF, b, 8 * PAGE));
}

/* Shared, copied and left out in a child. */
static addr inherited[3];
static int heir(mach_port_t main)
{
	*(char *)inherited[0] = 10;
	*(char *)inherited[1] = 20;
	/* The hole's beginning may have been taken since; its end has not. */
	vm_offset_t data;
	mach_msg_type_number_t n;
	CHECKKR(vm_read(SELF, inherited[2] + HOLE - PAGE, PAGE, &data, &n), KERN_INVALID_ADDRESS);
	return failures != 0;
}
static void inheritance(void)
{
	for (int i = 0; i < 3; i++) {
		inherited[i] = take(HOLE);
		*(char *)inherited[i] = i + 1;
	}
	OK(mach_vm_inherit(SELF, inherited[0], HOLE, VM_INHERIT_SHARE));
	OK(mach_vm_inherit(SELF, inherited[1], HOLE, VM_INHERIT_COPY));
	OK(mach_vm_inherit(SELF, inherited[2], HOLE, VM_INHERIT_NONE));
	CHECKKR(mach_vm_inherit(SELF, inherited[0], HOLE, 9), KERN_INVALID_ARGUMENT);
	mach_port_t p = port_with_send();
	ended(child(p, heir));
	CHECKEQ(*(char *)inherited[0], 10);
	CHECKEQ(*(char *)inherited[1], 2);
	CHECKEQ(*(char *)inherited[2], 3);
	port_end(p);
	for (int i = 0; i < 3; i++)
		OK(mach_vm_deallocate(SELF, inherited[i], HOLE));
}

/* Named entries: the same memory under another address, or in another task. */
static void entries(void)
{
	census_t before = census();
	addr a = take(8 * PAGE), b = 0;
	strcpy((char *)a + 2 * PAGE, "shared");
	mach_port_t e = 0;
	memory_object_size_t size = 8 * PAGE;
	OK(mach_make_memory_entry_64(SELF, &size, a, VM_PROT_DEFAULT, &e, MACH_PORT_NULL));
	CHECKEQ(size, 8 * PAGE);
	OK(mach_vm_map(SELF, &b, 4 * PAGE, 0, VM_FLAGS_ANYWHERE, e, 2 * PAGE, 0, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE));
	CHECKSTR((char *)b, "shared");
	((char *)b)[0] = 'S';
	CHECKSTR((char *)a + 2 * PAGE, "Shared");
	/* A copy of it sees nothing of later writes. */
	addr c = 0;
	OK(mach_vm_map(SELF, &c, 4 * PAGE, 0, VM_FLAGS_ANYWHERE, e, 2 * PAGE, 1, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_COPY));
	((char *)b)[0] = 'T';
	CHECKSTR((char *)c, "Shared");
	/* Not more than it allows, nor beyond its end. */
	mach_port_t ro = 0;
	size = PAGE;
	OK(mach_make_memory_entry_64(SELF, &size, a, VM_PROT_READ, &ro, MACH_PORT_NULL));
	addr d = 0;
	CHECK(mach_vm_map(SELF, &d, PAGE, 0, VM_FLAGS_ANYWHERE, ro, 0, 0, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE) != KERN_SUCCESS);
	CHECK(mach_vm_map(SELF, &d, 4 * PAGE, 0, VM_FLAGS_ANYWHERE, e, 6 * PAGE, 0, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE) != KERN_SUCCESS);
	mach_port_t no = port_with_send();
	CHECKKR(mach_vm_map(SELF, &d, PAGE, 0, VM_FLAGS_ANYWHERE, no, 0, 0, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE), KERN_INVALID_OBJECT);
	port_end(no);
	/* The mapping outlives the entry and the original. */
	OK(mach_port_deallocate(SELF, e));
	OK(mach_port_deallocate(SELF, ro));
	OK(mach_vm_deallocate(SELF, a, 8 * PAGE));
	CHECKSTR((char *)b, "Thared");
	OK(mach_vm_deallocate(SELF, b, 4 * PAGE));
	OK(mach_vm_deallocate(SELF, c, 4 * PAGE));
	SAME(before);
}

static void remap(void)
{
	addr a = take(4 * PAGE), b = 0, c = 0;
	strcpy((char *)a, "one");
	vm_prot_t cur = 0, max = 0;
	OK(mach_vm_remap(SELF, &b, 4 * PAGE, 0, VM_FLAGS_ANYWHERE, SELF, a, 0, &cur, &max, VM_INHERIT_SHARE));
	CHECKEQ(cur, VM_PROT_DEFAULT);
	CHECKEQ(max, VM_PROT_ALL);
	OK(mach_vm_remap(SELF, &c, 4 * PAGE, 0, VM_FLAGS_ANYWHERE, SELF, a, 1, &cur, &max, VM_INHERIT_COPY));
	strcpy((char *)b, "two");
	CHECKSTR((char *)a, "two");
	CHECKSTR((char *)c, "one");
	CHECK(mach_vm_remap(SELF, &c, PAGE, 0, VM_FLAGS_ANYWHERE, SELF, 0x1000, 0, &cur, &max, VM_INHERIT_COPY) != KERN_SUCCESS);
	/* At an aligned address. */
	addr d = 0;
	OK(mach_vm_map(SELF, &d, PAGE, 0xffff, VM_FLAGS_ANYWHERE, 0, 0, 0, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY));
	CHECKEQ(d & 0xffff, 0);
	OK(mach_vm_deallocate(SELF, d, PAGE));
	OK(mach_vm_deallocate(SELF, a, 4 * PAGE));
	OK(mach_vm_deallocate(SELF, b, 4 * PAGE));
}

static void attributes(void)
{
	addr a = take(16 * PAGE);
	OK(mach_vm_behavior_set(SELF, a, 16 * PAGE, VM_BEHAVIOR_SEQUENTIAL));
	addr at = a;
	mach_vm_size_t n;
	CHECKEQ(region(SELF, &at, &n).behavior, VM_BEHAVIOR_SEQUENTIAL);
	CHECKKR(mach_vm_behavior_set(SELF, a, PAGE, 4711), KERN_INVALID_ARGUMENT);
	OK(mach_vm_msync(SELF, a, 16 * PAGE, VM_SYNC_SYNCHRONOUS));
	int state = VM_PURGABLE_VOLATILE;
	addr p = 0;
	OK(mach_vm_allocate(SELF, &p, 4 * PAGE, VM_FLAGS_ANYWHERE | VM_FLAGS_PURGABLE));
	OK(mach_vm_purgable_control(SELF, p, VM_PURGABLE_SET_STATE, &state));
	CHECKEQ(state, VM_PURGABLE_NONVOLATILE); /* what it was */
	OK(mach_vm_purgable_control(SELF, p, VM_PURGABLE_GET_STATE, &state));
	CHECKEQ(state, VM_PURGABLE_VOLATILE);
	OK(mach_vm_deallocate(SELF, p, 4 * PAGE));
	*(char *)a = 1;
	integer_t disp = 0, rc = 0;
	OK(mach_vm_page_query(SELF, a, &disp, &rc));
	CHECK(disp & VM_PAGE_QUERY_PAGE_PRESENT);
	addr far = take(4096 * PAGE); /* nothing of it was touched */
	OK(mach_vm_page_query(SELF, far + 2000 * PAGE, &disp, &rc));
	CHECKEQ(disp & VM_PAGE_QUERY_PAGE_PRESENT, 0);
	int pages[4] = { -1, -1, -1, -1 };
	mach_vm_size_t many = 4;
	OK(mach_vm_page_range_query(SELF, a, PAGE, (addr)pages, &many));
	CHECKEQ(many, 1);
	CHECK(pages[0] & VM_PAGE_QUERY_PAGE_PRESENT);
	CHECKEQ(pages[1], -1);
	OK(mach_vm_deallocate(SELF, far, 4096 * PAGE));
	/* The walk of a debugger: every region, once, in order. */
	addr w = 0;
	int found = 0, regions = 0;
	for (;;) {
		vm_region_submap_info_data_64_t s;
		mach_msg_type_number_t c = VM_REGION_SUBMAP_INFO_COUNT_64;
		natural_t depth = 0;
		addr was = w;
		if (mach_vm_region_recurse(SELF, &w, &n, &depth, (vm_region_recurse_info_t)&s, &c) != KERN_SUCCESS)
			break;
		CHECK(w >= was);
		if (w <= a && a < w + n) {
			found++;
			CHECK(s.pages_resident > 0);
			CHECKEQ(s.protection, VM_PROT_DEFAULT);
		}
		regions++;
		w += n;
	}
	CHECKEQ(found, 1);
	CHECK(regions > 3);
	OK(mach_vm_deallocate(SELF, a, 16 * PAGE));
}

/* A parent in its child's memory. */
static int patient(mach_port_t main)
{
	volatile char *mine = (char *)take(4 * PAGE);
	strcpy((char *)mine, "mine");
	OK(send_right(main, SELF, MACH_MSG_TYPE_COPY_SEND, 0));
	struct { simple_t m; } a = { { .head = { MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof(simple_t), main, 0, 0, 1 } } };
	memcpy(a.m.word, &mine, 8);
	OK(mach_msg(&a.m.head, MACH_SEND_MSG, sizeof(simple_t), 0, 0, 0, 0));
	while (mine[0] == 'm')
		usleep(1000);
	CHECKSTR((char *)mine, "yours");
	return failures != 0;
}
static void foreign(void)
{
	census_t before = census();
	mach_port_t main = port_with_send();
	pid_t pid = child(main, patient);
	mach_port_t task = receive_right(main, NULL);
	received_t r;
	OK(receive(main, &r, sizeof r, 0));
	addr there, mine = 0, extra = 0;
	memcpy(&there, r.m.word, 8);
	vm_offset_t data;
	mach_msg_type_number_t n;
	OK(mach_vm_read(task, there, PAGE, &data, &n));
	CHECKSTR((char *)data, "mine");
	OK(vm_deallocate(SELF, data, n));
	mach_vm_size_t out;
	char buf[16] = "";
	OK(mach_vm_read_overwrite(task, there, 5, (addr)buf, &out));
	CHECKSTR(buf, "mine");
	OK(mach_vm_allocate(task, &extra, 3 * PAGE, VM_FLAGS_ANYWHERE));
	OK(mach_vm_write(task, extra + 1, (vm_offset_t)"abc", 4));
	OK(mach_vm_protect(task, extra, PAGE, 0, VM_PROT_READ));
	mach_vm_size_t size;
	addr at = extra;
	CHECKEQ(region(task, &at, &size).protection, VM_PROT_READ);
	/* A window on its page: what is written here is there. */
	vm_prot_t cur, max;
	OK(mach_vm_remap(SELF, &mine, PAGE, 0, VM_FLAGS_ANYWHERE, task, there, 0, &cur, &max, VM_INHERIT_NONE));
	CHECKSTR((char *)mine, "mine");
	OK(mach_vm_deallocate(task, extra, 3 * PAGE));
	strcpy((char *)mine + 1, "ours");
	*(volatile char *)mine = 'y';
	ended(pid);
	CHECKSTR((char *)mine, "yours"); /* it outlives the task */
	OK(mach_vm_deallocate(SELF, mine, PAGE));
	CHECK(mach_vm_read(task, there, PAGE, &data, &n) != KERN_SUCCESS);
	port_end(task);
	port_end(main);
	SAME(before);
}

/* The older family: the same calls with vm_ names. */
static void older(void)
{
	vm_address_t a = 0, b = 0;
	vm_size_t n = 0;
	OK(vm_allocate(SELF, &a, 4 * PAGE, VM_FLAGS_ANYWHERE));
	OK(vm_write(SELF, a, (vm_offset_t)"text", 5));
	OK(vm_protect(SELF, a, PAGE, 0, VM_PROT_READ));
	OK(vm_inherit(SELF, a, PAGE, VM_INHERIT_NONE));
	OK(vm_copy(SELF, a, PAGE, a + PAGE));
	CHECKSTR((char *)a + PAGE, "text");
	vm_region_basic_info_data_64_t i;
	mach_msg_type_number_t c = VM_REGION_BASIC_INFO_COUNT_64;
	mach_port_t o = 0;
	b = a;
	OK(vm_region_64(SELF, &b, &n, VM_REGION_BASIC_INFO_64, (vm_region_info_t)&i, &c, &o));
	CHECKEQ(b, a);
	CHECKEQ(n, PAGE);
	CHECKEQ(i.inheritance, VM_INHERIT_NONE);
	b = 0;
	OK(vm_map(SELF, &b, PAGE, 0, VM_FLAGS_ANYWHERE, MACH_PORT_NULL, 0, 0, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_COPY));
	CHECKKR(vm_protect(SELF, b, PAGE, 0, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	OK(vm_deallocate(SELF, b, PAGE));
	vm_prot_t cur, max;
	b = 0;
	OK(vm_remap(SELF, &b, PAGE, 0, VM_FLAGS_ANYWHERE, SELF, a + PAGE, 0, &cur, &max, VM_INHERIT_SHARE));
	((char *)b)[0] = 'T';
	CHECKSTR((char *)a + PAGE, "Text");
	OK(vm_deallocate(SELF, b, PAGE));
	OK(vm_behavior_set(SELF, a, PAGE, VM_BEHAVIOR_RANDOM));
	OK(vm_deallocate(SELF, a, 4 * PAGE));
}

/* A megabyte goes to another task and comes back changed, and nobody calls the kernel. */
enum { MEG = 1 << 20 };
static struct { volatile int turn, sum; } *shared;
static int counted(void)
{
	struct task_events_info i;
	mach_msg_type_number_t n = TASK_EVENTS_INFO_COUNT;
	OK(task_info(SELF, TASK_EVENTS_INFO, (task_info_t)&i, &n));
	return i.syscalls_mach + i.syscalls_unix;
}
/* Half a minute is long enough; the clock is read without a call. */
static void wait_turn(int who)
{
	uint64_t end = mach_absolute_time() + 30000000000ull;
	while (shared->turn != who && mach_absolute_time() < end)
		__builtin_ia32_pause();
	CHECKEQ(shared->turn, who);
}
static int other_side(mach_port_t main)
{
	char *data = (char *)(shared + 1);
	wait_turn(1);
	for (int i = 0; i < MEG; i++)
		data[i] ^= 0x55;
	shared->turn = 2;
	return failures != 0;
}
static void exchange(void)
{
	addr a = take(MEG + PAGE);
	OK(mach_vm_inherit(SELF, a, MEG + PAGE, VM_INHERIT_SHARE));
	shared = (void *)a;
	char *data = (char *)(shared + 1);
	mach_port_t p = port_with_send();
	int alone = counted();
	alone = counted() - alone; /* what counting itself takes */
	pid_t pid = child(p, other_side);
	int before = counted();
	for (int i = 0; i < MEG; i++)
		data[i] = i * 7;
	shared->turn = 1;
	wait_turn(2);
	int wrong = 0;
	for (int i = 0; i < MEG; i++)
		wrong += data[i] != (char)(i * 7 ^ 0x55);
	CHECKEQ(wrong, 0);
	CHECKEQ(counted() - before, alone);
	ended(pid);
	port_end(p);
	OK(mach_vm_deallocate(SELF, a, MEG + PAGE));
}

/* Flags and protections that there are not, or not for this call. */
static void refused(void)
{
	addr a = 0;
	for (unsigned bit = 1; bit; bit <<= 1) {
		unsigned known = VM_FLAGS_ANYWHERE | VM_FLAGS_PURGABLE | VM_FLAGS_4GB_CHUNK | VM_FLAGS_RANDOM_ADDR | VM_FLAGS_NO_CACHE |
		    VM_FLAGS_PERMANENT | VM_FLAGS_OVERWRITE | VM_FLAGS_SUPERPAGE_MASK | VM_FLAGS_ALIAS_MASK;
		if (bit & known)
			continue;
		CHECKKR(mach_vm_allocate(SELF, &a, PAGE, VM_FLAGS_ANYWHERE | bit), KERN_INVALID_ARGUMENT);
		if (bit & (VM_FLAGS_RETURN_DATA_ADDR | VM_FLAGS_RETURN_4K_DATA_ADDR))
			continue;
		CHECKKR(mach_vm_map(SELF, &a, PAGE, 0, VM_FLAGS_ANYWHERE | bit, 0, 0, 0, 3, 7, VM_INHERIT_COPY), KERN_INVALID_ARGUMENT);
		CHECKKR(mach_vm_map(SELF, &a, PAGE, 0, VM_FLAGS_ANYWHERE | bit, 0, 0, 0, 3, 3, VM_INHERIT_NONE), KERN_INVALID_ARGUMENT);
	}
	memory_object_size_t n = PAGE;
	mem_entry_name_port_t e = 0;
	OK(mach_make_memory_entry_64(SELF, &n, 0, MAP_MEM_NAMED_CREATE | VM_PROT_READ, &e, 0));
	CHECKKR(mach_vm_map(SELF, &a, PAGE, 0, VM_FLAGS_ANYWHERE, e, 0, 0, 8, 1, VM_INHERIT_NONE), KERN_INVALID_ARGUMENT);
	CHECKKR(mach_vm_map(SELF, &a, PAGE, 0, VM_FLAGS_ANYWHERE, e, 0, 0, 1, 0x7fffffff, VM_INHERIT_NONE), KERN_INVALID_ARGUMENT);
	CHECKKR(mach_vm_map(SELF, &a, PAGE, 0, VM_FLAGS_ANYWHERE, e, 0, 0, 1, 1, VM_INHERIT_LAST_VALID + 1), KERN_INVALID_ARGUMENT);
	OK(mach_port_deallocate(SELF, e));
}

/* Memory that is the kernel's, the comm page, can't be written by anybody; the kernel writes to
 * memory that the task has made, here by a second mapping of a memory entry. */
static void kernels(void)
{
	addr comm = 0x7fffffe00000;
	unsigned long was = *(volatile unsigned long *)comm, new = ~was;
	pid_t pid = fork();
	if (pid == 0) {
		*(volatile unsigned long *)comm = new;
		_exit(0);
	}
	int st = 0;
	CHECKEQ(waitpid(pid, &st, 0), pid);
	CHECK(WIFSIGNALED(st) && (WTERMSIG(st) == SIGBUS || WTERMSIG(st) == SIGSEGV));
	CHECK(mach_vm_write(SELF, comm, (vm_offset_t)&new, sizeof new) != KERN_SUCCESS);
	CHECK(mach_vm_protect(SELF, comm, PAGE, FALSE, VM_PROT_READ | VM_PROT_WRITE) != KERN_SUCCESS);
	CHECKEQ(*(volatile unsigned long *)comm, was);

	addr mine = take(PAGE), other = 0;
	memory_object_size_t n = PAGE;
	mem_entry_name_port_t e = 0;
	OK(mach_make_memory_entry_64(SELF, &n, mine, MAP_MEM_VM_SHARE | VM_PROT_READ | VM_PROT_WRITE, &e, 0));
	OK(mach_vm_map(SELF, &other, PAGE, 0, VM_FLAGS_ANYWHERE, e, 0, FALSE, 3, 3, VM_INHERIT_NONE));
	int p[2];
	CHECKEQ(pipe(p), 0);
	CHECKEQ(write(p[1], "kernel", 7), 7);
	CHECKEQ(read(p[0], (char *)other, 7), 7);
	CHECKEQ(strcmp((char *)mine, "kernel"), 0);
	close(p[0]);
	close(p[1]);
	OK(mach_vm_deallocate(SELF, mine, PAGE));
	OK(mach_vm_deallocate(SELF, other, PAGE));
	OK(mach_port_deallocate(SELF, e));
}

/* task_wire: what is mapped afterwards is wired, what was before is not. */
static void wiring(void)
{
	addr before = take(2 * PAGE), after;
	mach_vm_size_t n;
	OK(task_wire(SELF, TRUE));
	after = take(3 * PAGE);
	OK(task_wire(SELF, FALSE));
	addr later = take(2 * PAGE), a = after;
	CHECKEQ(region(SELF, &a, &n).user_wired_count, 1);
	CHECKEQ(a, after);
	CHECKEQ(n, 3 * PAGE);
	CHECKEQ(region(SELF, &(addr){ before }, &n).user_wired_count, 0);
	CHECKEQ(region(SELF, &(addr){ later }, &n).user_wired_count, 0);
	*(char *)after = 1;
	OK(mach_vm_deallocate(SELF, after, 3 * PAGE));
	OK(mach_vm_deallocate(SELF, before, 2 * PAGE));
	OK(mach_vm_deallocate(SELF, later, 2 * PAGE));

	/* RLIMIT_MEMLOCK: of what is wired twice it counts one, and it binds a child, too. */
	pid_t p = fork();
	if (p == 0) {
		struct rlimit l = { 4 * PAGE, 4 * PAGE };
		CHECKEQ(setrlimit(RLIMIT_MEMLOCK, &l), 0);
		addr r = take(4 * PAGE), s = 0;
		CHECKEQ(mlock((void *)r, 3 * PAGE), 0);
		CHECKEQ(mlock((void *)r, 4 * PAGE), 0);
		errno = 0;
		CHECK(mlock((void *)take(PAGE), PAGE) == -1 && errno == EAGAIN);
		OK(task_wire(SELF, TRUE));
		CHECKKR(mach_vm_allocate(SELF, &s, PAGE, VM_FLAGS_ANYWHERE), KERN_RESOURCE_SHORTAGE);
		OK(task_wire(SELF, FALSE));
		CHECKEQ(munlock((void *)r, 3 * PAGE), 0);
		CHECKEQ(munlock((void *)r, 4 * PAGE), 0);
		if (fork() == 0) {
			CHECKEQ(mlock((void *)r, 4 * PAGE), 0);
			CHECK(mlock((void *)take(PAGE), PAGE) == -1);
			_exit(failures);
		}
		int st = 1;
		wait(&st);
		CHECKEQ(st, 0);
		_exit(failures);
	}
	int st = 1;
	CHECKEQ(waitpid(p, &st, 0), p);
	CHECKEQ(st, 0);
}

int main(void)
{
	wiring();
	refused();
	kernels();
	exchange();
	allocate();
	protection();
	copying();
	inheritance();
	entries();
	remap();
	attributes();
	foreign();
	older();
	printf("mach_vm ok\n");
	DONE();
}
