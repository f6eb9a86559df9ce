/* Something to debug: it sums, and then reads where nothing is, if it has an argument. */
#include <stdio.h>
#include <stdlib.h>

volatile int total;
__attribute__((noinline)) int add(int a, int b) { return a + b; }
__attribute__((naked, noinline)) int crash(volatile int *p) { __asm__("movl (%rdi), %eax\n\tretq"); }
int main(int argc, char **argv)
{
	for (int i = 1; i <= 3; i++)
		total = add(total, i);
	if (argc > 1)
		total += crash((int *)0x1230);
	return total;
}
