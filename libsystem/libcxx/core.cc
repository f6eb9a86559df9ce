/*
 * libc++'s strings, threads, clocks and errors: what its headers declare and
 * leave to the library. The headers are those of the C++ library that the build
 * finds; only what is not in them is here.
 */
#include <algorithm>
#include <any>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <variant>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

_LIBCPP_BEGIN_NAMESPACE_STD

/* Strings. */
#define INSTANTIATE(...) template __VA_ARGS__;
_LIBCPP_STRING_V1_EXTERN_TEMPLATE_LIST(INSTANTIATE, char)
template string operator+ <char, char_traits<char>, allocator<char>>(char const *, string const &);

template <class T> static string formatted(const char *how, T v)
{
	char b[400];
	int n = snprintf(b, sizeof b, how, v);
	return string(b, n > 0 ? n : 0);
}
string to_string(int v) { return formatted("%d", v); }
string to_string(unsigned v) { return formatted("%u", v); }
string to_string(long v) { return formatted("%ld", v); }
string to_string(unsigned long v) { return formatted("%lu", v); }
string to_string(long long v) { return formatted("%lld", v); }
string to_string(unsigned long long v) { return formatted("%llu", v); }
string to_string(float v) { return formatted("%f", v); }
string to_string(double v) { return formatted("%f", v); }
string to_string(long double v)
{
	char *p = nullptr;
	int n = asprintf(&p, "%Lf", v);
	string s = n < 0 ? string() : string(p, n);
	free(p);
	return s;
}

