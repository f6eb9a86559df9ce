/*
 * ___gxx_personality_v0: reads a function's table of call sites, and says for each
 * exception whether a handler is there, and which clean-ups are to run.
 */
#include "abi.h"
#include "../src/dwarf.h"
#include <stdlib.h>
#include <string.h>

namespace __cxxabiv1 {
/* A table of another form can't be read, so it can't be said who catches. */
static void known(uint8_t encoding)
{
	if (!dwarf_known(encoding))
		std::terminate();
}
static unsigned width(uint8_t e)
{
	switch (e & 0xf) {
	case 2: case 10: return 2;
	case 3: case 11: return 4;
	default: return 8;
	}
}

/* The part of the table that actions refer to. */
struct types {
	const uint8_t *base;
	uint8_t encoding;
	const __shim_type_info *operator[](uint64_t i) const
	{
		const uint8_t *p = base - i * width(encoding);
		return reinterpret_cast<const __shim_type_info *>(dwarf_pointer(&p, encoding));
	}
};

struct result { _Unwind_Reason_Code code; int64_t value; uint64_t pad; void *adjusted; const uint8_t *lsda; };

/* Whether an exception specification forbids the exception. */
static bool forbidden(const types &t, int64_t filter, _Unwind_Exception *u)
{
	const uint8_t *list = t.base - filter - 1;
	while (uint64_t i = dwarf_uleb(&list)) {
		if (!ours(u))
			continue;
		__cxa_exception *e = header_of(u);
		void *p = thrown_of(e);
		if (t[i]->catches(static_cast<__shim_type_info *>(e->type), p))
			return false;
	}
	return true;
}

static result scan(_Unwind_Action action, _Unwind_Exception *u, _Unwind_Context *c)
{
	result r = { _URC_CONTINUE_UNWIND, 0, 0, nullptr, nullptr };
	const uint8_t *p = reinterpret_cast<const uint8_t *>(_Unwind_GetLanguageSpecificData(c));
	if (!p)
		return r;
	r.lsda = p;
	bool forced = action & _UA_FORCE_UNWIND;
	int before = 0;
	uint64_t ip = _Unwind_GetIPInfo(c, &before), start = _Unwind_GetRegionStart(c);
	uint64_t off = ip - !before - start, pads = start;
	uint8_t e = *p++;
	known(e);
	if (uint64_t v = dwarf_pointer(&p, e))
		pads = v;
	types t = { nullptr, *p++ };
	known(t.encoding);
	if (t.encoding != PE_OMIT) {
		uint64_t n = dwarf_uleb(&p);
		t.base = p + n;
	}
	uint8_t site = *p++;
	known(site);
	uint64_t length = dwarf_uleb(&p);
	const uint8_t *actions = p + length;
	while (p < actions) {
		uint64_t from = dwarf_pointer(&p, site), size = dwarf_pointer(&p, site), pad = dwarf_pointer(&p, site), first = dwarf_uleb(&p);
		if (off < from)
			break; /* they are sorted: this call may not throw */
		if (off - from >= size)
			continue;
		if (!pad)
			return r;
		r.pad = pads + pad;
		if (!first) {
			if (action & _UA_CLEANUP_PHASE && !(action & _UA_HANDLER_FRAME))
				r.code = _URC_HANDLER_FOUND;
			return r;
		}
		bool cleanup = false;
		for (const uint8_t *a = actions + first - 1;;) {
			int64_t type = dwarf_sleb(&a);
			const uint8_t *here = a;
			int64_t next = dwarf_sleb(&a);
			if (type > 0) {
				const __shim_type_info *want = t[type];
				void *adjusted;
				bool match;
				if (ours(u)) {
					__cxa_exception *x = header_of(u);
					adjusted = thrown_of(x);
					match = !want || want->catches(static_cast<__shim_type_info *>(x->type), adjusted);
				} else {
					adjusted = u + 1;
					match = !want;
				}
				if (match && !forced) {
					r.code = _URC_HANDLER_FOUND;
					r.value = type;
					r.adjusted = adjusted;
					return r;
				}
			} else if (type < 0) {
				if (!forced && forbidden(t, type, u)) {
					r.code = _URC_HANDLER_FOUND;
					r.value = type;
					r.adjusted = ours(u) ? thrown_of(header_of(u)) : static_cast<void *>(u + 1);
					return r;
				}
			} else {
				cleanup = true;
			}
			if (!next)
				break;
			a = here + next;
		}
		if (cleanup && action & _UA_CLEANUP_PHASE && !(action & _UA_HANDLER_FRAME))
			r.code = _URC_HANDLER_FOUND;
		return r;
	}
	/* No site has the call: the compiler says that it can't throw. */
	if (!forced)
		r.code = _URC_FATAL_PHASE1_ERROR;
	return r;
}

static _Unwind_Reason_Code install(const result &r, _Unwind_Exception *u, _Unwind_Context *c)
{
	_Unwind_SetGR(c, 0, reinterpret_cast<uint64_t>(u)); /* rax and rdx, by DWARF's numbers */
	_Unwind_SetGR(c, 1, r.value);
	_Unwind_SetIP(c, r.pad);
	return _URC_INSTALL_CONTEXT;
}

extern "C" EXPORT _Unwind_Reason_Code __gxx_personality_v0(int version, _Unwind_Action action, uint64_t,
	_Unwind_Exception *u, _Unwind_Context *c)
{
	if (version != 1 || !u || !c)
		return _URC_FATAL_PHASE1_ERROR;
	if (action & _UA_SEARCH_PHASE) {
		result r = scan(action, u, c);
		if (r.code == _URC_FATAL_PHASE1_ERROR) {
			__cxa_begin_catch(u);
			std::terminate();
		}
		if (r.code == _URC_HANDLER_FOUND && ours(u)) {
			__cxa_exception *e = header_of(u);
			e->switch_value = r.value;
			e->lsda = r.lsda;
			e->landing_pad = r.pad;
			e->adjusted = r.adjusted;
		}
		return r.code;
	}
	if (action & _UA_HANDLER_FRAME && ours(u)) {
		__cxa_exception *e = header_of(u);
		return install({ _URC_HANDLER_FOUND, e->switch_value, e->landing_pad, e->adjusted, e->lsda }, u, c);
	}
	result r = scan(action & _UA_HANDLER_FRAME ? _UA_SEARCH_PHASE : action, u, c);
	if (r.code == _URC_FATAL_PHASE1_ERROR) {
		__cxa_begin_catch(u);
		std::terminate();
	}
	return r.code == _URC_HANDLER_FOUND ? install(r, u, c) : r.code;
}
}
