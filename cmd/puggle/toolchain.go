package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

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
GOROOT. Remove the directory to have it as before.`,
		Example: `  puggle toolchain && GOOS=darwin GOARCH=amd64 go test ./...
  puggle run $(puggle toolchain)/bin/go version`,
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
