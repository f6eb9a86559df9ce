/* Throwing and catching. */
#include "abi.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace std {
static terminate_handler on_terminate = abort;
static unexpected_handler on_unexpected = terminate;

EXPORT terminate_handler get_terminate() noexcept { return __atomic_load_n(&on_terminate, __ATOMIC_ACQUIRE); }
EXPORT terminate_handler set_terminate(terminate_handler f) noexcept
{
	return __atomic_exchange_n(&on_terminate, f ? f : abort, __ATOMIC_ACQ_REL);
}
EXPORT unexpected_handler get_unexpected() noexcept { return __atomic_load_n(&on_unexpected, __ATOMIC_ACQUIRE); }
EXPORT unexpected_handler set_unexpected(unexpected_handler f) noexcept
{
	return __atomic_exchange_n(&on_unexpected, f ? f : terminate, __ATOMIC_ACQ_REL);
}
}

namespace __cxxabiv1 {
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void make_key() { pthread_key_create(&key, free); }

extern "C" {
EXPORT __cxa_eh_globals *__cxa_get_globals()
{
	pthread_once(&once, make_key);
	void *g = pthread_getspecific(key);
	if (!g) {
		g = calloc(1, sizeof(__cxa_eh_globals));
		if (!g)
			abort();
		pthread_setspecific(key, g);
	}
	return static_cast<__cxa_eh_globals *>(g);
}
EXPORT __cxa_eh_globals *__cxa_get_globals_fast() { return __cxa_get_globals(); }
EXPORT unsigned __cxa_uncaught_exceptions() noexcept { return __cxa_get_globals()->uncaught; }
EXPORT bool __cxa_uncaught_exception() noexcept { return __cxa_uncaught_exceptions() != 0; }

EXPORT void *__cxa_allocate_exception(size_t n) noexcept
{
	void *p = calloc(1, sizeof(__cxa_exception) + n);
	if (!p)
		std::terminate();
	return static_cast<__cxa_exception *>(p) + 1;
}
EXPORT void __cxa_free_exception(void *p) noexcept { free(header_of(p)); }

static void clean_up(_Unwind_Reason_Code why, _Unwind_Exception *u)
{
	__cxa_exception *e = header_of(u);
	if (why != _URC_FOREIGN_EXCEPTION_CAUGHT)
		std::terminate();
	if (u->exception_class == DEPENDENT) {
		__cxa_decrement_exception_refcount(e->primary + 1);
		free(e);
	} else {
		__cxa_decrement_exception_refcount(e + 1);
	}
}

[[noreturn]] static void raise(__cxa_exception *e)
{
	__cxa_get_globals()->uncaught++;
	_Unwind_RaiseException(&e->unwind);
	/* Nobody wants it. */
	__cxa_begin_catch(&e->unwind);
	std::terminate();
}

EXPORT __cxa_exception *__cxa_init_primary_exception(void *p, std::type_info *t, void (*d)(void *)) noexcept
{
	__cxa_exception *e = header_of(p);
	e->references = 0;
	e->type = t;
	e->destructor = d;
	e->on_terminate = std::get_terminate();
	e->unwind.exception_class = CLASS;
	e->unwind.exception_cleanup = clean_up;
	return e;
}
EXPORT void __cxa_throw(void *p, std::type_info *t, void (*d)(void *))
{
	__cxa_exception *e = __cxa_init_primary_exception(p, t, d);
	e->references = 1;
	raise(e);
}

EXPORT void *__cxa_get_exception_ptr(void *u) noexcept { return header_of(static_cast<_Unwind_Exception *>(u))->adjusted; }

EXPORT void *__cxa_begin_catch(void *v) noexcept
{
	_Unwind_Exception *u = static_cast<_Unwind_Exception *>(v);
	__cxa_eh_globals *g = __cxa_get_globals();
	__cxa_exception *e = header_of(u);
	if (!ours(u)) {
		if (g->caught)
			std::terminate();
		g->caught = e;
		return u + 1;
	}
	e->handlers = (e->handlers < 0 ? -e->handlers : e->handlers) + 1;
	if (g->caught != e) {
		e->next = g->caught;
		g->caught = e;
	}
	g->uncaught--;
	return e->adjusted;
}
EXPORT void __cxa_end_catch()
{
	__cxa_eh_globals *g = __cxa_get_globals();
	__cxa_exception *e = g->caught;
	if (!e)
		return;
	if (!ours(&e->unwind)) {
		_Unwind_DeleteException(&e->unwind);
		g->caught = nullptr;
		return;
	}
	if (e->handlers < 0) {
		/* It flies again; who catches it next frees it. */
		if (++e->handlers == 0)
			g->caught = e->next;
		return;
	}
	if (--e->handlers > 0)
		return;
	g->caught = e->next;
	if (e->unwind.exception_class == DEPENDENT) {
		__cxa_exception *p = e->primary;
		free(e);
		e = p;
	}
	__cxa_decrement_exception_refcount(e + 1);
}
[[noreturn]] EXPORT void __cxa_rethrow()
{
	__cxa_eh_globals *g = __cxa_get_globals();
	__cxa_exception *e = g->caught;
	if (!e)
		std::terminate();
	if (ours(&e->unwind)) {
		e->handlers = -e->handlers;
		g->uncaught++;
	} else {
		g->caught = nullptr;
	}
	_Unwind_RaiseException(&e->unwind);
	__cxa_begin_catch(&e->unwind);
	std::terminate();
}
EXPORT std::type_info *__cxa_current_exception_type()
{
	__cxa_exception *e = __cxa_get_globals()->caught;
	return e && ours(&e->unwind) ? e->type : nullptr;
}

EXPORT void __cxa_increment_exception_refcount(void *p) noexcept
{
	if (p)
		__atomic_add_fetch(&header_of(p)->references, 1, __ATOMIC_ACQ_REL);
}
EXPORT void __cxa_decrement_exception_refcount(void *p) noexcept
{
	if (p && __atomic_sub_fetch(&header_of(p)->references, 1, __ATOMIC_ACQ_REL) == 0) {
		if (header_of(p)->destructor)
			header_of(p)->destructor(p);
		__cxa_free_exception(p);
	}
}
EXPORT void *__cxa_current_primary_exception() noexcept
{
	__cxa_exception *e = __cxa_get_globals()->caught;
	if (!e || !ours(&e->unwind))
		return nullptr;
	void *p = thrown_of(e);
	__cxa_increment_exception_refcount(p);
	return p;
}
EXPORT void __cxa_rethrow_primary_exception(void *p)
{
	if (!p)
		return;
	__cxa_exception *of = header_of(p), *e = static_cast<__cxa_exception *>(calloc(1, sizeof *e));
	if (!e)
		std::terminate();
	__cxa_increment_exception_refcount(p);
	e->primary = of;
	e->type = of->type;
	e->on_terminate = std::get_terminate();
	e->unwind.exception_class = DEPENDENT;
	e->unwind.exception_cleanup = clean_up;
	raise(e);
}
[[noreturn]] EXPORT void __cxa_call_unexpected(void *u)
{
	__cxa_begin_catch(u);
	std::get_unexpected()();
	std::terminate();
}
}
}

