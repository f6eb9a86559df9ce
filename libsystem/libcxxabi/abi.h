/*
 * The C++ run time of the Itanium ABI, as programs for Darwin are linked to it.
 * No header of a C++ library is used: what it declares is declared here.
 */
#ifndef ABI_H
#define ABI_H
#include <stddef.h>
#include <stdint.h>
#include <unwind.h>

#define EXPORT __attribute__((visibility("default")))

namespace std {
class EXPORT type_info {
public:
	virtual ~type_info();
	const char *type_name;
	bool operator==(const type_info &o) const { return type_name == o.type_name; }
	bool operator!=(const type_info &o) const { return type_name != o.type_name; }
};
class EXPORT exception {
public:
	exception() noexcept {}
	virtual ~exception() noexcept;
	virtual const char *what() const noexcept;
};
typedef void (*terminate_handler)();
typedef void (*unexpected_handler)();
typedef void (*new_handler)();
enum class align_val_t : size_t {};
struct EXPORT nothrow_t { explicit nothrow_t() = default; };
EXPORT extern const nothrow_t nothrow;
[[noreturn]] EXPORT void terminate() noexcept;
EXPORT new_handler get_new_handler() noexcept;
}

namespace __cxxabiv1 {
/* A thrown object is behind one of these. */
struct __cxa_exception {
	size_t references;
	std::type_info *type;
	void (*destructor)(void *);
	std::terminate_handler on_terminate;
	__cxa_exception *next;      /* in the thread's stack of caught ones */
	int handlers;               /* negative while it is thrown again */
	/* What the search found, for the clean-up. */
	int switch_value;
	const uint8_t *lsda;
	uint64_t landing_pad;
	void *adjusted;
	__cxa_exception *primary;   /* of a dependent one: what rethrow_exception was given */
	_Unwind_Exception unwind;
};
struct __cxa_eh_globals { __cxa_exception *caught; unsigned uncaught; };

extern "C" {
EXPORT __cxa_eh_globals *__cxa_get_globals();
EXPORT void *__cxa_allocate_exception(size_t) noexcept;
EXPORT void __cxa_free_exception(void *) noexcept;
[[noreturn]] EXPORT void __cxa_throw(void *, std::type_info *, void (*)(void *));
EXPORT void *__cxa_begin_catch(void *) noexcept;
EXPORT void __cxa_end_catch();
EXPORT void *__cxa_current_primary_exception() noexcept;
EXPORT void __cxa_increment_exception_refcount(void *) noexcept;
EXPORT void __cxa_decrement_exception_refcount(void *) noexcept;
EXPORT void __cxa_rethrow_primary_exception(void *);
EXPORT unsigned __cxa_uncaught_exceptions() noexcept;
}

enum : uint64_t { CLASS = 0x434c4e47432b2b00, DEPENDENT = CLASS | 1 };
inline bool ours(const _Unwind_Exception *u) { return u->exception_class >> 8 == CLASS >> 8; }
inline __cxa_exception *header_of(_Unwind_Exception *u)
{
	return reinterpret_cast<__cxa_exception *>(reinterpret_cast<char *>(u + 1) - sizeof(__cxa_exception));
}
inline __cxa_exception *header_of(void *thrown) { return static_cast<__cxa_exception *>(thrown) - 1; }
inline void *thrown_of(__cxa_exception *e) { return e->primary ? e->primary + 1 : e + 1; }
static_assert(sizeof(__cxa_exception) % 16 == 0, "thrown objects are aligned");

class EXPORT __shim_type_info : public std::type_info {
public:
	virtual ~__shim_type_info();
	/* Whether a handler for this catches what; p becomes what the handler gets. */
	virtual bool catches(const __shim_type_info *what, void *&p) const = 0;
};
class EXPORT __fundamental_type_info : public __shim_type_info {
public:
	virtual ~__fundamental_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
class EXPORT __array_type_info : public __shim_type_info {
public:
	virtual ~__array_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
class EXPORT __function_type_info : public __shim_type_info {
public:
	virtual ~__function_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
class EXPORT __enum_type_info : public __shim_type_info {
public:
	virtual ~__enum_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
class EXPORT __class_type_info : public __shim_type_info {
public:
	virtual ~__class_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
class EXPORT __si_class_type_info : public __class_type_info {
public:
	const __class_type_info *base;
	virtual ~__si_class_type_info();
};
struct __base_class_type_info {
	const __class_type_info *type;
	long offset_flags;
	enum { VIRTUAL = 1, PUBLIC = 2 };
};
class EXPORT __vmi_class_type_info : public __class_type_info {
public:
	unsigned flags, count;
	__base_class_type_info bases[1];
	virtual ~__vmi_class_type_info();
};
class EXPORT __pbase_type_info : public __shim_type_info {
public:
	unsigned flags;
	const __shim_type_info *pointee;
	enum { CONST = 1, VOLATILE = 2, RESTRICT = 4, INCOMPLETE = 8, INCOMPLETE_CLASS = 16, NOEXCEPT = 64 };
	virtual ~__pbase_type_info();
};
class EXPORT __pointer_type_info : public __pbase_type_info {
public:
	virtual ~__pointer_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
class EXPORT __pointer_to_member_type_info : public __pbase_type_info {
public:
	const __class_type_info *context;
	virtual ~__pointer_to_member_type_info();
	virtual bool catches(const __shim_type_info *, void *&) const;
};
}
#endif
