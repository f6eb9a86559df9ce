/* What programs and the driver agree on. */
enum {
	kHelloAdd,    /* two numbers: their sum */
	kHelloShout,  /* text: the same in capitals */
	kHelloReset,  /* root only: the count of calls is 0 again; gives what it was */
	kHelloLater,  /* asynchronous: a number, which comes back doubled */
	kHelloMethods
};