namespace std {
[[noreturn]] EXPORT void terminate() noexcept
{
	using namespace __cxxabiv1;
	__cxa_exception *e = __cxa_get_globals()->caught;
	terminate_handler f = e && ours(&e->unwind) && e->on_terminate ? e->on_terminate : get_terminate();
	if (f == static_cast<terminate_handler>(abort)) {
		static const char head[] = "libc++abi: terminating", by[] = " due to uncaught exception of type ", end[] = "\n";
		write(2, head, sizeof head - 1);
		if (e && ours(&e->unwind) && e->type) {
			write(2, by, sizeof by - 1);
			write(2, e->type->type_name, strlen(e->type->type_name));
		}
		write(2, end, 1);
	}
	f();
	abort();
}
EXPORT bool uncaught_exception() noexcept { return __cxxabiv1::__cxa_uncaught_exceptions() != 0; }
EXPORT int uncaught_exceptions() noexcept { return __cxxabiv1::__cxa_uncaught_exceptions(); }

class EXPORT exception_ptr;
[[noreturn]] EXPORT void rethrow_exception(exception_ptr);
class EXPORT exception_ptr {
	void *p = nullptr;
public:
	exception_ptr() noexcept {}
	static exception_ptr __from_native_exception_pointer(void *) noexcept;
	exception_ptr(const exception_ptr &) noexcept;
	exception_ptr &operator=(const exception_ptr &) noexcept;
	~exception_ptr() noexcept;
	friend exception_ptr current_exception() noexcept;
	friend void rethrow_exception(exception_ptr);
};
exception_ptr::exception_ptr(const exception_ptr &o) noexcept : p(o.p) { __cxxabiv1::__cxa_increment_exception_refcount(p); }
exception_ptr &exception_ptr::operator=(const exception_ptr &o) noexcept
{
	if (p != o.p) {
		__cxxabiv1::__cxa_increment_exception_refcount(o.p);
		__cxxabiv1::__cxa_decrement_exception_refcount(p);
		p = o.p;
	}
	return *this;
}
exception_ptr::~exception_ptr() noexcept { __cxxabiv1::__cxa_decrement_exception_refcount(p); }
/* What make_exception_ptr has made without throwing it. */
exception_ptr exception_ptr::__from_native_exception_pointer(void *made) noexcept
{
	exception_ptr e;
	e.p = made;
	__cxxabiv1::__cxa_increment_exception_refcount(made);
	return e;
}
EXPORT exception_ptr current_exception() noexcept
{
	exception_ptr e;
	e.p = __cxxabiv1::__cxa_current_primary_exception();
	return e;
}
[[noreturn]] EXPORT void rethrow_exception(exception_ptr e)
{
	__cxxabiv1::__cxa_rethrow_primary_exception(e.p);
	terminate();
}
class EXPORT nested_exception {
	exception_ptr p;
public:
	nested_exception() noexcept;
	virtual ~nested_exception() noexcept;
	[[noreturn]] void rethrow_nested() const;
};
nested_exception::nested_exception() noexcept : p(current_exception()) {}
nested_exception::~nested_exception() noexcept {}
void nested_exception::rethrow_nested() const { rethrow_exception(p); }
}
