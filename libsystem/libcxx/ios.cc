/* Streams and locales. There is one locale, C's, whatever it is called. */
#include <fstream>
#include <ios>
#include <istream>
#include <locale>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_LIBCPP_BEGIN_NAMESPACE_STD

/* A locale is a list of facets by their number. */
class _LIBCPP_HIDDEN locale::__imp : public facet {
public:
	vector<facet *> facets;
	string name;
	explicit __imp(size_t refs = 0) : facet(refs), name("C") {}
	__imp(const __imp &o) : facet(0), facets(o.facets), name("*")
	{
		for (facet *f : facets)
			if (f)
				f->__add_shared();
	}
	~__imp() override
	{
		for (facet *f : facets)
			if (f)
				f->__release_shared();
	}
	void set(facet *f, size_t i)
	{
		f->__add_shared();
		if (i >= facets.size())
			facets.resize(i + 1);
		if (facets[i])
			facets[i]->__release_shared();
		facets[i] = f;
	}
	facet *get(size_t i) const { return i < facets.size() ? facets[i] : nullptr; }

	template <class T> void take(const __imp &o)
	{
		if (facet *f = o.get(T::id.__get()))
			set(f, T::id.__get());
	}
	/* The facets of a category, as far as there are any. */
	void take(const __imp &o, category c)
	{
		if (c & locale::collate)
			take<std::collate<char>>(o);
		if (c & locale::ctype) {
			take<std::ctype<char>>(o);
			take<codecvt<char, char, mbstate_t>>(o);
		}
		if (c & locale::numeric) {
			take<numpunct<char>>(o);
			take<num_get<char>>(o);
			take<num_put<char>>(o);
		}
	}
	template <class T> void add(T *f) { set(f, T::id.__get()); }
	static __imp &classic()
	{
		alignas(__imp) static char room[sizeof(__imp)];
		static __imp *p = [] {
			__imp *i = new (room) __imp(1);
			i->add(new std::collate<char>(1));
			i->add(new std::ctype<char>(nullptr, false, 1));
			i->add(new codecvt<char, char, mbstate_t>(1));
			i->add(new numpunct<char>(1));
			i->add(new num_get<char>(1));
			i->add(new num_put<char>(1));
			return i;
		}();
		return *p;
	}
};

locale::facet::~facet() {}
void locale::facet::__on_zero_shared() _NOEXCEPT { delete this; }
int32_t locale::id::__next_id = 0;
long locale::id::__get()
{
	call_once(__flag_, [this] { __id_ = __atomic_add_fetch(&__next_id, 1, __ATOMIC_RELAXED); });
	return __id_ - 1;
}
const locale &locale::classic()
{
	alignas(locale) static char room[sizeof(locale)];
	static locale *l = new (room) locale(__private_constructor_tag(), &__imp::classic());
	return *l;
}
locale &locale::__global()
{
	alignas(locale) static char room[sizeof(locale)];
	static locale *l = new (room) locale(locale::classic());
	return *l;
}
static mutex global_lock;
locale::locale() _NOEXCEPT
{
	lock_guard<mutex> g(global_lock);
	__locale_ = __global().__locale_;
	__locale_->__add_shared();
}
locale::locale(const locale &o) _NOEXCEPT : __locale_(o.__locale_) { __locale_->__add_shared(); }
locale::~locale() { __locale_->__release_shared(); }
const locale &locale::operator=(const locale &o) _NOEXCEPT
{
	o.__locale_->__add_shared();
	__locale_->__release_shared();
	__locale_ = o.__locale_;
	return *this;
}
locale::locale(const char *name) : __locale_(nullptr)
{
	locale_t l = name ? newlocale(LC_ALL_MASK, name, nullptr) : nullptr;
	if (!l)
		__throw_runtime_error("locale: there is no such locale");
	freelocale(l);
	__locale_ = new __imp(__imp::classic());
	__locale_->name = name;
}
locale::locale(const string &name) : locale(name.c_str()) {}
locale::locale(const locale &o, const char *name, category c) : locale(o, locale(name), c) {}
locale::locale(const locale &o, const string &name, category c) : locale(o, name.c_str(), c) {}
locale::locale(const locale &o, const locale &other, category c) : __locale_(new __imp(*o.__locale_))
{
	__locale_->take(*other.__locale_, c);
	if (o.__locale_->name == other.__locale_->name)
		__locale_->name = o.__locale_->name;
}
void locale::__install_ctor(const locale &o, facet *f, long id)
{
	if (!f) {
		__locale_ = o.__locale_;
		__locale_->__add_shared();
		return;
	}
	__locale_ = new __imp(*o.__locale_);
	__locale_->set(f, id);
}
locale locale::global(const locale &l)
{
	lock_guard<mutex> g(global_lock);
	locale old = __global();
	__global() = l;
	if (l.name() != "*")
		setlocale(LC_ALL, l.name().c_str());
	return old;
}
string locale::name() const { return __locale_->name; }
bool locale::operator==(const locale &o) const
{
	return __locale_ == o.__locale_ || (__locale_->name != "*" && __locale_->name == o.__locale_->name);
}
bool locale::has_facet(id &x) const { return __locale_->get(x.__get()) != nullptr; }
const locale::facet *locale::use_facet(id &x) const
{
	facet *f = __locale_->get(x.__get());
	if (!f)
		throw bad_cast();
	return f;
}
locale_t __cloc() { return LC_C_LOCALE; }