template <class T, class F> static T parsed(const char *name, const string &s, size_t *used, F f)
{
	int saved = errno;
	char *end;
	errno = 0;
	T v = f(s.c_str(), &end);
	swap(saved, errno);
	if (saved == ERANGE)
		throw out_of_range((string(name) + ": out of range").c_str());
	if (end == s.c_str())
		throw invalid_argument((string(name) + ": no conversion").c_str());
	if (used)
		*used = end - s.c_str();
	return v;
}
#define INTEGER(name, type, fn) \
	type name(const string &s, size_t *used, int base) \
	{ \
		return parsed<type>(#name, s, used, [=](const char *p, char **e) { return fn(p, e, base); }); \
	}
INTEGER(stol, long, strtol)
INTEGER(stoul, unsigned long, strtoul)
INTEGER(stoll, long long, strtoll)
INTEGER(stoull, unsigned long long, strtoull)
int stoi(const string &s, size_t *used, int base)
{
	long v = parsed<long>("stoi", s, used, [=](const char *p, char **e) { return strtol(p, e, base); });
	if (v != int(v))
		throw out_of_range("stoi: out of range");
	return int(v);
}
float stof(const string &s, size_t *used) { return parsed<float>("stof", s, used, strtof); }
double stod(const string &s, size_t *used) { return parsed<double>("stod", s, used, strtod); }
long double stold(const string &s, size_t *used) { return parsed<long double>("stold", s, used, strtold); }

/* What older headers of libc++ call where these throw themselves. */
[[noreturn]] _LIBCPP_EXPORTED_FROM_ABI void string_length(const void *) __asm__("__ZNKSt3__121__basic_string_commonILb1EE20__throw_length_errorEv");
[[noreturn]] _LIBCPP_EXPORTED_FROM_ABI void string_range(const void *) __asm__("__ZNKSt3__121__basic_string_commonILb1EE20__throw_out_of_rangeEv");
[[noreturn]] _LIBCPP_EXPORTED_FROM_ABI void vector_length(const void *) __asm__("__ZNKSt3__120__vector_base_commonILb1EE20__throw_length_errorEv");
[[noreturn]] _LIBCPP_EXPORTED_FROM_ABI void vector_range(const void *) __asm__("__ZNKSt3__120__vector_base_commonILb1EE20__throw_out_of_rangeEv");
void string_length(const void *) { throw length_error("basic_string"); }
void string_range(const void *) { throw out_of_range("basic_string"); }
void vector_length(const void *) { throw length_error("vector"); }
void vector_range(const void *) { throw out_of_range("vector"); }
void __throw_runtime_error(const char *s) { throw runtime_error(s); }

void __libcpp_verbose_abort(char const *how, ...)
{
	va_list ap;
	va_start(ap, how);
	vfprintf(stderr, how, ap);
	va_end(ap);
	fflush(stderr);
	abort();
}

/* Sorts of plain numbers, which headers leave to the library; a comparison of our own keeps us from calling ourselves. */
#define SORT(type, letter) \
	_LIBCPP_EXPORTED_FROM_ABI void sort_##letter(type *a, type *b, void *) \
		__asm__("__ZNSt3__16__sortIRNS_6__lessI" #letter #letter "EEP" #letter "EEvT0_S5_T_"); \
	void sort_##letter(type *a, type *b, void *) { std::sort(a, b, [](type x, type y) { return x < y; }); }
SORT(char, c) SORT(wchar_t, w) SORT(signed char, a) SORT(unsigned char, h) SORT(short, s)
SORT(unsigned short, t) SORT(int, i) SORT(unsigned, j) SORT(long, l) SORT(unsigned long, m)
SORT(long long, x) SORT(unsigned long long, y) SORT(float, f) SORT(double, d) SORT(long double, e)

/* Hash tables have a prime number of buckets. */
size_t __next_prime(size_t n)
{
	if (n <= 2)
		return n < 2 ? n == 0 ? 0 : 2 : 2;
	for (n |= 1;; n += 2) {
		bool prime = true;
		for (size_t d = 3; d <= n / d && prime; d += 2)
			prime = n % d != 0;
		if (prime)
			return n;
	}
}

/* Shared pointers. */
bad_weak_ptr::~bad_weak_ptr() _NOEXCEPT {}
const char *bad_weak_ptr::what() const _NOEXCEPT { return "bad_weak_ptr"; }
__shared_count::~__shared_count() {}
__shared_weak_count::~__shared_weak_count() {}
void __shared_weak_count::__release_weak() _NOEXCEPT
{
	if (__atomic_load_n(&__shared_weak_owners_, __ATOMIC_ACQUIRE) == 0 ||
	    __atomic_add_fetch(&__shared_weak_owners_, -1, __ATOMIC_ACQ_REL) == -1)
		__on_zero_shared_weak();
}
__shared_weak_count *__shared_weak_count::lock() _NOEXCEPT
{
	long n = __atomic_load_n(&__shared_owners_, __ATOMIC_SEQ_CST);
	while (n != -1)
		if (__atomic_compare_exchange_n(&__shared_owners_, &n, n + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return this;
	return nullptr;
}
const void *__shared_weak_count::__get_deleter(const type_info &) const _NOEXCEPT { return nullptr; }
static __libcpp_mutex_t pointer_locks[16] = {
#define M _LIBCPP_MUTEX_INITIALIZER
	M, M, M, M, M, M, M, M, M, M, M, M, M, M, M, M };
constexpr __sp_mut::__sp_mut(void *p) _NOEXCEPT : __lx_(p) {}
void __sp_mut::lock() _NOEXCEPT { pthread_mutex_lock(static_cast<pthread_mutex_t *>(__lx_)); }
void __sp_mut::unlock() _NOEXCEPT { pthread_mutex_unlock(static_cast<pthread_mutex_t *>(__lx_)); }
__sp_mut &__get_sp_mut(const void *p)
{
	static __sp_mut all[16] = {
#define L(i) __sp_mut(&pointer_locks[i])
		L(0), L(1), L(2), L(3), L(4), L(5), L(6), L(7), L(8), L(9), L(10), L(11), L(12), L(13), L(14), L(15) };
	return all[reinterpret_cast<size_t>(p) >> 4 & 15];
}

/* Errors. */
error_category::~error_category() _NOEXCEPT {}
error_condition error_category::default_error_condition(int e) const _NOEXCEPT { return error_condition(e, *this); }
bool error_category::equivalent(int e, const error_condition &c) const _NOEXCEPT { return default_error_condition(e) == c; }
bool error_category::equivalent(const error_code &c, int e) const _NOEXCEPT { return *this == c.category() && c.value() == e; }
string __do_message::message(int e) const
{
	char b[256];
	strerror_r(e, b, sizeof b);
	return b;
}
namespace {
struct generic : __do_message {
	const char *name() const _NOEXCEPT override { return "generic"; }
};
struct systems : __do_message {
	const char *name() const _NOEXCEPT override { return "system"; }
	error_condition default_error_condition(int e) const _NOEXCEPT override
	{
		return e > ELAST ? error_condition(e, system_category()) : error_condition(e, generic_category());
	}
};
/* Kept when the program ends: others may still look at them. */
template <class T> struct lasting {
	alignas(T) char room[sizeof(T)];
	lasting() { new (room) T; }
	T &get() { return *reinterpret_cast<T *>(room); }
};
}
const error_category &generic_category() _NOEXCEPT
{
	static lasting<generic> c;
	return c.get();
}
const error_category &system_category() _NOEXCEPT
{
	static lasting<systems> c;
	return c.get();
}
string error_condition::message() const { return __cat_->message(__val_); }
string error_code::message() const { return __cat_->message(__val_); }
static string explained(const error_code &e, string what)
{
	if (e) {
		if (!what.empty())
			what += ": ";
		what += e.message();
	}
	return what;
}
system_error::system_error(error_code e, const string &s) : runtime_error(explained(e, s).c_str()), __ec_(e) {}
system_error::system_error(error_code e, const char *s) : runtime_error(explained(e, s).c_str()), __ec_(e) {}
system_error::system_error(error_code e) : runtime_error(explained(e, "").c_str()), __ec_(e) {}
system_error::system_error(int v, const error_category &c, const string &s) : system_error(error_code(v, c), s) {}
system_error::system_error(int v, const error_category &c, const char *s) : system_error(error_code(v, c), s) {}
system_error::system_error(int v, const error_category &c) : system_error(error_code(v, c)) {}
system_error::~system_error() _NOEXCEPT {}
void __throw_system_error(int e, const char *what) { throw system_error(error_code(e, system_category()), what); }

/* Locks and threads. */
static void check(int e, const char *what)
{
	if (e)
		__throw_system_error(e, what);
}
mutex::~mutex() _NOEXCEPT { pthread_mutex_destroy(&__m_); }
void mutex::lock() { check(pthread_mutex_lock(&__m_), "mutex lock failed"); }
bool mutex::try_lock() _NOEXCEPT { return pthread_mutex_trylock(&__m_) == 0; }
void mutex::unlock() _NOEXCEPT { pthread_mutex_unlock(&__m_); }
recursive_mutex::recursive_mutex() { check(__libcpp_recursive_mutex_init(&__m_), "recursive_mutex constructor failed"); }
recursive_mutex::~recursive_mutex() { pthread_mutex_destroy(&__m_); }
void recursive_mutex::lock() { check(pthread_mutex_lock(&__m_), "recursive_mutex lock failed"); }
void recursive_mutex::unlock() _NOEXCEPT { pthread_mutex_unlock(&__m_); }
bool recursive_mutex::try_lock() _NOEXCEPT { return pthread_mutex_trylock(&__m_) == 0; }
condition_variable::~condition_variable() { pthread_cond_destroy(&__cv_); }
void condition_variable::notify_one() _NOEXCEPT { pthread_cond_signal(&__cv_); }
void condition_variable::notify_all() _NOEXCEPT { pthread_cond_broadcast(&__cv_); }
void condition_variable::wait(unique_lock<mutex> &l) _NOEXCEPT { pthread_cond_wait(&__cv_, l.mutex()->native_handle()); }
void condition_variable::__do_timed_wait(unique_lock<mutex> &l, chrono::time_point<chrono::system_clock, chrono::nanoseconds> t) _NOEXCEPT
{
	long long ns = t.time_since_epoch().count();
	if (ns < 0)
		ns = 0;
	struct timespec ts = { time_t(ns / 1000000000), long(ns % 1000000000) };
	pthread_cond_timedwait(&__cv_, l.mutex()->native_handle(), &ts);
}

/* A flag is 0, 1 while somebody calls, and ~0 when it is done. */
static pthread_mutex_t once_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t once_done = PTHREAD_COND_INITIALIZER;
void __call_once(volatile once_flag::_State_type &flag, void *arg, void (*f)(void *))
{
	pthread_mutex_lock(&once_lock);
	while (flag == 1)
		pthread_cond_wait(&once_done, &once_lock);
	if (flag != 0) {
		pthread_mutex_unlock(&once_lock);
		return;
	}
	flag = 1;
	pthread_mutex_unlock(&once_lock);
	auto end = [&](once_flag::_State_type v) {
		pthread_mutex_lock(&once_lock);
		__atomic_store_n(&flag, v, __ATOMIC_RELEASE);
		pthread_cond_broadcast(&once_done);
		pthread_mutex_unlock(&once_lock);
	};
	try {
		f(arg);
	} catch (...) {
		end(0);
		throw;
	}
	end(~once_flag::_State_type(0));
}

thread::~thread()
{
	if (joinable())
		terminate();
}
void thread::join()
{
	int e = joinable() ? pthread_join(__t_, nullptr) : EINVAL;
	check(e, "thread::join failed");
	__t_ = nullptr;
}
void thread::detach()
{
	int e = joinable() ? pthread_detach(__t_) : EINVAL;
	check(e, "thread::detach failed");
	__t_ = nullptr;
}
unsigned thread::hardware_concurrency() _NOEXCEPT
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	return n < 0 ? 0 : n;
}
namespace this_thread {
void sleep_for(const chrono::nanoseconds &ns)
{
	long long n = ns.count();
	if (n <= 0)
		return;
	struct timespec ts = { time_t(n / 1000000000), long(n % 1000000000) };
	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}
}
/* What a thread does when it ends (future.cc). */
__thread_specific_ptr<__thread_struct> &__thread_local_data()
{
	alignas(__thread_specific_ptr<__thread_struct>) static char b[sizeof(__thread_specific_ptr<__thread_struct>)];
	static auto *p = new (b) __thread_specific_ptr<__thread_struct>();
	return *p;
}

/* Clocks. */
namespace chrono {
system_clock::time_point system_clock::now() _NOEXCEPT
{
	struct timespec t;
	clock_gettime(CLOCK_REALTIME, &t);
	return time_point(seconds(t.tv_sec) + duration_cast<duration>(nanoseconds(t.tv_nsec)));
}
time_t system_clock::to_time_t(const time_point &t) _NOEXCEPT { return duration_cast<seconds>(t.time_since_epoch()).count(); }
system_clock::time_point system_clock::from_time_t(time_t t) _NOEXCEPT { return system_clock::time_point(seconds(t)); }
steady_clock::time_point steady_clock::now() _NOEXCEPT
{
	return time_point(nanoseconds(clock_gettime_nsec_np(CLOCK_UPTIME_RAW)));
}
}
_LIBCPP_END_NAMESPACE_STD
namespace std {
logic_error::logic_error(const string &s) : logic_error(s.c_str()) {}
runtime_error::runtime_error(const string &s) : runtime_error(s.c_str()) {}
[[noreturn]] void __throw_bad_alloc() { throw bad_alloc(); }
}

/* What a value that is not there is answered with. */
namespace std {
bad_optional_access::~bad_optional_access() noexcept {}
const char *bad_optional_access::what() const noexcept { return "bad_optional_access"; }
const char *bad_variant_access::what() const noexcept { return "bad_variant_access"; }
const char *bad_any_cast::what() const noexcept { return "bad any cast"; }
}
_LIBCPP_BEGIN_NAMESPACE_STD
bad_function_call::~bad_function_call() noexcept {}
_LIBCPP_END_NAMESPACE_STD
