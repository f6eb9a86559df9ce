/*
 * Unwinding: <unwind.h>, the level that C++, Rust and others build exceptions on.
 * A function is described by its image's __unwind_info or __eh_frame, or by an FDE
 * that was registered. What has no description ends the stack.
 */
#include "unwinder.h"
#include <mach-o/dyld.h>
#include <stdlib.h>
#include <string.h>

/* The images that have been met, as many as dyld has. They are never unloaded. */
enum { KNOWN = 1024 };
static struct tables known[KNOWN];
static unsigned nknown; /* only grows; what is below it does not change */
static lock_t known_lock;

static bool read_tables(const struct mach_header_64 *mh, struct tables *t)
{
	const char *p = (const char *)(mh + 1);
	memset(t, 0, sizeof *t);
	t->mh = mh;
	for (uint32_t i = 0; i < mh->ncmds; i++) {
		const struct load_command *lc = (const void *)p;
		const struct segment_command_64 *sg = (const void *)p;
		if (lc->cmd == LC_SEGMENT_64 && strcmp(sg->segname, "__TEXT") == 0) {
			uint64_t slide = (uint64_t)mh - sg->vmaddr;
			t->lo = (uint64_t)mh;
			t->hi = t->lo + sg->vmsize;
			const struct section_64 *s = (const void *)(sg + 1);
			for (uint32_t j = 0; j < sg->nsects; j++, s++) {
				if (strncmp(s->sectname, "__unwind_info", 16) == 0) {
					t->compact = (const uint8_t *)(s->addr + slide);
					t->compact_size = s->size;
				} else if (strncmp(s->sectname, "__eh_frame", 16) == 0) {
					t->eh = (const uint8_t *)(s->addr + slide);
					t->eh_size = s->size;
				}
			}
			return true;
		}
		p += lc->cmdsize;
	}
	return false;
}

bool unwind_tables(uint64_t ip, struct tables *t)
{
	unsigned n = __atomic_load_n(&nknown, __ATOMIC_ACQUIRE);
	for (unsigned i = 0; i < n; i++)
		if (ip - known[i].lo < known[i].hi - known[i].lo) {
			*t = known[i];
			return true;
		}
	long i = __puggle_image(IMAGE_OF_ADDRESS, ip, NULL, 0);
	const struct mach_header_64 *mh = i < 0 ? NULL : _dyld_get_image_header(i);
	if (!mh || !read_tables(mh, t) || ip - t->lo >= t->hi - t->lo)
		return false;
	lock(&known_lock);
	n = nknown;
	bool have = false;
	for (unsigned k = 0; k < n; k++)
		have |= known[k].mh == mh;
	if (!have && n < KNOWN) {
		known[n] = *t;
		__atomic_store_n(&nknown, n + 1, __ATOMIC_RELEASE);
	}
	unlock(&known_lock);
	return true;
}

void unwind_find(frame *f)
{
	struct tables t;
	uint64_t ip = f->r[R_RIP] - !f->exact;
	const uint8_t *fde;
	f->start = f->lsda = f->personality = 0;
	f->encoding = 0;
	f->fde = NULL;
	if (f->r[R_RIP] == 0)
		return;
	if (unwind_tables(ip, &t)) {
		if (t.compact && compact_find(f, &t, ip))
			return;
		f->start = 0;
		if (t.eh && (fde = fde_find(t.eh, t.eh_size, ip)) && fde_info(f, fde))
			return;
	}
	f->start = 0;
	if ((fde = fde_registered(ip)) && fde_info(f, fde))
		return;
	f->start = 0;
}

bool unwind_step(frame *f)
{
	uint64_t sp = f->r[R_RSP];
	if (!f->start)
		return false;
	if (f->encoding) {
		if (!compact_step(f))
			return false;
		f->exact = false;
	} else if (!fde_step(f))
		return false;
	if (f->r[R_RSP] <= sp) /* a stack that does not shrink is no stack */
		return false;
	unwind_find(f);
	return f->r[R_RIP] != 0;
}

static void begin(frame *f)
{
	f->exact = false;
	unwind_find(f);
}

static _Unwind_Reason_Code ask(frame *f, _Unwind_Action a, struct _Unwind_Exception *e)
{
	return ((_Unwind_Personality_Fn)f->personality)(1, a, e->exception_class, e, f);
}

/* The frame that first decided to handle e. */
static _Unwind_Reason_Code search(frame f, struct _Unwind_Exception *e)
{
	while (f.start) {
		if (f.personality)
			switch (ask(&f, _UA_SEARCH_PHASE, e)) {
			case _URC_HANDLER_FOUND:
				e->private_2 = f.r[R_RSP];
				return _URC_NO_REASON;
			case _URC_CONTINUE_UNWIND:
				break;
			default:
				return _URC_FATAL_PHASE1_ERROR;
			}
		if (!unwind_step(&f))
			break;
	}
	return _URC_END_OF_STACK;
}