/* Kinds of characters: the table of <ctype.h>. */
extern "C" const struct { char head[60]; uint32_t types[256]; } _DefaultRuneLocale;
locale::id ctype<char>::id;
const ctype<char>::mask *ctype<char>::classic_table() _NOEXCEPT { return _DefaultRuneLocale.types; }
ctype<char>::ctype(const mask *t, bool del, size_t refs) : locale::facet(refs), __tab_(t), __del_(del)
{
	if (!__tab_)
		__tab_ = classic_table();
}
ctype<char>::~ctype()
{
	if (__del_)
		delete[] __tab_;
}
static char up(char c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
static char down(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
char ctype<char>::do_toupper(char c) const { return up(c); }
char ctype<char>::do_tolower(char c) const { return down(c); }
const char *ctype<char>::do_toupper(char *a, const char *b) const
{
	for (; a != b; a++)
		*a = up(*a);
	return b;
}
const char *ctype<char>::do_tolower(char *a, const char *b) const
{
	for (; a != b; a++)
		*a = down(*a);
	return b;
}
char ctype<char>::do_widen(char c) const { return c; }
const char *ctype<char>::do_widen(const char *a, const char *b, char *to) const
{
	for (; a != b; a++)
		*to++ = *a;
	return b;
}
char ctype<char>::do_narrow(char c, char other) const { return (unsigned char)c < 128 ? c : other; }
const char *ctype<char>::do_narrow(const char *a, const char *b, char other, char *to) const
{
	for (; a != b; a++)
		*to++ = do_narrow(*a, other);
	return b;
}

locale::id codecvt<char, char, mbstate_t>::id;
codecvt<char, char, mbstate_t>::~codecvt() {}
codecvt<char, char, mbstate_t>::result codecvt<char, char, mbstate_t>::do_out(state_type &, const char *a, const char *,
	const char *&a2, char *b, char *, char *&b2) const
{
	a2 = a;
	b2 = b;
	return noconv;
}
codecvt<char, char, mbstate_t>::result codecvt<char, char, mbstate_t>::do_in(state_type &, const char *a, const char *,
	const char *&a2, char *b, char *, char *&b2) const
{
	a2 = a;
	b2 = b;
	return noconv;
}
codecvt<char, char, mbstate_t>::result codecvt<char, char, mbstate_t>::do_unshift(state_type &, char *b, char *, char *&b2) const
{
	b2 = b;
	return noconv;
}
int codecvt<char, char, mbstate_t>::do_encoding() const _NOEXCEPT { return 1; }
bool codecvt<char, char, mbstate_t>::do_always_noconv() const _NOEXCEPT { return true; }
int codecvt<char, char, mbstate_t>::do_length(state_type &, const char *a, const char *b, size_t most) const { return min<size_t>(b - a, most); }
int codecvt<char, char, mbstate_t>::do_max_length() const _NOEXCEPT { return 1; }

locale::id numpunct<char>::id;
numpunct<char>::numpunct(size_t refs) : locale::facet(refs), __decimal_point_('.'), __thousands_sep_(',') {}
numpunct<char>::~numpunct() {}
char numpunct<char>::do_decimal_point() const { return __decimal_point_; }
char numpunct<char>::do_thousands_sep() const { return __thousands_sep_; }
string numpunct<char>::do_grouping() const { return __grouping_; }
string numpunct<char>::do_truename() const { return "true"; }
string numpunct<char>::do_falsename() const { return "false"; }

/* Numbers: printf's format for a stream's flags, and what scans may contain. */
void __num_put_base::__format_int(char *p, const char *len, bool sign, ios_base::fmtflags f)
{
	if (f & ios_base::showpos && (f & ios_base::basefield) != ios_base::oct && (f & ios_base::basefield) != ios_base::hex && sign)
		*p++ = '+';
	if (f & ios_base::showbase)
		*p++ = '#';
	while (*len)
		*p++ = *len++;
	if ((f & ios_base::basefield) == ios_base::oct)
		*p = 'o';
	else if ((f & ios_base::basefield) == ios_base::hex)
		*p = f & ios_base::uppercase ? 'X' : 'x';
	else
		*p = sign ? 'd' : 'u';
}
bool __num_put_base::__format_float(char *p, const char *len, ios_base::fmtflags f)
{
	bool precision = true, upper = f & ios_base::uppercase;
	if (f & ios_base::showpos)
		*p++ = '+';
	if (f & ios_base::showpoint)
		*p++ = '#';
	ios_base::fmtflags field = f & ios_base::floatfield;
	if (field == (ios_base::fixed | ios_base::scientific))
		precision = false;
	else {
		*p++ = '.';
		*p++ = '*';
	}
	while (*len)
		*p++ = *len++;
	char c = field == ios_base::fixed ? 'f' : field == ios_base::scientific ? 'e' : precision ? 'g' : 'a';
	*p = upper ? c - 32 : c;
	return precision;
}
char *__num_put_base::__identify_padding(char *b, char *e, const ios_base &s)
{
	switch (s.flags() & ios_base::adjustfield) {
	case ios_base::left:
		return e;
	case ios_base::internal:
		if (*b == '-' || *b == '+')
			return b + 1;
		if (e - b >= 2 && b[0] == '0' && (b[1] == 'x' || b[1] == 'X'))
			return b + 2;
	}
	return b;
}
const char __num_get_base::__src[33] = "0123456789abcdefABCDEFxX+-pPiInN";
int __num_get_base::__get_base(ios_base &s)
{
	switch (s.flags() & ios_base::basefield) {
	case ios_base::oct: return 8;
	case ios_base::hex: return 16;
	case 0: return 0;
	}
	return 10;
}
void __check_grouping(const string &grouping, unsigned *g, unsigned *end, ios_base::iostate &err)
{
	/* Each group but the first has the size that is asked for; the first may be smaller. */
	if (grouping.empty() || end - g <= 1)
		return;
	reverse(g, end);
	const char *ig = grouping.data(), *eg = ig + grouping.size();
	for (unsigned *r = g; r < end - 1; ++r) {
		if (0 < *ig && *ig < numeric_limits<char>::max() && unsigned(*ig) != *r) {
			err = ios_base::failbit;
			return;
		}
		if (eg - ig > 1)
			++ig;
	}
	if (0 < *ig && *ig < numeric_limits<char>::max() && (unsigned(*ig) < end[-1] || end[-1] == 0))
		err = ios_base::failbit;
}

/* The part of a stream that does not depend on its characters. */
const ios_base::fmtflags ios_base::boolalpha, ios_base::dec, ios_base::fixed, ios_base::hex, ios_base::internal, ios_base::left,
	ios_base::oct, ios_base::right, ios_base::scientific, ios_base::showbase, ios_base::showpoint, ios_base::showpos,
	ios_base::skipws, ios_base::unitbuf, ios_base::uppercase, ios_base::adjustfield, ios_base::basefield, ios_base::floatfield;
atomic<int> ios_base::__xindex_{0};

namespace {
struct stream_category : __do_message {
	const char *name() const _NOEXCEPT override { return "iostream"; }
	string message(int e) const override
	{
		return e == int(io_errc::stream) ? "unspecified iostream_category error" : __do_message::message(e);
	}
};
}
const error_category &iostream_category() _NOEXCEPT
{
	alignas(stream_category) static char room[sizeof(stream_category)];
	static stream_category *c = new (room) stream_category;
	return *c;
}
ios_base::failure::failure(const string &s, const error_code &e) : system_error(e, s) {}
ios_base::failure::failure(const char *s, const error_code &e) : system_error(e, s) {}
ios_base::failure::~failure() _NOEXCEPT {}

#define LOC reinterpret_cast<locale &>(__loc_)
void ios_base::init(void *sb)
{
	__rdbuf_ = sb;
	__rdstate_ = sb ? goodbit : badbit;
	__exceptions_ = goodbit;
	__fmtflags_ = skipws | dec;
	__width_ = 0;
	__precision_ = 6;
	__fn_ = nullptr;
	__index_ = nullptr;
	__event_size_ = __event_cap_ = 0;
	__iarray_ = nullptr;
	__iarray_size_ = __iarray_cap_ = 0;
	__parray_ = nullptr;
	__parray_size_ = __parray_cap_ = 0;
	::new (&__loc_) locale;
}
ios_base::~ios_base()
{
	if (!__loc_)
		return; /* init was never called */
	__call_callbacks(erase_event);
	LOC.~locale();
	free(__fn_);
	free(__index_);
	free(__iarray_);
	free(__parray_);
}
void ios_base::__call_callbacks(event e)
{
	for (size_t i = __event_size_; i-- > 0;)
		__fn_[i](e, *this, __index_[i]);
}
locale ios_base::imbue(const locale &l)
{
	locale old = LOC;
	LOC = l;
	__call_callbacks(imbue_event);
	return old;
}
locale ios_base::getloc() const { return reinterpret_cast<const locale &>(__loc_); }
void ios_base::clear(iostate s)
{
	__rdstate_ = __rdbuf_ ? s : s | badbit;
	if (__rdstate_ & __exceptions_)
		throw failure("ios_base::clear");
}
void ios_base::__set_badbit_and_consider_rethrow()
{
	__rdstate_ |= badbit;
	if (__exceptions_ & badbit)
		throw;
}
void ios_base::__set_failbit_and_consider_rethrow()
{
	__rdstate_ |= failbit;
	if (__exceptions_ & failbit)
		throw;
}
/* Room for one more of an array's things; false when there is no memory. */
template <class T> static bool grow(T *&p, size_t &cap, size_t want)
{
	if (want <= cap)
		return true;
	size_t n = max(want, 2 * cap);
	T *q = static_cast<T *>(realloc(p, n * sizeof(T)));
	if (!q)
		return false;
	memset(static_cast<void *>(q + cap), 0, (n - cap) * sizeof(T));
	p = q;
	cap = n;
	return true;
}
int ios_base::xalloc() { return __xindex_++; }
long &ios_base::iword(int i)
{
	static long none;
	if (i < 0 || !grow(__iarray_, __iarray_cap_, size_t(i) + 1)) {
		setstate(badbit);
		none = 0;
		return none;
	}
	__iarray_size_ = max(__iarray_size_, size_t(i) + 1);
	return __iarray_[i];
}
void *&ios_base::pword(int i)
{
	static void *none;
	if (i < 0 || !grow(__parray_, __parray_cap_, size_t(i) + 1)) {
		setstate(badbit);
		none = nullptr;
		return none;
	}
	__parray_size_ = max(__parray_size_, size_t(i) + 1);
	return __parray_[i];
}
void ios_base::register_callback(event_callback f, int i)
{
	size_t cap = __event_cap_;
	if (!grow(__fn_, cap, __event_size_ + 1) || !grow(__index_, __event_cap_, __event_size_ + 1)) {
		setstate(badbit);
		return;
	}
	__fn_[__event_size_] = f;
	__index_[__event_size_++] = i;
}
template <class T> static void copy_array(T *&to, size_t &n, size_t &cap, const T *from, size_t m)
{
	if (!grow(to, cap, m))
		throw bad_alloc();
	if (m)
		memcpy(static_cast<void *>(to), from, m * sizeof(T));
	n = m;
}
void ios_base::copyfmt(const ios_base &o)
{
	size_t cap = __event_cap_;
	copy_array(__fn_, __event_size_, cap, o.__fn_, o.__event_size_);
	copy_array(__index_, __event_size_, __event_cap_, o.__index_, o.__event_size_);
	copy_array(__iarray_, __iarray_size_, __iarray_cap_, o.__iarray_, o.__iarray_size_);
	copy_array(__parray_, __parray_size_, __parray_cap_, o.__parray_, o.__parray_size_);
	__fmtflags_ = o.__fmtflags_;
	__precision_ = o.__precision_;
	__width_ = o.__width_;
	LOC = reinterpret_cast<const locale &>(o.__loc_);
}
void ios_base::move(ios_base &o)
{
	/* *this has not been initialised. */
	memcpy(reinterpret_cast<char *>(this) + sizeof(void *), reinterpret_cast<char *>(&o) + sizeof(void *), sizeof *this - sizeof(void *));
	::new (&__loc_) locale(reinterpret_cast<locale &>(o.__loc_));
	__rdbuf_ = nullptr;
	o.__fn_ = nullptr;
	o.__index_ = nullptr;
	o.__event_size_ = o.__event_cap_ = 0;
	o.__iarray_ = nullptr;
	o.__iarray_size_ = o.__iarray_cap_ = 0;
	o.__parray_ = nullptr;
	o.__parray_size_ = o.__parray_cap_ = 0;
}
void ios_base::swap(ios_base &o) _NOEXCEPT
{
	void *mine = __rdbuf_, *other = o.__rdbuf_;
	char t[sizeof(ios_base)], *a = reinterpret_cast<char *>(this), *b = reinterpret_cast<char *>(&o);
	const size_t from = sizeof(void *), n = sizeof(ios_base) - from;
	memcpy(t, a + from, n);
	memcpy(a + from, b + from, n);
	memcpy(b + from, t, n);
	__rdbuf_ = mine;
	o.__rdbuf_ = other;
}
/* The standard streams are always in step with C's: only the flag changes. */
bool ios_base::sync_with_stdio(bool sync)
{
	static atomic<bool> flag{true};
	return flag.exchange(sync);
}

template class basic_ios<char>;
template class basic_streambuf<char>;
template class basic_istream<char>;
template class basic_ostream<char>;
template class basic_iostream<char>;
template class basic_stringbuf<char>;
template class basic_stringstream<char>;
template class basic_ostringstream<char>;
template class basic_istringstream<char>;
template class basic_ifstream<char>;
template class basic_ofstream<char>;
template class basic_filebuf<char>;
template class collate<char>;
template struct __num_get<char>;
template struct __num_put<char>;
template class num_get<char>;
template class num_put<char>;

/* The standard streams, over those of C, so that both can be used together. */
namespace {
struct c_stream : streambuf {
	FILE *f;
	explicit c_stream(FILE *f) : f(f) {}
	int_type overflow(int_type c) override
	{
		if (traits_type::eq_int_type(c, traits_type::eof()))
			return traits_type::not_eof(c);
		return putc(c, f) == EOF ? traits_type::eof() : c;
	}
	streamsize xsputn(const char *p, streamsize n) override { return fwrite(p, 1, n, f); }
	int sync() override { return fflush(f) == 0 ? 0 : -1; }
	int_type underflow() override
	{
		int c = getc(f);
		return c == EOF ? traits_type::eof() : ungetc(c, f);
	}
	int_type uflow() override { return last = getc(f); }
	int_type pbackfail(int_type c) override
	{
		if (traits_type::eq_int_type(c, traits_type::eof()))
			c = last;
		return c == EOF ? traits_type::eof() : ungetc(c, f);
	}
	int last = EOF;
};
}
#define STREAM(type, name, symbol) alignas(type) _LIBCPP_EXPORTED_FROM_ABI char name[sizeof(type)] __asm__("__ZNSt3__1" symbol "E");
STREAM(istream, cin_room, "3cin")
STREAM(ostream, cout_room, "4cout")
STREAM(ostream, cerr_room, "4cerr")
STREAM(ostream, clog_room, "4clog")
static ostream &out() { return *reinterpret_cast<ostream *>(cout_room); }

ios_base::Init::Init()
{
	static bool begun = [] {
		alignas(c_stream) static char rooms[3][sizeof(c_stream)];
		istream *in = ::new (cin_room) istream(::new (rooms[0]) c_stream(stdin));
		ostream *o = ::new (cout_room) ostream(::new (rooms[1]) c_stream(stdout));
		c_stream *e = ::new (rooms[2]) c_stream(stderr);
		ostream *err = ::new (cerr_room) ostream(e);
		::new (clog_room) ostream(e);
		in->tie(o);
		std::unitbuf(*err);
		err->tie(o);
		return true;
	}();
	(void)begun;
}
ios_base::Init::~Init() {}
static struct at_exit {
	ios_base::Init init;
	~at_exit() { out().flush(); }
} streams;
_LIBCPP_END_NAMESPACE_STD
