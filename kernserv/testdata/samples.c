/* The code samples of Writing Loadable Kernel Servers, with the scanning errors corrected
 * and as little around them as makes them run. The page is in front of each. */
#define DEBUG
#import <kernserv/kern_server_types.h>
#import <kern/sched_prim.h>
#import <kern/lock.h>
#import <machine/spl.h>
#import <next/cpu.h>
#import <next/autoconf.h>
#import <next/machparam.h>
#import <sys/buf.h>
#import <sys/callout.h>
#import <sys/conf.h>
#import <sys/notify.h>
#import <sys/time.h>
#import <sys/user.h>

/* 2-4: the instance variable. */
#define MAX_MINE 4
typedef struct my_instance_var {
	kern_server_t kern_server; /* generic instance info */
	struct my_dev {            /* per-device info */
		int field1;
		int field2;
	} dev[MAX_MINE];
} my_instance_var_t;
my_instance_var_t instance;

/* 5-2: panic() that unloads the server only. */
#undef panic
#define panic(s) (curipl() == 0 ? \
	(void)kern_serv_panic(kern_serv_bootstrap_port(&instance), s) : (void)printf("Can't panic: %s\n", s))

/* 2-12: set a flag in a 32-bit register in the slot space. */
#define REG_ADDR 0xf0000100
#define FLAG 0x10
int set_flag(int slot_number)
{
	volatile unsigned int *reg;
	reg = (unsigned int *)map_addr(REG_ADDR | (slot_number << 24), 4);
	*reg |= FLAG;
	return *reg;
}

/* 2-13: the VALID bit on a board that swaps bytes. */
#define MY_ADDR 0xf0fffff0
int valid_swapped(int slot_num)
{
	volatile unsigned int *my_register;
	int reg_size = 4; /* # of bytes in the space to be mapped */
	my_register = (unsigned int *)map_addr((MY_ADDR | (slot_num << 24)), reg_size);
	if (probe_rb(my_register))
		/* Make sure the Valid field is set */
		if (!(*my_register & 0x80000000)) /* byte-reversed 00000080 */
			return FALSE;
	return TRUE;
}

/* 2-16, 2-17: identification. */
#define MY_MFG_ID 0x0421
#define MY_BRD_ID 0x0090
#define HI_BYTE(n) ((n) >> 8)
#define LO_BYTE(n) ((n)&0xff)
boolean_t ids_ok(volatile unsigned int *id_begin, int board_id, int mfg_id)
{
	volatile unsigned int *current_word = id_begin;

	/* Make sure the Valid field is set */
	if (!(*current_word & 0x00000080))
		return FALSE;
	/* test high byte of mfg ID, ignoring the Valid field */
	if (((*current_word) & 0x7f) != HI_BYTE(mfg_id))
		return FALSE;
	++current_word; /* Move to next word */
	/* test low byte of the mfg ID */
	if ((*current_word) != LO_BYTE(mfg_id))
		return FALSE;
	++current_word; /* Move to next word */
	/* test high byte of the board ID */
	if ((*current_word) != HI_BYTE(board_id))
		return FALSE;
	++current_word; /* Move to next word */
	/* test low byte of the board ID */
	if ((*current_word) != LO_BYTE(board_id))
		return FALSE;
	return TRUE;
}
int identify(int slotid)
{
	volatile unsigned int *id_start;
	int id_size = 16; /* # of bytes in the space to be mapped */
	id_start = (unsigned int *)map_addr((0xf0fffff0 | (slotid << 25)), id_size);
	if (probe_rb(id_start)) {
		if (ids_ok(id_start, MY_BRD_ID, MY_MFG_ID)) /* the two are swapped in print */
			return TRUE;
	}
	return FALSE;
}

