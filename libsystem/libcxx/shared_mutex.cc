/*
 * Shared mutexes, and random_device. A writer that wants in says so first, which keeps new readers out
 * (gate 1), and then waits for those who are in (gate 2).
 */
#include <random>
#include <shared_mutex>
#include <stdexcept>
#include <stdlib.h>

_LIBCPP_BEGIN_NAMESPACE_STD

__shared_mutex_base::__shared_mutex_base() : __state_(0) {}
void __shared_mutex_base::lock()
{
	unique_lock<mutex> l(__mut_);
	while (__state_ & __write_entered_)
		__gate1_.wait(l);
	__state_ |= __write_entered_;
	while (__state_ & __n_readers_)
		__gate2_.wait(l);
}
bool __shared_mutex_base::try_lock()
{
	unique_lock<mutex> l(__mut_);
	if (__state_ != 0)
		return false;
	__state_ = __write_entered_;
	return true;
}
void __shared_mutex_base::unlock()
{
	unique_lock<mutex> l(__mut_);
	__state_ = 0;
	__gate1_.notify_all();
}
void __shared_mutex_base::lock_shared()
{
	unique_lock<mutex> l(__mut_);
	while (__state_ & __write_entered_ || (__state_ & __n_readers_) == __n_readers_)
		__gate1_.wait(l);
	__state_++;
}
bool __shared_mutex_base::try_lock_shared()
{
	unique_lock<mutex> l(__mut_);
	if (__state_ & __write_entered_ || (__state_ & __n_readers_) == __n_readers_)
		return false;
	__state_++;
	return true;
}
void __shared_mutex_base::unlock_shared()
{
	unique_lock<mutex> l(__mut_);
	bool full = (__state_ & __n_readers_) == __n_readers_;
	__state_--;
	if (__state_ & __write_entered_) {
		if ((__state_ & __n_readers_) == 0)
			__gate2_.notify_one();
	} else if (full) {
		__gate1_.notify_one();
	}
}

/* Of every token, the machine's one source. */
random_device::random_device(const string &) { __padding_ = 0; }
random_device::~random_device() {}
unsigned random_device::operator()() { return arc4random(); }
double random_device::entropy() const noexcept { return 32; }

_LIBCPP_END_NAMESPACE_STD
