/* libc++'s futures: the state that a promise and a future share, and what is done when a thread ends. */
#include <condition_variable>
#include <future>
#include <vector>

_LIBCPP_BEGIN_NAMESPACE_STD

class _LIBCPP_HIDDEN future_errors : public error_category {
public:
	const char *name() const _NOEXCEPT override { return "future"; }
	string message(int e) const override
	{
		switch (static_cast<future_errc>(e)) {
		case future_errc::future_already_retrieved: return "The future has already been retrieved from the promise or packaged_task.";
		case future_errc::promise_already_satisfied: return "The state of the promise has already been set.";
		case future_errc::no_state: return "Operation not permitted on an object without an associated state.";
		case future_errc::broken_promise: return "The associated promise has been destructed prior to the associated state becoming ready.";
		}
		return "unspecified future_errc value";
	}
};
const error_category &future_category() _NOEXCEPT
{
	alignas(future_errors) static char room[sizeof(future_errors)];
	static const error_category *c = new (room) future_errors;
	return *c;
}
future_error::future_error(error_code e) : logic_error(e.message()), __ec_(e) {}
future_error::~future_error() _NOEXCEPT {}

/* It may be no thread of std::thread, such as the first. */
static __thread_struct *this_thread_struct()
{
	auto &mine = __thread_local_data();
	if (!mine.get())
		mine.set_pointer(new __thread_struct);
	return mine.get();
}
void __assoc_sub_state::__on_zero_shared() _NOEXCEPT { delete this; }
static void set_once(bool has)
{
	if (has)
		__throw_future_error(future_errc::promise_already_satisfied);
}
void __assoc_sub_state::__make_ready()
{
	lock_guard<mutex> l(__mut_);
	__state_ |= ready;
	__cv_.notify_all();
}
void __assoc_sub_state::set_value()
{
	lock_guard<mutex> l(__mut_);
	set_once(__has_value());
	__state_ |= __constructed | ready;
	__cv_.notify_all();
}
void __assoc_sub_state::set_value_at_thread_exit()
{
	lock_guard<mutex> l(__mut_);
	set_once(__has_value());
	__state_ |= __constructed;
	this_thread_struct()->__make_ready_at_thread_exit(this);
}
void __assoc_sub_state::set_exception(exception_ptr p)
{
	lock_guard<mutex> l(__mut_);
	set_once(__has_value());
	__exception_ = p;
	__state_ |= ready;
	__cv_.notify_all();
}
void __assoc_sub_state::set_exception_at_thread_exit(exception_ptr p)
{
	lock_guard<mutex> l(__mut_);
	set_once(__has_value());
	__exception_ = p;
	this_thread_struct()->__make_ready_at_thread_exit(this);
}
/* Who waits for what was deferred does it. */
void __assoc_sub_state::__sub_wait(unique_lock<mutex> &l)
{
	if (__is_ready())
		return;
	if (__state_ & deferred) {
		__state_ &= ~deferred;
		l.unlock();
		__execute();
		return;
	}
	__cv_.wait(l, [this] { return __is_ready(); });
}
void __assoc_sub_state::wait()
{
	unique_lock<mutex> l(__mut_);
	__sub_wait(l);
}
void __assoc_sub_state::copy()
{
	unique_lock<mutex> l(__mut_);
	__sub_wait(l);
	if (__exception_ != nullptr)
		rethrow_exception(__exception_);
}
void __assoc_sub_state::__execute() { __throw_future_error(future_errc::no_state); }

future<void>::future(__assoc_sub_state *s) : __state_(s) { __state_->__attach_future(); }
future<void>::~future()
{
	if (__state_)
		__state_->__release_shared();
}
void future<void>::get()
{
	__assoc_sub_state *s = __state_;
	__state_ = nullptr;
	unique_ptr<__shared_count, __release_shared_count> keep(s);
	s->copy();
}
promise<void>::promise() : __state_(new __assoc_sub_state) {}
promise<void>::~promise()
{
	if (!__state_)
		return;
	if (!__state_->__has_value() && __state_->use_count() > 1)
		__state_->set_exception(make_exception_ptr(future_error(make_error_code(future_errc::broken_promise))));
	__state_->__release_shared();
}
static __assoc_sub_state *there(__assoc_sub_state *s)
{
	if (!s)
		__throw_future_error(future_errc::no_state);
	return s;
}
future<void> promise<void>::get_future() { return future<void>(there(__state_)); }
void promise<void>::set_value() { there(__state_)->set_value(); }
void promise<void>::set_exception(exception_ptr p) { there(__state_)->set_exception(p); }
void promise<void>::set_value_at_thread_exit() { there(__state_)->set_value_at_thread_exit(); }
void promise<void>::set_exception_at_thread_exit(exception_ptr p) { there(__state_)->set_exception_at_thread_exit(p); }
shared_future<void>::~shared_future()
{
	if (__state_)
		__state_->__release_shared();
}
shared_future<void> &shared_future<void>::operator=(const shared_future &o)
{
	if (o.__state_)
		o.__state_->__add_shared();
	if (__state_)
		__state_->__release_shared();
	__state_ = o.__state_;
	return *this;
}

/* What a thread does when it ends. */
class _LIBCPP_HIDDEN __thread_struct_imp {
public:
	vector<__assoc_sub_state *> states;
	vector<pair<condition_variable *, mutex *>> notify;
};
__thread_struct::__thread_struct() : __p_(new __thread_struct_imp) {}
__thread_struct::~__thread_struct()
{
	for (auto &n : __p_->notify) {
		n.second->unlock();
		n.first->notify_all();
	}
	for (auto *s : __p_->states) {
		s->__make_ready();
		s->__release_shared();
	}
	delete __p_;
}
void __thread_struct::notify_all_at_thread_exit(condition_variable *c, mutex *m) { __p_->notify.push_back({ c, m }); }
void __thread_struct::__make_ready_at_thread_exit(__assoc_sub_state *s)
{
	__p_->states.push_back(s);
	s->__add_shared();
}
void notify_all_at_thread_exit(condition_variable &c, unique_lock<mutex> l)
{
	this_thread_struct()->notify_all_at_thread_exit(&c, l.release());
}
_LIBCPP_END_NAMESPACE_STD
