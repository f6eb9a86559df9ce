/* Built as a library of the system's that no machine has: see build. */
int absent_function(void) { return 1; }
int absent_weak(void) { return 2; }
int absent_data = 3;
