//go:build darwin

// Guest makes kernel calls with arguments of all kinds.
//
//	guest fuzz -table FILE -seed N -n STEPS    random calls from several threads
//	guest hello                                 says so
//	guest clean                                 removes System V and POSIX objects
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: guest fuzz | hello | clean")
		os.Exit(2)
	}
	f := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	table := f.String("table", "", "the kernel's calls: class, number, name, arguments")
	seed := f.Uint64("seed", 1, "where random numbers begin")
	steps := f.Int("n", 3000, "calls of each thread")
	only := f.String("only", "", "only calls whose name has this in it")
	f.Parse(os.Args[2:])
	switch os.Args[1] {
	case "hello":
		fmt.Println("hello")
	case "clean":
		clean()
	case "fuzz":
		if err := work(*table, *only, *seed, *steps); err != nil {
			// The status says nothing: a thread may have made any exit there is.
			fmt.Fprintln(os.Stderr, "guest: cannot work:", err)
			os.Exit(3)
		}
		fmt.Println("done")
	}
}
