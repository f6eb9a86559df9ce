package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"puggle/kernel"
	"puggle/toolchain"
)

func toolchainCmd() *cobra.Command {
	return &cobra.Command{
		Use:   "toolchain",
		Short: "Build the go command for use inside, and print its GOROOT",
		Long: `Toolchain builds the go command and its tools for darwin, from the Go that is on
PATH, and prints the GOROOT with them; it is kept in the user's cache directory.

Tests that run the go command need it, because a guest can't execute the host's.
Once it is there, go_darwin_amd64_exec gives it to every test and program that the
go command of the same version runs: it comes first in their PATH, and is their
GOROOT. puggle run --toolchain does so for the program that it runs. Remove the
directory to have it as before.`,
		Example: `  puggle toolchain && GOOS=darwin GOARCH=amd64 go test ./...
  puggle run --toolchain go version
  puggle run --toolchain ./gotestsum ./...`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			root, err := toolchain.Build(func(root string) {
				fmt.Fprintln(os.Stderr, "puggle: building the go command for darwin, in", root)
			})
			if err == nil {
				fmt.Println(root)
			}
			return err
		},
	}
}

// toolchainFlag adds --toolchain: the function gives the program's environment, and has
// cfg show what puggle toolchain has built where the host's go command is.
func toolchainFlag(c *cobra.Command, cfg *kernel.Config) func() ([]string, error) {
	want := c.Flags().Bool("toolchain", false, "let the program find the go command that puggle toolchain has built, in place of the host's")
	return func() ([]string, error) {
		host := os.Environ()
		if !*want {
			return host, nil
		}
		env, binds := toolchain.ForTest(host)
		if slices.Equal(env, host) {
			return nil, errors.New("there is no toolchain for the go command that is first on PATH: puggle toolchain builds it")
		}
		for _, b := range binds {
			cfg.Binds = append(cfg.Binds, kernel.Bind(b))
		}
		return env, nil
	}
}
