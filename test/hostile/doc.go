// Package hostile has whole programs that mean harm, and the tests that they do
// none: to the host, to other processes of the same user, to the kernel that
// runs them, or to other guests.
//
// guest/ is one program for darwin/amd64, in Go and assembly; its first argument
// names the attack. Each test boots a kernel of its own for it as a user would,
// with `puggle run`, and looks at the host afterwards. machine/trap has the
// tests of the same kind one floor below, where every register is in reach.
//
// The tests need the go command, and are skipped without it. Bombs are small,
// unless -args -big asks for big ones.
package hostile
