/*
 * libc++'s shared and timed locks, waiting on atomics (and with it latches and semaphores),
 * barriers, random devices. All of them sleep on pthread's locks and conditions.
 */
#include <atomic>
#include <barrier>
#include <condition_variable>
#include <limits>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <stdexcept>
#include <pthread.h>
#include <stdlib.h>

_LIBCPP_BEGIN_NAMESPACE_STD

/*
 * Readers are counted in the state's low bits; a writer that wants in sets the high one, which
 * keeps new readers and writers at the first gate, and waits at the second for those inside.
 */
__shared_mutex_base::__shared_mutex_base() : __state_(0) {}
void __shared_mutex_base::lock()
{
	unique_lock<mutex> l(__mut_);
	__gate1_.wait(l, [this] { return !(__state_ & __write_entered_); });
	__state_ |= __write_entered_;
	__gate2_.wait(l, [this] { return !(__state_ & __n_readers_); });
}
bool __shared_mutex_base::try_lock()
{
	unique_lock<mutex> l(__mut_);
	if (__state_)
		return false;
	__state_ = __write_entered_;
	return true;
}
void __shared_mutex_base::unlock()
{
	lock_guard<mutex> l(__mut_);
	__state_ = 0;
	__gate1_.notify_all();
}
void __shared_mutex_base::lock_shared()
{
	unique_lock<mutex> l(__mut_);
	__gate1_.wait(l, [this] { return __state_ < __n_readers_; });
	__state_++;
}
bool __shared_mutex_base::try_lock_shared()
{
	unique_lock<mutex> l(__mut_);
	if (__state_ >= __n_readers_)
		return false;
	__state_++;
	return true;
}
void __shared_mutex_base::unlock_shared()
{
	lock_guard<mutex> l(__mut_);
	unsigned left = --__state_ & __n_readers_;
	if (__state_ & __write_entered_) {
		if (left == 0)
			__gate2_.notify_one();
	} else if (left == 0 || left == __n_readers_ - 1) {
		__gate1_.notify_all(); /* writers with a time limit wait there */
	}
}
shared_timed_mutex::shared_timed_mutex() : __base_() {}
void shared_timed_mutex::lock() { __base_.lock(); }
bool shared_timed_mutex::try_lock() { return __base_.try_lock(); }
void shared_timed_mutex::unlock() { __base_.unlock(); }
void shared_timed_mutex::lock_shared() { __base_.lock_shared(); }
bool shared_timed_mutex::try_lock_shared() { return __base_.try_lock_shared(); }
void shared_timed_mutex::unlock_shared() { __base_.unlock_shared(); }

timed_mutex::timed_mutex() : __locked_(false) {}
timed_mutex::~timed_mutex() { lock_guard<mutex> l(__m_); }
void timed_mutex::lock()
{
	unique_lock<mutex> l(__m_);
	__cv_.wait(l, [this] { return !__locked_; });
	__locked_ = true;
}
bool timed_mutex::try_lock() _NOEXCEPT
{
	unique_lock<mutex> l(__m_, try_to_lock);
	if (!l.owns_lock() || __locked_)
		return false;
	return __locked_ = true;
}
void timed_mutex::unlock() _NOEXCEPT
{
	lock_guard<mutex> l(__m_);
	__locked_ = false;
	__cv_.notify_one();
}
recursive_timed_mutex::recursive_timed_mutex() : __count_(0), __id_{} {}
recursive_timed_mutex::~recursive_timed_mutex() { lock_guard<mutex> l(__m_); }
void recursive_timed_mutex::lock()
{
	__thread_id me = this_thread::get_id();
	unique_lock<mutex> l(__m_);
	if (__count_ && me == __id_) {
		if (__count_ == numeric_limits<size_t>::max())
			__throw_system_error(EAGAIN, "recursive_timed_mutex lock limit reached");
		__count_++;
		return;
	}
	__cv_.wait(l, [this] { return __count_ == 0; });
	__count_ = 1;
	__id_ = me;
}
bool recursive_timed_mutex::try_lock() _NOEXCEPT
{
	__thread_id me = this_thread::get_id();
	unique_lock<mutex> l(__m_, try_to_lock);
	if (!l.owns_lock() || (__count_ && (me != __id_ || __count_ == numeric_limits<size_t>::max())))
		return false;
	__count_++;
	__id_ = me;
	return true;
}
void recursive_timed_mutex::unlock() _NOEXCEPT
{
	unique_lock<mutex> l(__m_);
	if (--__count_ == 0) {
		__id_.__reset();
		__cv_.notify_one();
	}
}

