//go:build darwin

// Guest is a Go program that uses Mach, as Go programs do: by libSystem's functions.
//
//	guest rpc                      messages between two processes
//	guest fuzz -seed N -for D      random Mach calls and MIG messages, for a time
//
// It prints "ok" and exits with 0 when all was well.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: guest rpc | fuzz")
		os.Exit(2)
	}
	f := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	seed := f.Uint64("seed", 1, "where random numbers begin")
	length := f.Duration("for", 5*time.Second, "how long")
	rounds := f.Int("n", 500, "messages of one worker")
	f.Parse(os.Args[2:])
	var err error
	switch os.Args[1] {
	case "rpc":
		err = rpc()
	case "client":
		err = client()
	case "fuzz":
		err = fuzz(*seed, *length, *rounds)
	case "worker":
		err = work(*seed, *rounds)
	default:
		err = fmt.Errorf("what is %q?", os.Args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "guest:", err)
		os.Exit(1)
	}
	fmt.Println("ok")
}
