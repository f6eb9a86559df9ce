// An extension that uses another one's symbols and the kernel's.
extern int outside(int), outside_data, beta_next(int), *beta_pointer;
int run(int n) { return outside(n) + outside_data + beta_next(n) + *beta_pointer; }
