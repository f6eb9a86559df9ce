/* What types are at run time: the hierarchy of classes, catch and dynamic_cast. */
#include "abi.h"

std::type_info::~type_info() {}

namespace __cxxabiv1 {
__shim_type_info::~__shim_type_info() {}
/* With this one the compiler makes the type_info of int and all the others. */
__fundamental_type_info::~__fundamental_type_info() {}
__array_type_info::~__array_type_info() {}
__function_type_info::~__function_type_info() {}
__enum_type_info::~__enum_type_info() {}
__class_type_info::~__class_type_info() {}
__si_class_type_info::~__si_class_type_info() {}
__vmi_class_type_info::~__vmi_class_type_info() {}
__pbase_type_info::~__pbase_type_info() {}
__pointer_type_info::~__pointer_type_info() {}
__pointer_to_member_type_info::~__pointer_to_member_type_info() {}

/* The kind of a type_info is told by its table of virtual functions. */
static const void *table(const std::type_info *t) { return *reinterpret_cast<const void *const *>(t); }
#define TABLE(kind) __asm__("__ZTVN10__cxxabiv1" kind "E")
extern void *class_table[] TABLE("17__class_type_info"), *si_table[] TABLE("20__si_class_type_info"),
	*vmi_table[] TABLE("21__vmi_class_type_info"), *pointer_table[] TABLE("19__pointer_type_info"),
	*member_table[] TABLE("29__pointer_to_member_type_info"), *function_table[] TABLE("20__function_type_info");
static bool is_class(const std::type_info *t)
{
	return table(t) == class_table + 2 || table(t) == si_table + 2 || table(t) == vmi_table + 2;
}

/* Calls f(base, address, public) for each direct base; address 0 stays 0. */
template <class F> static void each_base(const __class_type_info *t, const char *p, F f)
{
	if (table(t) == si_table + 2) {
		f(static_cast<const __si_class_type_info *>(t)->base, p, true);
	} else if (table(t) == vmi_table + 2) {
		const __vmi_class_type_info *v = static_cast<const __vmi_class_type_info *>(t);
		for (unsigned i = 0; i < v->count; i++) {
			const __base_class_type_info &b = v->bases[i];
			long off = b.offset_flags >> 8;
			if (p && b.offset_flags & b.VIRTUAL)
				off = *reinterpret_cast<const long *>(*reinterpret_cast<const char *const *>(p) + off);
			f(b.type, p ? p + off : nullptr, (b.offset_flags & b.PUBLIC) != 0);
		}
	}
}

/* What is known of one type's subobjects of an object. */
struct found {
	const char *at = nullptr;
	bool any = false, reachable = false, ambiguous = false;
	void add(const char *p, bool pub)
	{
		if (any && at != p)
			ambiguous = true;
		if (!any || at == p)
			reachable |= pub;
		at = p;
		any = true;
	}
};

static void find_base(const __class_type_info *t, const char *p, bool pub, const __class_type_info *want, found &out)
{
	if (*t == *want) {
		out.add(p, pub);
		return;
	}
	each_base(t, p, [&](const __class_type_info *b, const char *q, bool is_public) {
		find_base(b, q, pub && is_public, want, out);
	});
}

/* Whether the subobject (want, at) is in (t, p) by a public way. */
static bool has_public(const __class_type_info *t, const char *p, const __class_type_info *want, const char *at)
{
	if (*t == *want && p == at)
		return true;
	bool yes = false;
	each_base(t, p, [&](const __class_type_info *b, const char *q, bool is_public) {
		yes = yes || (is_public && has_public(b, q, want, at));
	});
	return yes;
}

static void find_down(const __class_type_info *t, const char *p, const __class_type_info *dst,
	const __class_type_info *src, const char *at, found &out)
{
	if (*t == *dst) {
		if (has_public(t, p, src, at))
			out.add(p, true);
		return;
	}
	each_base(t, p, [&](const __class_type_info *b, const char *q, bool) { find_down(b, q, dst, src, at, out); });
}

extern "C" EXPORT void *__dynamic_cast(const void *p, const __class_type_info *src, const __class_type_info *dst, ptrdiff_t)
{
	/* Before the first virtual function: the type, and the way to the whole object. */
	const char *const *vt = *static_cast<const char *const *const *>(p);
	const char *whole = static_cast<const char *>(p) + reinterpret_cast<ptrdiff_t>(vt[-2]);
	const __class_type_info *type = reinterpret_cast<const __class_type_info *>(vt[-1]);
	const char *at = static_cast<const char *>(p);
	found down, across;
	find_down(type, whole, dst, src, at, down);
	if (down.any)
		return down.ambiguous ? nullptr : const_cast<char *>(down.at);
	if (!has_public(type, whole, src, at))
		return nullptr;
	find_base(type, whole, true, dst, across);
	return across.any && across.reachable && !across.ambiguous ? const_cast<char *>(across.at) : nullptr;
}

bool __fundamental_type_info::catches(const __shim_type_info *t, void *&) const { return *this == *t; }
bool __enum_type_info::catches(const __shim_type_info *t, void *&) const { return *this == *t; }
/* Arrays and functions are never thrown: they become pointers. */
bool __array_type_info::catches(const __shim_type_info *, void *&) const { return false; }
bool __function_type_info::catches(const __shim_type_info *, void *&) const { return false; }

bool __class_type_info::catches(const __shim_type_info *t, void *&p) const
{
	if (*this == *t)
		return true;
	if (!is_class(t))
		return false;
	found f;
	find_base(static_cast<const __class_type_info *>(t), static_cast<const char *>(p), true, this, f);
	if (!f.any || !f.reachable || f.ambiguous)
		return false;
	p = const_cast<char *>(f.at);
	return true;
}

static bool is_nullptr(const std::type_info *t) { return *t == typeid(decltype(nullptr)); }

/* p is the address of the pointer that was thrown, and becomes the pointer. */
bool __pointer_type_info::catches(const __shim_type_info *t, void *&p) const
{
	if (is_nullptr(t)) {
		p = nullptr;
		return true;
	}
	if (table(t) != pointer_table + 2)
		return false;
	void *value = p ? *static_cast<void **>(p) : nullptr;
	const __pointer_type_info *q = static_cast<const __pointer_type_info *>(t);
	if (*this == *t) {
		p = value;
		return true;
	}
	/* Qualifiers may be added, noexcept be taken away. */
	if (q->flags & ~flags & (CONST | VOLATILE | RESTRICT) || flags & ~q->flags & NOEXCEPT)
		return false;
	if (*pointee == *q->pointee) {
		p = value;
		return true;
	}
	if (*pointee == typeid(void)) {
		if (table(q->pointee) == function_table + 2)
			return false;
		p = value;
		return true;
	}
	if (is_class(pointee) && is_class(q->pointee)) {
		if (!value) {
			/* No object to look at; any public base will do. */
			found f;
			find_base(static_cast<const __class_type_info *>(q->pointee), nullptr, true,
				static_cast<const __class_type_info *>(pointee), f);
			if (!f.any || !f.reachable)
				return false;
			p = nullptr;
			return true;
		}
		if (!pointee->catches(q->pointee, value))
			return false;
		p = value;
		return true;
	}
	/* Pointers to pointers: more qualifiers below need const here. */
	if (table(pointee) == pointer_table + 2 && table(q->pointee) == pointer_table + 2 && flags & CONST) {
		const __pointer_type_info *a = static_cast<const __pointer_type_info *>(pointee);
		const __pointer_type_info *b = static_cast<const __pointer_type_info *>(q->pointee);
		for (;;) {
			if (b->flags & ~a->flags & (CONST | VOLATILE | RESTRICT))
				return false;
			if (*a->pointee == *b->pointee) {
				p = value;
				return true;
			}
			if (!(a->flags & CONST) || table(a->pointee) != pointer_table + 2 || table(b->pointee) != pointer_table + 2)
				return false;
			a = static_cast<const __pointer_type_info *>(a->pointee);
			b = static_cast<const __pointer_type_info *>(b->pointee);
		}
	}
	return false;
}

bool __pointer_to_member_type_info::catches(const __shim_type_info *t, void *&p) const
{
	static const struct { long at, adjust; } no_function = { 0, 0 };
	static const long no_data = -1;
	if (is_nullptr(t)) {
		bool function = table(pointee) == function_table + 2;
		p = const_cast<void *>(function ? static_cast<const void *>(&no_function) : &no_data);
		return true;
	}
	if (*this == *t)
		return true;
	if (table(t) != member_table + 2)
		return false;
	const __pointer_to_member_type_info *q = static_cast<const __pointer_to_member_type_info *>(t);
	if (q->flags & ~flags & (CONST | VOLATILE | RESTRICT) || flags & ~q->flags & NOEXCEPT)
		return false;
	return *pointee == *q->pointee && *context == *q->context;
}
}
