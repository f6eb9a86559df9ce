// C++ programs: exceptions, types at run time, and the library.
#include "check.h"
#include <random>
#include <regex>
#include <shared_mutex>
#include <algorithm>
#include <any>
#include <condition_variable>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <typeinfo>
#include <unordered_map>
#include <variant>
#include <vector>

#define SAME(a, b) CHECK(std::string(a) == (b))

static int alive;
struct Counted {
	Counted() { alive++; }
	Counted(const Counted &) { alive++; }
	~Counted() { alive--; }
};
struct A { int a = 1; virtual ~A() {} };
struct B { int b = 2; virtual ~B() {} };
struct AB : A, B { int c = 3; };
struct V : virtual A { int v = 4; };
struct W : virtual A { int w = 5; };
struct VW : V, W { Counted n; };
struct Hidden : private A {};

// Frames of all sorts between the throw and the catch: large, with saved registers,
// with a stack that is aligned, and with room that is found at run time.
__attribute__((noinline)) static int thrower(int depth, volatile int *sink)
{
	Counted here;
	char room[5000];
	room[depth % 5000] = depth;
	*sink += room[depth % 5000];
	if (depth == 0)
		throw VW();
	alignas(64) char aligned[64];
	aligned[0] = depth;
	*sink += aligned[0];
	char *more = static_cast<char *>(__builtin_alloca(depth * 16));
	more[0] = depth;
	*sink += more[0];
	return thrower(depth - 1, sink) + 1;
}
static int compare_throws(const void *, const void *) { throw 42; }

static void exceptions()
{
	volatile int sink = 0;
	for (int i = 0; i < 10; i++) {
		try {
			thrower(20, &sink);
			CHECK(false);
		} catch (B &) {
			CHECK(false);
		} catch (A &a) { // a virtual base, in the middle of the object
			CHECKEQ(a.a, 1);
			CHECK(dynamic_cast<VW *>(&a) != nullptr);
			CHECKEQ(dynamic_cast<W *>(&a)->w, 5);
			CHECKEQ(alive, 1);
		}
		CHECKEQ(alive, 0);
	}
	try {
		try {
			throw AB();
		} catch (B &b) {
			CHECKEQ(b.b, 2);
			throw;
		}
	} catch (AB &x) {
		CHECKEQ(x.c, 3);
	}
	try {
		throw Hidden();
	} catch (A &) {
		CHECK(false);
	} catch (...) {
	}
	AB object;
	try {
		throw &object;
	} catch (const B *b) {
		CHECK(b == &object);
	}
	try {
		throw nullptr;
	} catch (A *p) {
		CHECK(p == nullptr);
	}
	int two[] = { 2, 1 };
	try { // through a function of libSystem
		qsort(two, 2, sizeof two[0], compare_throws);
		CHECK(false);
	} catch (int n) {
		CHECKEQ(n, 42);
	}
	CHECKEQ(std::uncaught_exceptions(), 0);
	std::exception_ptr kept;
	std::thread([&] {
		try {
			throw std::runtime_error("from a thread");
		} catch (...) {
			kept = std::current_exception();
		}
	}).join();
	try {
		std::rethrow_exception(kept);
	} catch (std::exception &e) {
		CHECKSTR(e.what(), "from a thread");
		CHECK(typeid(e) == typeid(std::runtime_error));
	}
	try {
		(void)std::string("abc").at(7);
		CHECK(false);
	} catch (std::out_of_range &) {
	}
	try {
		std::vector<int>().at(0);
		CHECK(false);
	} catch (std::logic_error &) {
	}
	try {
		volatile size_t much = size_t(1) << 62;
		operator delete(operator new(much));
		CHECK(false);
	} catch (std::bad_alloc &) {
	}
	A plain;
	CHECK(dynamic_cast<AB *>(&plain) == nullptr);
	B *b = &object;
	CHECK(dynamic_cast<A *>(b) == static_cast<A *>(&object));
	try {
		(void)dynamic_cast<VW &>(plain);
		CHECK(false);
	} catch (std::bad_cast &) {
	}
}

static int made;
struct Local { int n; Local() : n(++made) {} ~Local() { made += 100; } };
static thread_local Local local;
static Local &once() { static Local l; return l; }

static void threads()
{
	std::mutex m;
	std::condition_variable cv;
	int turn = 0;
	std::vector<std::thread> all;
	for (int i = 0; i < 4; i++)
		all.emplace_back([&, i] {
			std::unique_lock<std::mutex> l(m);
			cv.wait(l, [&] { return turn == i; });
			turn++;
			cv.notify_all();
		});
	for (auto &t : all)
		t.join();
	CHECKEQ(turn, 4);
	std::thread([] { CHECKEQ(local.n, 1); }).join();
	CHECKEQ(made, 101); // its destructor has run when the thread ended
	CHECK(&once() == &once());
	CHECKEQ(once().n, 102);
	std::once_flag flag;
	int calls = 0;
	for (int i = 0; i < 3; i++)
		try {
			std::call_once(flag, [&] { if (++calls == 1) throw 1; });
		} catch (int) {
		}
	CHECKEQ(calls, 2);
}