static _Unwind_Reason_Code clean_up(frame f, struct _Unwind_Exception *e)
{
	while (f.start) {
		bool last = f.r[R_RSP] == e->private_2;
		if (f.personality)
			switch (ask(&f, _UA_CLEANUP_PHASE | (last ? _UA_HANDLER_FRAME : 0), e)) {
			case _URC_INSTALL_CONTEXT:
				unwind_resume(&f);
			case _URC_CONTINUE_UNWIND:
				if (!last)
					break;
				/* fall through */
			default:
				return _URC_FATAL_PHASE2_ERROR;
			}
		if (!unwind_step(&f))
			break;
	}
	return _URC_FATAL_PHASE2_ERROR;
}

static _Unwind_Reason_Code forced(frame f, struct _Unwind_Exception *e)
{
	_Unwind_Stop_Fn stop = (_Unwind_Stop_Fn)e->private_1;
	void *arg = (void *)e->private_2;
	_Unwind_Action a = _UA_FORCE_UNWIND | _UA_CLEANUP_PHASE;
	while (f.start) {
		if (stop(1, a, e->exception_class, e, &f, arg) != _URC_NO_REASON)
			return _URC_FATAL_PHASE2_ERROR;
		if (f.personality)
			switch (ask(&f, a, e)) {
			case _URC_INSTALL_CONTEXT: unwind_resume(&f);
			case _URC_CONTINUE_UNWIND: break;
			default: return _URC_FATAL_PHASE2_ERROR;
			}
		if (!unwind_step(&f))
			break;
	}
	stop(1, a | _UA_END_OF_STACK, e->exception_class, e, &f, arg);
	return _URC_FATAL_PHASE2_ERROR;
}

#define HERE(f) frame f; memset(&f, 0, sizeof f); unwind_capture(&f); begin(&f); unwind_step(&f)

/* unwind_capture gives this function's frame; one step further is the caller's. */
_Unwind_Reason_Code _Unwind_RaiseException(struct _Unwind_Exception *e)
{
	HERE(f);
	e->private_1 = e->private_2 = 0;
	_Unwind_Reason_Code r = search(f, e);
	return r == _URC_NO_REASON ? clean_up(f, e) : r;
}
void _Unwind_Resume(struct _Unwind_Exception *e)
{
	HERE(f);
	if (e->private_1)
		forced(f, e);
	else
		clean_up(f, e);
	abort();
}
_Unwind_Reason_Code _Unwind_Resume_or_Rethrow(struct _Unwind_Exception *e)
{
	HERE(f);
	if (e->private_1) {
		forced(f, e);
		abort();
	}
	_Unwind_Reason_Code r = search(f, e);
	return r == _URC_NO_REASON ? clean_up(f, e) : r;
}
_Unwind_Reason_Code _Unwind_ForcedUnwind(struct _Unwind_Exception *e, _Unwind_Stop_Fn stop, void *arg)
{
	HERE(f);
	e->private_1 = (uint64_t)stop;
	e->private_2 = (uint64_t)arg;
	return forced(f, e);
}
_Unwind_Reason_Code _Unwind_Backtrace(_Unwind_Trace_Fn fn, void *arg)
{
	HERE(f);
	while (f.r[R_RIP]) {
		if (fn(&f, arg) != _URC_NO_REASON)
			return _URC_FATAL_PHASE1_ERROR;
		if (!unwind_step(&f))
			break;
	}
	return _URC_END_OF_STACK;
}
void _Unwind_DeleteException(struct _Unwind_Exception *e)
{
	if (e->exception_cleanup)
		e->exception_cleanup(_URC_FOREIGN_EXCEPTION_CAUGHT, e);
}

_Unwind_Word _Unwind_GetGR(struct _Unwind_Context *f, int n) { return (unsigned)n < R_COUNT ? f->r[n] : 0; }
void _Unwind_SetGR(struct _Unwind_Context *f, int n, _Unwind_Word v)
{
	if ((unsigned)n < R_COUNT)
		f->r[n] = v;
}
_Unwind_Word _Unwind_GetIP(struct _Unwind_Context *f) { return f->r[R_RIP]; }
_Unwind_Word _Unwind_GetIPInfo(struct _Unwind_Context *f, int *before)
{
	*before = f->exact;
	return f->r[R_RIP];
}
void _Unwind_SetIP(struct _Unwind_Context *f, _Unwind_Word v) { f->r[R_RIP] = v; }
_Unwind_Word _Unwind_GetCFA(struct _Unwind_Context *f) { return f->r[R_RSP]; }
_Unwind_Ptr _Unwind_GetRegionStart(struct _Unwind_Context *f) { return f->start; }
uintptr_t _Unwind_GetLanguageSpecificData(struct _Unwind_Context *f) { return f->lsda; }
_Unwind_Ptr _Unwind_GetDataRelBase(struct _Unwind_Context *f) { abort(); }
_Unwind_Ptr _Unwind_GetTextRelBase(struct _Unwind_Context *f) { abort(); }
void *_Unwind_FindEnclosingFunction(void *pc)
{
	frame f;
	memset(&f, 0, sizeof f);
	f.r[R_RIP] = (uint64_t)pc;
	f.exact = true;
	unwind_find(&f);
	return (void *)f.start;
}
