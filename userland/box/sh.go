//go:build darwin

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

func init() {
	register(map[string]tool{"sh": sh, "bash": sh, "zsh": sh, "dash": sh})
}

func sh(args []string) int {
	ctx := context.Background()
	name := args[0]
	rest := args[1:]
	var opts []string
	var command *string
	for len(rest) > 0 && len(rest[0]) > 1 && (rest[0][0] == '-' || rest[0][0] == '+') {
		a := rest[0]
		rest = rest[1:]
		if a == "--" {
			break
		}
		if strings.HasPrefix(a, "-") && strings.Contains(a, "c") && !strings.HasPrefix(a, "--") {
			if len(rest) == 0 {
				fmt.Fprintf(os.Stderr, "%s: -c: option requires an argument\n", name)
				return 2
			}
			command = &rest[0]
			rest = rest[1:]
			if a = strings.ReplaceAll(a, "c", ""); a != "-" {
				opts = append(opts, a)
			}
			break
		}
		opts = append(opts, a)
	}
	r, err := interp.New(interp.StdIO(os.Stdin, os.Stdout, os.Stderr), interp.Params(append(append(opts, "--"), rest...)...))
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 2
	}
	p := syntax.NewParser()
	var f *syntax.File
	if command != nil {
		f, err = p.Parse(strings.NewReader(*command), name)
	} else {
		f, err = p.Parse(os.Stdin, name)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 2
	}
	err = r.Run(ctx, f)
	var st interp.ExitStatus
	if errors.As(err, &st) {
		return int(st)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	_ = syscall.Exec
	return 0
}