/* 2-10: a driver inserting itself into the character device switch table. */
#define MY_RAW_MAJOR 40
int opened, closed;
int myopen(int dev, int flags) { opened++; return 0; }
int myclose(int dev, int flags) { closed++; return 0; }
int myread(int dev, struct uio *uio) { return uiomove("from the server", 15, UIO_READ, uio); }
int mywrite(int dev, struct uio *uio)
{
	char b[8];
	int e = uiomove(b, 4, UIO_WRITE, uio);
	instance.dev[0].field1 = b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3];
	return e;
}
/* 5-41: suser in a UNIX-style server. */
#define MY_PRIVILEGED 0x20007802 /* _IO('x', 2) */
#define MY_FLAG 0x40047803       /* _IOR('x', 3, int) */
int myioctl(int dev, int cmd, caddr_t data, int flag)
{
	if (cmd == MY_PRIVILEGED)
		return suser() ? 0 : u.u_error;
	if (cmd == MY_FLAG) {
		*(int *)data = (u.u_acflag = 0, suser() && u.u_acflag == ASU);
		return u.u_acflag ? 0 : u.u_error;
	}
	*(int *)data += dev & 0xff;
	return 0;
}
/* 2-9: d_select says when a device is ready. */
int selectable;
int myselect(int dev, int rw) { return selectable; }
struct cdevsw my_cdevsw = { myopen, myclose, myread, mywrite, myioctl, nodev, nulldev, myselect, nodev, nodev, nodev };
struct cdevsw my_saved_cdevsw;
/* The block half: a disk of four blocks. */
#define MY_BLOCK_MAJOR 41
#define MY_BLOCKS 4
char my_disk[MY_BLOCKS * DEV_BSIZE];
int mystrategy(struct buf *bp)
{
	long room = (MY_BLOCKS - bp->b_blkno) * DEV_BSIZE, n = bp->b_bcount;

	if (bp->b_blkno < 0 || room < 0)
		room = 0;
	if (n > room)
		n = room;
	if (bp->b_flags & B_READ)
		bcopy(my_disk + bp->b_blkno * DEV_BSIZE, bp->b_addr, n);
	else
		bcopy(bp->b_addr, my_disk + bp->b_blkno * DEV_BSIZE, n);
	bp->b_resid = bp->b_bcount - n;
	biodone(bp);
	return 0;
}
struct bdevsw my_bdevsw = { myopen, myclose, mystrategy, nodev, nodev, B_TAPE };
struct bdevsw my_saved_bdevsw;
int insert(int arg)
{
	/* Save whatever entries were in the tables for our major numbers. */
	my_saved_bdevsw = bdevsw[MY_BLOCK_MAJOR];
	my_saved_cdevsw = cdevsw[MY_RAW_MAJOR];
	/* Put my entries in the switch tables. */
	bdevsw[MY_BLOCK_MAJOR] = my_bdevsw;
	cdevsw[MY_RAW_MAJOR] = my_cdevsw;
	return 0;
}
int put_back(int arg)
{
	bdevsw[MY_BLOCK_MAJOR] = my_saved_bdevsw;
	cdevsw[MY_RAW_MAJOR] = my_saved_cdevsw;
	return 0;
}

/* 5-2: wait two seconds at the most (here: two ticks). */
int wait_two(void)
{
	assert_wait(0, FALSE);
	thread_set_timeout(2);
	thread_block();
	return thread_wait_result();
}

/* 5-9, 5-12, 5-44: a thread of our own; wake and be woken. */
static int started;
static void new_thread(void)
{
	started = 1;
	thread_wakeup((vm_address_t)&started);
	thread_terminate(thread_self());
	thread_halt_self();
}
int start_thread(void)
{
	started = 0;
	assert_wait((vm_address_t)&started, FALSE);
	kernel_thread(current_task(), new_thread);
	thread_block();
	return started + 10 * thread_wait_result();
}

/* 5-10: a polled handler. */
static int interrupt_is_for_us, polled;
int device_interrupt(void)
{
	polled++;
	return interrupt_is_for_us ? 1 : 0;
}
int device_initialize(int ours)
{
	interrupt_is_for_us = ours;
	return install_polled_intr(I_BUS, device_interrupt) + 10 * install_polled_intr(3, device_interrupt);
}
int device_shutdown(void)
{
	int n = uninstall_polled_intr(I_BUS, device_interrupt);
	return n + 10 * uninstall_polled_intr(I_BUS, device_interrupt);
}
int times_polled(void) { return polled; }

/* 5-11: memory. */
typedef struct { int a, b; } my_data_t;
int memory(void)
{
	my_data_t *arg;
	arg = (my_data_t *)kalloc(sizeof(my_data_t));
	arg->a = 5;
	kfree(arg, sizeof(my_data_t));
	arg = (my_data_t *)kget(sizeof(my_data_t));
	if (arg)
		kfree(arg, sizeof(my_data_t));
	return arg != 0;
}
int page_sized(void) { return kget(8192) != 0; } /* 5-24: panics */

/* 5-13: in the server's main thread. */
static volatile long called;
void mydriver_func(void *data) { called = called * 10 + (long)data; }
int call_out(void)
{
	return kern_serv_callout((kern_server_t *)&instance, mydriver_func, (void *)1) +
		kern_serv_callout((kern_server_t *)&instance, mydriver_func, (void *)2);
}
long callouts(void) { return called; }