struct Comma : std::numpunct<char> {
	char do_decimal_point() const override { return ','; }
};

// What is taken from another locale is what the category has.
static void locales()
{
	std::locale c = std::locale::classic(), comma(c, new Comma);
	std::locale numbers(c, comma, std::locale::numeric), order(c, comma, std::locale::collate);
	CHECKEQ(std::use_facet<std::numpunct<char>>(numbers).decimal_point(), ',');
	CHECKEQ(std::use_facet<std::numpunct<char>>(order).decimal_point(), '.');
	std::ostringstream out;
	out.imbue(numbers);
	out << 1.5;
	SAME(out.str(), "1,5");
	SAME(std::locale(c, c, std::locale::all).name(), "C");
	CHECK(std::ios::sync_with_stdio(false));
	CHECK(!std::ios::sync_with_stdio(true));
	CHECK(std::ios::sync_with_stdio(true));
}

static void nothing_there()
{
	std::optional<int> o;
	std::variant<int, std::string> v = 1;
	std::any a = 1;
	try {
		(void)o.value();
		CHECK(false);
	} catch (std::bad_optional_access &e) {
		CHECKSTR(e.what(), "bad_optional_access");
	}
	try {
		(void)std::get<std::string>(v);
		CHECK(false);
	} catch (std::bad_variant_access &e) {
		CHECKSTR(e.what(), "bad_variant_access");
	}
	try {
		(void)std::any_cast<std::string>(a);
		CHECK(false);
	} catch (std::bad_cast &e) {
		CHECK(dynamic_cast<std::bad_any_cast *>(&e) != nullptr);
	}
	std::function<int(int)> f;
	try {
		f(1);
		CHECK(false);
	} catch (std::exception &e) {
		CHECK(dynamic_cast<std::bad_function_call *>(&e) != nullptr);
	}
	f = [&](int n) { return n + std::any_cast<int>(a); };
	CHECKEQ(f(2), 3);
	CHECK(std::any_cast<int>(a) == 1 && std::get<int>(v) == 1);
}

static void library()
{
	std::string s = "one";
	s += " and a longer one than fits inside";
	CHECKEQ(s.find("longer"), 10);
	SAME(s.substr(0, 3), "one");
	SAME((std::to_string(-12) + std::to_string(1.5)), "-121.500000");
	CHECKEQ(std::stoi("0x1f", nullptr, 16), 31);
	try {
		std::stoi("none");
		CHECK(false);
	} catch (std::invalid_argument &) {
	}
	std::unordered_map<std::string, int> words;
	std::istringstream in("the cat the dog the end 3.25 0x10 true");
	std::string w;
	for (int i = 0; i < 6; i++) {
		in >> w;
		words[w]++;
	}
	CHECKEQ(words["the"], 3);
	double d;
	int n;
	bool yes;
	in >> d >> std::hex >> n >> std::boolalpha >> yes;
	CHECK(d == 3.25 && n == 16 && yes && !in.fail());
	std::ostringstream out;
	out.width(6);
	out.fill('.');
	out << 42 << ' ' << std::hex << std::showbase << 255 << ' ' << 0.5 << ' ' << std::fixed << 2.0;
	SAME(out.str(), "....42 0xff 0.5 2.000000");
	std::vector<int> v;
	for (int i = 0; i < 1000; i++)
		v.push_back(i * 7919 % 1000);
	std::sort(v.begin(), v.end());
	CHECK(std::is_sorted(v.begin(), v.end()) && v[999] == 999);
	std::shared_ptr<int> p = std::make_shared<int>(5);
	std::weak_ptr<int> weak = p;
	CHECKEQ(*weak.lock(), 5);
	p.reset();
	CHECK(weak.expired());

	namespace fs = std::filesystem;
	SAME(fs::path("/a/b/../c.tar.gz").lexically_normal().native(), "/a/c.tar.gz");
	SAME(fs::path("/a/b.x").stem().native(), "b");
	SAME(fs::path("/a/d").lexically_relative("/a/b/c").native(), "../../d");
	SAME(fs::path("/a//b/").parent_path().native(), "/a//b");
	int parts = 0;
	for (auto e : fs::path("/x//y/z/"))
		parts += !e.empty();
	CHECKEQ(parts, 4);
	fs::path dir = fs::current_path() / "made" / "here";
	CHECK(fs::create_directories(dir) && !fs::create_directories(dir));
	std::ofstream(dir / "file") << "text " << 12 << std::endl;
	std::ifstream back(dir / "file");
	std::string line;
	CHECK(std::getline(back, line) && line == "text 12" && !std::getline(back, line) && back.eof());
	CHECKEQ(fs::file_size(dir / "file"), 8);
	fs::copy_file(dir / "file", dir / "copy");
	CHECK(fs::equivalent(dir / "copy", dir / "." / "copy") && !fs::equivalent(dir / "copy", dir / "file"));
	std::error_code e;
	errno = 0;
	CHECK(!fs::copy_file(dir / "none", dir / "copy2", e) && e == std::errc::no_such_file_or_directory);
	CHECK(!fs::copy_file(dir, dir / "copy2", e) && e == std::errc::not_supported);
	CHECK(!fs::create_directory(dir / "like", dir / "file", e) && e == std::errc::not_a_directory);
	CHECK(!fs::create_directory(dir / "like", dir / "none", e) && e == std::errc::no_such_file_or_directory);
	fs::permissions(dir, fs::perms(0750));
	CHECK(fs::create_directory(dir / "like", dir, e) && !e && fs::status(dir / "like").permissions() == fs::perms(0750));
	CHECK(fs::remove(dir / "like"));
	int entries = 0;
	for (auto &e : fs::directory_iterator(dir))
		entries += e.is_regular_file();
	CHECKEQ(entries, 2);
	CHECKEQ(fs::remove_all("made"), 4);
	CHECK(!fs::exists("made"));
	try {
		fs::file_size("not there");
		CHECK(false);
	} catch (fs::filesystem_error &e) {
		CHECK(e.code() == std::errc::no_such_file_or_directory);
	}
}

