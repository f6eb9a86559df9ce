// C++: locks that are shared or wait for so long, futures, waiting on atomics, barriers.
#include "check.h"
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <random>
#include <semaphore>
#include <set>
#include <shared_mutex>
#include <string>
#include <thread>
#include <vector>

using namespace std::chrono_literals;

template <class F> static void together(int n, F f)
{
	std::vector<std::thread> all;
	for (int i = 0; i < n; i++)
		all.emplace_back(f, i);
	for (auto &t : all)
		t.join();
}

static void shared()
{
	std::shared_mutex m;
	int value = 0;
	std::atomic<int> reads{ 0 };
	together(8, [&](int i) {
		for (int k = 0; k < 500; k++)
			if (i < 4) {
				std::unique_lock l(m);
				int was = value;
				value = -1;
				value = was + 1;
			} else {
				std::shared_lock l(m);
				CHECK(value >= 0);
				reads++;
			}
	});
	CHECK(value == 2000 && reads == 2000);
	m.lock_shared();
	std::thread([&] {
		CHECK(m.try_lock_shared());
		CHECK(!m.try_lock());
		m.unlock_shared();
	}).join();
	m.unlock_shared();
	m.lock();
	std::thread([&] { CHECK(!m.try_lock_shared() && !m.try_lock()); }).join();
	m.unlock();

	std::shared_timed_mutex t;
	t.lock_shared();
	std::thread([&] {
		CHECK(!t.try_lock_for(10ms));
		CHECK(t.try_lock_shared_for(10s));
		t.unlock_shared();
	}).join();
	/* A writer with a long limit gets in when the reader leaves. */
	std::atomic<bool> in{ false };
	std::thread w([&] {
		CHECK(t.try_lock_for(1h));
		in = true;
		t.unlock();
	});
	std::this_thread::sleep_for(20ms);
	CHECK(!in);
	t.unlock_shared();
	w.join();
	CHECK(in);
}

static void timed()
{
	std::timed_mutex m;
	m.lock();
	std::thread([&] { CHECK(!m.try_lock() && !m.try_lock_for(10ms)); }).join();
	std::thread w([&] {
		CHECK(m.try_lock_for(1h));
		m.unlock();
	});
	m.unlock();
	w.join();
	std::recursive_timed_mutex r;
	r.lock();
	CHECK(r.try_lock() && r.try_lock_for(1ms));
	std::thread([&] { CHECK(!r.try_lock_for(10ms)); }).join();
	r.unlock();
	r.unlock();
	std::thread([&] { CHECK(!r.try_lock()); }).join();
	r.unlock();
	std::thread([&] {
		CHECK(r.try_lock());
		r.unlock();
	}).join();
}

static std::future_errc code_of(std::function<void()> f)
{
	try {
		f();
	} catch (const std::future_error &e) {
		CHECK(e.code().category() == std::future_category() && std::string(e.code().category().name()) == "future");
		return static_cast<std::future_errc>(e.code().value());
	}
	return std::future_errc{};
}

