/* new and delete, statics of functions, the standard exceptions, odds and ends. */
#include "abi.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

namespace std {
EXPORT extern const nothrow_t nothrow{};

/* The exceptions of the language, and of <stdexcept>. */
exception::~exception() noexcept {}
const char *exception::what() const noexcept { return "std::exception"; }

#define PLAIN(name, parent) \
	class EXPORT name : public parent { \
	public: \
		name() noexcept; \
		virtual ~name() noexcept; \
		virtual const char *what() const noexcept; \
	}; \
	name::name() noexcept {} \
	name::~name() noexcept {} \
	const char *name::what() const noexcept { return "std::" #name; }
class EXPORT bad_exception : public exception {
public:
	virtual ~bad_exception() noexcept;
	virtual const char *what() const noexcept;
};
bad_exception::~bad_exception() noexcept {}
const char *bad_exception::what() const noexcept { return "std::bad_exception"; }
PLAIN(bad_alloc, exception)
PLAIN(bad_array_new_length, bad_alloc)
PLAIN(bad_cast, exception)
PLAIN(bad_typeid, exception)

/* A text that copies share. */
struct text { int references; char s[1]; };
static const char *text_new(const char *s)
{
	size_t n = strlen(s);
	text *t = static_cast<text *>(malloc(sizeof *t + n));
	if (!t)
		throw bad_alloc();
	t->references = 1;
	memcpy(t->s, s, n + 1);
	return t->s;
}
static text *text_of(const char *s)
{
	return reinterpret_cast<text *>(const_cast<char *>(s) - offsetof(text, s));
}
static const char *text_copy(const char *s)
{
	__atomic_add_fetch(&text_of(s)->references, 1, __ATOMIC_RELAXED);
	return s;
}
static void text_drop(const char *s)
{
	if (__atomic_sub_fetch(&text_of(s)->references, 1, __ATOMIC_ACQ_REL) == 0)
		free(text_of(s));
}

#define TEXT(name) \
	class EXPORT name : public exception { \
		const char *s; \
	public: \
		explicit name(const char *t); \
		name(const name &o) noexcept; \
		name &operator=(const name &o) noexcept; \
		virtual ~name() noexcept; \
		virtual const char *what() const noexcept; \
	}; \
	name::name(const char *t) : s(text_new(t)) {} \
	name::name(const name &o) noexcept : exception(o), s(text_copy(o.s)) {} \
	name &name::operator=(const name &o) noexcept { const char *old = s; s = text_copy(o.s); text_drop(old); return *this; } \
	name::~name() noexcept { text_drop(s); } \
	const char *name::what() const noexcept { return s; }
TEXT(logic_error)
TEXT(runtime_error)
#define KIND(name, parent) \
	class EXPORT name : public parent { \
	public: \
		explicit name(const char *t) : parent(t) {} \
		virtual ~name() noexcept; \
	}; \
	name::~name() noexcept {}
KIND(domain_error, logic_error)
KIND(invalid_argument, logic_error)
KIND(length_error, logic_error)
KIND(out_of_range, logic_error)
KIND(range_error, runtime_error)
KIND(overflow_error, runtime_error)
KIND(underflow_error, runtime_error)

static new_handler on_new;
EXPORT new_handler set_new_handler(new_handler f) noexcept { return __atomic_exchange_n(&on_new, f, __ATOMIC_ACQ_REL); }
EXPORT new_handler get_new_handler() noexcept { return __atomic_load_n(&on_new, __ATOMIC_ACQUIRE); }
}

static void *try_new(size_t n, size_t align)
{
	if (n == 0)
		n = 1;
	for (;;) {
		void *p = nullptr;
		if (align <= 16)
			p = malloc(n);
		else
			posix_memalign(&p, align, n);
		if (p)
			return p;
		std::new_handler f = std::get_new_handler();
		if (!f)
			return nullptr;
		f();
	}
}
static void *must_new(size_t n, size_t align)
{
	void *p = try_new(n, align);
	if (!p)
		throw std::bad_alloc();
	return p;
}
static void *may_new(size_t n, size_t align) noexcept
{
	try {
		return try_new(n, align);
	} catch (...) {
		return nullptr;
	}
}
using std::align_val_t;
using std::nothrow_t;
#define WEAK __attribute__((weak)) EXPORT
WEAK void *operator new(size_t n) { return must_new(n, 0); }
WEAK void *operator new[](size_t n) { return ::operator new(n); }
WEAK void *operator new(size_t n, const nothrow_t &) noexcept { return may_new(n, 0); }
WEAK void *operator new[](size_t n, const nothrow_t &t) noexcept { return ::operator new(n, t); }
WEAK void *operator new(size_t n, align_val_t a) { return must_new(n, size_t(a)); }
WEAK void *operator new[](size_t n, align_val_t a) { return ::operator new(n, a); }
WEAK void *operator new(size_t n, align_val_t a, const nothrow_t &) noexcept { return may_new(n, size_t(a)); }
WEAK void *operator new[](size_t n, align_val_t a, const nothrow_t &t) noexcept { return ::operator new(n, a, t); }
WEAK void operator delete(void *p) noexcept { free(p); }
WEAK void operator delete[](void *p) noexcept { ::operator delete(p); }
WEAK void operator delete(void *p, size_t) noexcept { ::operator delete(p); }
WEAK void operator delete[](void *p, size_t) noexcept { ::operator delete[](p); }
WEAK void operator delete(void *p, const nothrow_t &) noexcept { ::operator delete(p); }
WEAK void operator delete[](void *p, const nothrow_t &) noexcept { ::operator delete[](p); }
WEAK void operator delete(void *p, align_val_t) noexcept { free(p); }
WEAK void operator delete[](void *p, align_val_t a) noexcept { ::operator delete(p, a); }
WEAK void operator delete(void *p, size_t, align_val_t a) noexcept { ::operator delete(p, a); }
WEAK void operator delete[](void *p, size_t, align_val_t a) noexcept { ::operator delete[](p, a); }
WEAK void operator delete(void *p, align_val_t a, const nothrow_t &) noexcept { ::operator delete(p, a); }
WEAK void operator delete[](void *p, align_val_t a, const nothrow_t &) noexcept { ::operator delete[](p, a); }

namespace __cxxabiv1 {
[[noreturn]] static void stop(const char *why)
{
	write(2, why, strlen(why));
	abort();
}
extern "C" {
[[noreturn]] EXPORT void __cxa_pure_virtual() { stop("libc++abi: Pure virtual function called!\n"); }
[[noreturn]] EXPORT void __cxa_deleted_virtual() { stop("libc++abi: Deleted virtual function called!\n"); }
[[noreturn]] EXPORT void __cxa_bad_cast() { throw std::bad_cast(); }
[[noreturn]] EXPORT void __cxa_bad_typeid() { throw std::bad_typeid(); }
[[noreturn]] EXPORT void __cxa_throw_bad_array_new_length() { throw std::bad_array_new_length(); }

/*
 * A static of a function: byte 0 of its guard says that it is made, byte 1 that
 * somebody makes it. Waiting is on one condition for all.
 */
static pthread_mutex_t guard_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t guard_done = PTHREAD_COND_INITIALIZER;
EXPORT int __cxa_guard_acquire(uint8_t *g)
{
	if (__atomic_load_n(g, __ATOMIC_ACQUIRE))
		return 0;
	pthread_mutex_lock(&guard_lock);
	while (g[1])
		pthread_cond_wait(&guard_done, &guard_lock);
	bool make = !g[0];
	g[1] = make;
	pthread_mutex_unlock(&guard_lock);
	return make;
}
static void guard_end(uint8_t *g, uint8_t made)
{
	pthread_mutex_lock(&guard_lock);
	__atomic_store_n(g, made, __ATOMIC_RELEASE);
	g[1] = 0;
	pthread_cond_broadcast(&guard_done);
	pthread_mutex_unlock(&guard_lock);
}
EXPORT void __cxa_guard_release(uint8_t *g) { guard_end(g, 1); }
EXPORT void __cxa_guard_abort(uint8_t *g) { guard_end(g, 0); }

void _tlv_atexit(void (*)(void *), void *);
EXPORT int __cxa_thread_atexit(void (*f)(void *), void *arg, void *) noexcept
{
	_tlv_atexit(f, arg);
	return 0;
}

/* Names are not demangled: -2, as for what is no mangled name. */
EXPORT char *__cxa_demangle(const char *, char *, size_t *, int *status)
{
	if (status)
		*status = -2;
	return nullptr;
}
}
}
