extern "C" int outside(int);
struct Base {
	int n;
	Base(int n) : n(outside(n)) {}
	virtual int get() { return n; }
	virtual ~Base() { n = 0; }
};
struct Derived : Base {
	Derived() : Base(10) {}
	int get() override { return n + 100; }
};
static Base base(1);
Derived derived;
template <class T> T sum(T x) {
	static T total;
	return total += x;
}
Base *chosen[] = {&base, &derived};
extern "C" int run(int n) { return chosen[n]->get() + 1000 * chosen[n + 1]->get() + 1000000 * sum(n + 7); }
