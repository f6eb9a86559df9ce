//go:build darwin

// Box is the machine's userland: the small tools that programs start as children
// (/bin/sh, /bin/cat, /usr/bin/nohup, ...), all in one Mach-O program.
//
// Which tool it is, is told by the last part of the path it was started by, as the
// kernel noted it, so that a false argv[0] does no harm; then by argv[0], then by
// the first argument.
//
// The tools speak the options of Darwin's, not of GNU's, as far as they go: an
// option they don't have is an error, never ignored. They have the signal
// dispositions that they were started with (signals.go), so they end as a C
// program would.
package main

import (
	"os"
	"path/filepath"
	"strings"
)

// tool runs with its arguments, args[0] its name, and gives the exit status.
type tool func(args []string) int

// tools is filled by the files of this package, each for its own.
var tools = map[string]tool{}

func register(m map[string]tool) {
	for n, t := range m {
		tools[n] = t
	}
}

func main() {
	restoreSignals()
	args := os.Args
	if len(args) == 0 {
		args = []string{""}
	}
	t, args := choose(args)
	if t == nil {
		os.Stderr.WriteString("box: no such tool: " + args[0] + "\n")
		os.Exit(127)
	}
	status := t(args)
	if out.Flush() != nil && status == 0 {
		status = 1
	}
	os.Exit(status)
}

func choose(args []string) (tool, []string) {
	if t := tools[strings.TrimPrefix(filepath.Base(args[0]), "-")]; t != nil {
		return t, args
	}
	if exe, err := os.Executable(); err == nil {
		if t := tools[filepath.Base(exe)]; t != nil {
			return t, args
		}
	}
	if exe, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(exe); err == nil {
			if t := tools[filepath.Base(real)]; t != nil {
				return t, args
			}
		}
	}
	if len(args) > 1 {
		return tools[args[1]], args[1:]
	}
	return nil, args
}
