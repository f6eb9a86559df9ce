// Command std runs the tests of Go's standard library, built for darwin/amd64,
// in Puggle's kernel, and compares what passed with a list.
//
//	go run ./test/std                        every package with tests, -short
//	go run ./test/std -short=false net os    these alone, in full
//	go run ./test/std -run TestDial -v net   some tests of one package
//	go run ./test/std -native                the same packages on Linux, for comparison
//
// Each package is run as a user would run it: `go test PACKAGE` with GOOS=darwin
// and a freshly built go_darwin_amd64_exec first on PATH.
//
// The list is expected.tsv: package, whether it passes with -short and without
// ("-" where nobody has said), tests in it that may fail, and why. A package that the list
// does not name is expected to pass. The exit status is 1 if anything that the
// list has as passing did not pass, 2 if the tests could not be run. What passes
// against expectation is only mentioned: change the list by hand, or with -update.
//
// A package that hangs is ended from outside half a minute after its own time is up, with
// everything that it started.
package main