static void futures()
{
	std::promise<int> p;
	auto f = p.get_future();
	CHECK(f.wait_for(0s) == std::future_status::timeout);
	std::thread t([&] { p.set_value(42); });
	CHECKEQ(f.get(), 42);
	t.join();
	CHECK(!f.valid());
	CHECK(code_of([&] { p.set_value(1); }) == std::future_errc::promise_already_satisfied);
	CHECK(code_of([&] { p.get_future(); }) == std::future_errc::future_already_retrieved);
	std::future<void> broken;
	{
		std::promise<void> q;
		broken = q.get_future();
	}
	CHECK(code_of([&] { broken.get(); }) == std::future_errc::broken_promise);
	std::promise<void> none, from = std::move(none);
	CHECK(code_of([&] { none.set_value(); }) == std::future_errc::no_state);

	auto here = std::this_thread::get_id();
	auto lazy = std::async(std::launch::deferred, [] { return std::this_thread::get_id(); });
	CHECK(lazy.wait_for(0s) == std::future_status::deferred);
	CHECK(lazy.get() == here);
	auto other = std::async(std::launch::async, [] { return std::this_thread::get_id(); });
	CHECK(other.get() != here);
	auto bad = std::async(std::launch::async, []() -> int { throw std::runtime_error("bad"); });
	try {
		bad.get();
		CHECK(false);
	} catch (const std::runtime_error &e) {
		CHECKSTR(e.what(), "bad");
	}
	std::promise<void> many;
	std::shared_future<void> all = many.get_future().share(), copy;
	copy = all;
	std::atomic<int> n{ 0 };
	std::thread first([=, &n] { all.get(); n++; }), second([=, &n] { copy.get(); n++; });
	many.set_value();
	first.join();
	second.join();
	CHECKEQ(n, 2);
	many = std::promise<void>();
	auto why = many.get_future();
	many.set_exception(std::make_exception_ptr(7));
	try {
		why.get();
		CHECK(false);
	} catch (int e) {
		CHECKEQ(e, 7);
	}
	std::packaged_task<int(int)> twice([](int v) { return 2 * v; });
	auto result = twice.get_future();
	twice(21);
	CHECKEQ(result.get(), 42);

	/* Ready when the thread has ended, destructors of its own included. */
	struct Slow {
		std::atomic<bool> *done;
		~Slow() { *done = true; }
	};
	std::atomic<bool> ended{ false };
	std::promise<int> late;
	auto when = late.get_future().share();
	std::thread end([&] {
		Slow s{ &ended };
		late.set_value_at_thread_exit(5);
		CHECK(when.wait_for(0s) == std::future_status::timeout);
	});
	CHECKEQ(when.get(), 5);
	CHECK(ended);
	end.join();
	std::mutex m;
	std::condition_variable c;
	bool said = false;
	std::thread tell([&] {
		std::unique_lock l(m);
		said = true;
		std::notify_all_at_thread_exit(c, std::move(l));
	});
	{
		std::unique_lock l(m);
		c.wait(l, [&] { return said; });
	}
	tell.join();
}

template <class T> static void ping_pong()
{
	std::atomic<T> turn{ 0 };
	std::thread t([&] {
		for (int i = 0; i < 200; i++) {
			while (turn.load() != 1)
				turn.wait(0);
			turn = 0;
			turn.notify_one();
		}
	});
	for (int i = 0; i < 200; i++) {
		turn = 1;
		turn.notify_all();
		turn.wait(1);
	}
	t.join();
	CHECK(turn == 0);
}

static void waits()
{
	ping_pong<char>();
	ping_pong<int>();
	ping_pong<long long>(); /* the type that needs no bed of its own */
	std::latch l(4);
	std::atomic<int> n{ 0 };
	together(4, [&](int) {
		n++;
		l.arrive_and_wait();
		CHECKEQ(n, 4);
	});
	CHECK(l.try_wait());
	std::counting_semaphore<8> s(2);
	std::atomic<int> inside{ 0 }, most{ 0 };
	together(6, [&](int) {
		for (int i = 0; i < 50; i++) {
			s.acquire();
			int k = ++inside;
			for (int was = most; was < k && !most.compare_exchange_weak(was, k);)
				;
			inside--;
			s.release();
		}
	});
	CHECK(most >= 1 && most <= 2);
	CHECK(s.try_acquire() && s.try_acquire() && !s.try_acquire() && !s.try_acquire_for(5ms));
	int phases = 0;
	auto done = [&]() noexcept { phases++; };
	std::barrier b(4, done);
	together(4, [&](int i) {
		for (int k = 0; k < 100; k++) {
			if (i == 3 && k == 50) {
				b.arrive_and_drop();
				return;
			}
			b.arrive_and_wait();
			CHECK(phases > k);
		}
	});
	CHECKEQ(phases, 100);
}

int main()
{
	shared();
	timed();
	futures();
	waits();
	std::random_device r;
	std::set<unsigned> seen;
	for (int i = 0; i < 64; i++)
		seen.insert(r());
	CHECK(seen.size() > 60);
	printf("cxx_sync ok\n");
	DONE();
}