/* 5-18 to 5-21: ports. */
port_name_t port_name;
int handled;
boolean_t myhandler(msg_header_t *in, int arg) { handled = in->msg_id + arg; return TRUE; }
int make_port(void)
{
	kern_return_t r;

	/* Create the port. */
	r = port_allocate((task_t)task_self(), &port_name);
	if (r != KERN_SUCCESS)
		kern_serv_panic(kern_serv_bootstrap_port(&instance), "couldn't allocate a port");
	else
		printf("Created port %d\n", port_name);
	/* Specify which function is its handler. */
	return kern_serv_port_proc(&instance, port_name, (port_map_proc_t)myhandler, 100);
}
int send_self(int id)
{
	msg_header_t m = { 0 };
	m.msg_simple = TRUE;
	m.msg_size = sizeof m;
	m.msg_remote_port = port_name;
	m.msg_id = id;
	return msg_send(&m, SEND_TIMEOUT, 0);
}
int times_handled(void) { return handled; }
int pause_port(void) { return port_set_remove((task_t)task_self(), port_name); }
int resume_port(void) { return port_set_add((task_t)task_self(), kern_serv_port_set(&instance), port_name); }
int drop_port(void)
{
	kern_serv_port_gone(&instance, port_name);
	return port_deallocate((task_t)task_self(), port_name);
}

/* 5-24, 5-33: locks. */
int locks(void)
{
	lock_t lock = lock_alloc();
	simple_lock_t s = simple_lock_alloc();
	lock_init(lock, TRUE);
	lock_read(lock);
	lock_done(lock);
	lock_write(lock);
	lock_done(lock);
	lock_free(lock);
	simple_lock_init(s);
	simple_lock(s);
	simple_unlock(s);
	simple_lock_free(s);
	return 1;
}

/* 5-36: levels. */
int splx_value(void);
int levels(void)
{
	int s = spl5(), n = curipl(), t = splx_value();
	splx(s);
	return n * 100 + t * 10 + curipl();
}
int splx_value(void) { int s = spl3(); splx(s); return s; }

/* 5-48: timeouts. */
volatile int seconds;
int every_second(int arg) { seconds += arg + 10 * curipl(); return 0; }
int start_timeout(int arg)
{
	struct timeval tv = { 0, 1 }; /* rounded up to a tick */
	us_timeout(every_second, arg, &tv, CALLOUT_PRI_SOFTINT0);
	tv.tv_sec = 3600;
	us_abstimeout(every_second, 7, &tv, CALLOUT_PRI_SOFTINT0);
	return us_untimeout(every_second, 7) + 10 * us_untimeout(every_second, 7);
}
/* Two of a kind need two us_untimeouts. */
int two_timeouts(void)
{
	struct timeval tv = { 3600, 0 };
	us_timeout(every_second, 9, &tv, CALLOUT_PRI_SOFTINT0);
	us_timeout(every_second, 9, &tv, CALLOUT_PRI_SOFTINT0);
	return us_untimeout(every_second, 9) * 100 + us_untimeout(every_second, 9) * 10 + us_untimeout(every_second, 9);
}

/* 5-9, 5-29, 5-30: the times, and a busy wait at a level. */
static long us(struct timeval *tv) { return tv->tv_sec * 1000000 + tv->tv_usec; }
int times(void)
{
	struct timeval a = { -1, -1 }, b = { -1, -1 }, now = { -1, -1 };
	int s = spl5();
	microboot(&a);
	DELAY(100);
	microboot(&b);
	splx(s);
	microtime(&now);
	if (us(&b) - us(&a) < 100 || a.tv_usec < 0 || a.tv_usec >= 1000000 || b.tv_usec >= 1000000)
		return -1;
	if (now.tv_usec < 0 || now.tv_usec >= 1000000)
		return -2;
	return (int)now.tv_sec;
}
int elapsed(void) { DELAY(100); return seconds; }

/* 2-3, 5-1: checking assumptions. */
int check(void *ptr)
{
	ASSERT(ptr != NULL);
	return 1;
}

/* 2-1: no large variables in functions: the kernel stack has only 4 KB. */
int large_variable(int n)
{
	volatile char big[6000];
	big[n] = 1;
	big[0] = 2;
	return big[n];
}

/* 5-5: copying to narrow devices. */
int narrow(int slot)
{
	caddr_t reg = map_addr(0xf0000104 | slot << 24, 1); /* 8 bits */
	char stop = 2;
	bytecopy(&stop, reg, 1);
	bytecopy(reg + 4, &stop, 1);
	return stop;
}
