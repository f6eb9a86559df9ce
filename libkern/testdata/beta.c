int beta_data[4] = {11, 22, 33, 44};
int *beta_pointer = &beta_data[1];
int shared_common;
int either(void) { return 2; }
int beta_next(int n) { return shared_common + 1 + n; }
