extern int outside(int), outside_data;
int run(int n) { return outside(n) + outside_data; }