/*
 * Waiting for an atomic to change. Addresses share 64 beds; each has a number that every
 * notification changes, which is what those wait for that have no number of their own.
 */
static struct bed { pthread_mutex_t lock; pthread_cond_t cond; __cxx_contention_t number; } beds[64];
static struct bed &bed_of(const volatile void *p)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, [] {
		for (auto &b : beds) {
			pthread_mutex_init(&b.lock, nullptr);
			pthread_cond_init(&b.cond, nullptr);
		}
	});
	uintptr_t a = reinterpret_cast<uintptr_t>(p);
	return beds[(a >> 3 ^ a >> 9) % 64];
}
static void wake(const volatile void *p)
{
	bed &b = bed_of(p);
	pthread_mutex_lock(&b.lock);
	__atomic_store_n(&b.number, b.number + 1, __ATOMIC_SEQ_CST);
	pthread_cond_broadcast(&b.cond); /* who else sleeps here looks and sleeps again */
	pthread_mutex_unlock(&b.lock);
}
static void sleep_while(bed &b, const volatile __cxx_contention_t *word, __cxx_contention_t old)
{
	pthread_mutex_lock(&b.lock);
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) == old)
		pthread_cond_wait(&b.cond, &b.lock);
	pthread_mutex_unlock(&b.lock);
}
static const volatile __cxx_contention_t *word_of(const volatile __cxx_atomic_contention_t *p)
{
	return reinterpret_cast<const volatile __cxx_contention_t *>(p);
}
void __cxx_atomic_notify_one(const volatile void *p) _NOEXCEPT { wake(p); }
void __cxx_atomic_notify_all(const volatile void *p) _NOEXCEPT { wake(p); }
void __cxx_atomic_notify_one(const volatile __cxx_atomic_contention_t *p) _NOEXCEPT { wake(p); }
void __cxx_atomic_notify_all(const volatile __cxx_atomic_contention_t *p) _NOEXCEPT { wake(p); }
__cxx_contention_t __libcpp_atomic_monitor(const volatile void *p) _NOEXCEPT { return __atomic_load_n(&bed_of(p).number, __ATOMIC_SEQ_CST); }
__cxx_contention_t __libcpp_atomic_monitor(const volatile __cxx_atomic_contention_t *p) _NOEXCEPT { return __atomic_load_n(word_of(p), __ATOMIC_SEQ_CST); }
void __libcpp_atomic_wait(const volatile void *p, __cxx_contention_t old) _NOEXCEPT { sleep_while(bed_of(p), &bed_of(p).number, old); }
void __libcpp_atomic_wait(const volatile __cxx_atomic_contention_t *p, __cxx_contention_t old) _NOEXCEPT { sleep_while(bed_of(p), word_of(p), old); }

/* A barrier's arrivals are counted in one place. The last of a phase begins the count anew. */
class __barrier_algorithm_base {
public:
	ptrdiff_t &expected;
	atomic<ptrdiff_t> arrived{ 0 };
	explicit __barrier_algorithm_base(ptrdiff_t &e) : expected(e) {}
};
__barrier_algorithm_base *__construct_barrier_algorithm_base(ptrdiff_t &expected) { return new __barrier_algorithm_base(expected); }
bool __arrive_barrier_algorithm_base(__barrier_algorithm_base *b, __barrier_phase_t) noexcept
{
	ptrdiff_t expected = b->expected;
	if (b->arrived.fetch_add(1, memory_order_acq_rel) + 1 != expected)
		return false;
	b->arrived.store(0, memory_order_relaxed);
	return true;
}
void __destroy_barrier_algorithm_base(__barrier_algorithm_base *b) noexcept { delete b; }

random_device::random_device(const string &) {}
random_device::~random_device() {}
unsigned random_device::operator()() { return arc4random(); }
double random_device::entropy() const _NOEXCEPT { return 32; }
_LIBCPP_END_NAMESPACE_STD
