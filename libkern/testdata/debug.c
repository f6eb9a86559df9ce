static int twice(int n) { return 2 * n; }
int run(int n) { return twice(n) + 1; }
