// Every way in which kernel code refers to something. run() must return 1111111.
extern int outside(int);                 // branch, undefined
extern int outside_data;                 // GOT load
extern int beta_data[4], beta_next(int); // in the other object
int shared_common, big_common[100];
__attribute__((weak)) int either(void) { return 1; }      // beta has a strong one
extern int nowhere(void) __attribute__((weak_import));    // nobody has it
extern int *beta_pointer;
static int counter = 3;
static const char *const names[] = {"zero", "one", "two", "three"};
const char *moving[] = {"minus", "plus"};
int (*outside_pointer)(int) = outside;
static unsigned char byte_target;
static unsigned short word_target;

static int table(int n) {
	switch (n) { // a jump table: differences of labels
	case 0: return counter;
	case 1: return outside(40);
	case 2: return beta_data[2];
	case 3: return shared_common;
	case 4: return outside_data;
	case 5: return either();
	case 6: return nowhere ? 100 : 5;
	case 7: return names[3][0];
	default: return -1;
	}
}

__attribute__((noinline)) static void immediates(void) { // SIGNED_1, _2 and _4
	*(volatile unsigned char *)&byte_target = 0x12;
	*(volatile unsigned short *)&word_target = 0x3456;
	*(volatile int *)&counter = 77;
}

int run(int argument) {
	int sum = 0;
	shared_common = 1000;
	sum += table(argument) == 3;                                 // argument is 0
	sum += 10 * (table(argument + 1) == 42);                     // outside adds 2
	sum += 100 * (table(argument + 2) == 33 && *beta_pointer == 22);
	sum += 1000 * (table(argument + 3) == 1000 && beta_next(argument) == 1001 && big_common[99 - argument] == 0);
	sum += 10000 * (table(argument + 4) == 555 && outside_pointer(1) == 3);
	sum += 100000 * (table(argument + 5) == 2 && table(argument + 6) == 5);
	immediates();
	sum += 1000000 * (names[argument + 1][2] == 'e' && moving[1 + argument][0] == 'p' && table(argument + 7) == 't' &&
	                  byte_target == 0x12 && word_target == 0x3456 && counter == 77);
	return sum;
}