static bool matches(const char *re, const char *in, std::regex::flag_type how = std::regex::ECMAScript)
{
	return std::regex_search(in, std::regex(re, how));
}
static void patterns()
{
	CHECK(matches("^a.c$", "abc") && !matches("^a.c$", "a\nc") && !matches("^a.c$", "ac"));
	CHECK(matches("^\\w+ \\d{2}\\s$", "a_1 42\t") && !matches("^\\w+$", "a-b") && matches("^\\W$", "-"));
	CHECK(matches("^[[:upper:]][[:lower:]]+$", "Hello") && !matches("^[[:upper:]]+$", "Hello"));
	CHECK(matches("^[[:upper:]]+$", "hello", std::regex::icase) && matches("^[[.hyphen.][.comma.]a]+$", "-a,") && !matches("^[[.hyphen.]]$", "h"));
	std::smatch m;
	std::string date = "on 2026-11-22";
	CHECK(std::regex_search(date, m, std::regex("(\\d+)-(\\d+)-(\\d+)")) && m[3] == "22");
	CHECK(std::regex_replace(date, std::regex("[0-9]+"), "#") == "on #-#-#");
	for (auto bad : { "[a", "(", "a{2", "[[:nothing:]]", "[[.nothing.]]", "\\2", "b{3,2}" }) {
		bool thrown = false;
		try {
			std::regex r(bad);
		} catch (std::regex_error &e) {
			thrown = e.code() != 0 && e.what()[0];
		}
		CHECK(thrown);
	}
}
static void shared()
{
	std::shared_mutex m;
	int a = 0, b = 0;
	bool torn = false;
	std::vector<std::thread> all;
	for (int i = 0; i < 4; i++)
		all.emplace_back([&, i] {
			for (int k = 0; k < 2000; k++)
				if (i % 2) {
					std::unique_lock<std::shared_mutex> l(m);
					a++, b++;
				} else {
					std::shared_lock<std::shared_mutex> l(m);
					if (a != b)
						torn = true;
				}
		});
	for (auto &t : all)
		t.join();
	CHECK(!torn);
	CHECKEQ(a, 4000);
	m.lock_shared();
	CHECK(m.try_lock_shared() && !m.try_lock());
	m.unlock_shared(), m.unlock_shared();
	CHECK(m.try_lock() && !m.try_lock_shared());
	m.unlock();
	std::random_device r;
	unsigned long any = 0; /* 16 zeros would be a wonder */
	for (int i = 0; i < 16; i++)
		any |= r();
	CHECK(any != 0);
}

int main()
{
	patterns();
	shared();
	exceptions();
	threads();
	locales();
	nothing_there();
	library();
	std::string word;
	std::cin >> word; // of "line one"
	SAME(word, "line");
	std::cout << "cplusplus " << (failures ? "failed" : "ok") << std::endl;
	DONE();
}
