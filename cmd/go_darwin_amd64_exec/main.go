// Go_darwin_amd64_exec is what the go command runs darwin/amd64 test binaries
// and programs with, when it is on PATH: GOOS=darwin go test ./... then works on
// Linux. Its arguments are the program and its arguments. If puggle toolchain has
// been run, the program finds a go command that it can execute.
package main

import (
	"errors"
	"fmt"
	"os"

	"puggle/kernel"
	"puggle/toolchain"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: go_darwin_amd64_exec PROGRAM [ARG...]\nThe go command runs this by itself: GOOS=darwin GOARCH=amd64 go test ./...")
		os.Exit(125)
	}
	var cfg kernel.Config
	env, binds := toolchain.ForTest(os.Environ())
	for _, b := range binds {
		cfg.Binds = append(cfg.Binds, kernel.Bind(b))
	}
	status, err := kernel.RunProgram(cfg, os.Args[1:], env)
	if err != nil {
		fmt.Fprintln(os.Stderr, "puggle:", err)
		var se *kernel.StartError
		if errors.As(err, &se) {
			os.Exit(se.Status)
		}
		os.Exit(125)
	}
	os.Exit(status)
}
