package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"puggle/sdk"
	"puggle/sdk/config"
)

func sdkCmd() *cobra.Command {
	c := &cobra.Command{Use: "sdk", Short: "Compile programs, and code for the kernel",
		Long: `The SDK is the headers of the kernel and of the guests' library. Compiling needs clang
on the host; nothing else here does.`}
	c.AddCommand(&cobra.Command{
		Use: "path", Short: "Print where the SDK is", Args: cobra.NoArgs,
		Long: `Path prints a directory with kern/include (for kernel extensions), next/include (for
loadable kernel servers), include and lib (for programs).`,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, err := sdkDir()
			if err == nil {
				fmt.Println(dir)
			}
			return err
		},
	})
	var kinds []string
	for _, k := range sdk.Kinds {
		kinds = append(kinds, "--"+k.Name)
	}
	for _, tool := range []string{"clang", "clang++"} {
		c.AddCommand(&cobra.Command{
			Use: tool + " [" + strings.Join(kinds, "|") + "] ARGUMENT...", Short: "Run " + tool + " with the SDK's headers and flags",
			Long: `Runs the host's compiler for the machine's: with --kernel, which is the default, for
extensions of the kernel; with --next for loadable kernel servers; with --user for
programs, which are linked against libSystem. All other arguments are the compiler's.
CC (CXX) in the environment, or else the newest clang on PATH, is what is run.`,
			Example:            "  puggle sdk clang -O2 -c hello.c -o hello.o\n  puggle sdk clang --user prog.c -o prog",
			DisableFlagParsing: true, DisableFlagsInUseLine: true,
			RunE: func(cmd *cobra.Command, args []string) error {
				if len(args) == 0 || len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
					return cmd.Help()
				}
				return sdkClang(tool, args)
			},
		})
	}
	c.AddCommand(sdkConfigCmd())
	return c
}

// sdkConfigCmd makes the headers of a kernel's options.
func sdkConfigCmd() *cobra.Command {
	var arch, configuration string
	c := &cobra.Command{
		Use: "config [-a ARCH] [-c CONFIGURATION] CONF OUT", Short: "Make the headers of a kernel's options", Args: cobra.ExactArgs(2),
		Long: `Config reads MASTER, MASTER.ARCH, files and files.ARCH in the folder CONF, which say how a
Mach kernel is configured, and writes a header for each option to the folder OUT: <name.h>
defines NAME to 1, to the count of a pseudo-device, or to 0 when it is off. It prints the
sources, each with + when it has something in it and - when what it needs is off.

-c is a configuration that MASTER defines (# DEBUG = [ mach debug ]): lines that end in
# <debug> are then for those that have that word. Without it, all lines count.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			k, err := config.Read(os.DirFS(args[0]), arch, configuration)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(args[1], 0o755); err != nil {
				return err
			}
			for name, text := range k.Headers() {
				if err := os.WriteFile(filepath.Join(args[1], name), []byte(text), 0o644); err != nil {
					return err
				}
			}
			for _, s := range k.Sources {
				mark := "-"
				if k.On(s) {
					mark = "+"
				}
				fmt.Println(mark, s.Path)
			}
			return nil
		},
	}
	c.Flags().StringVarP(&arch, "arch", "a", "i386", "architecture")
	c.Flags().StringVarP(&configuration, "configuration", "c", "", "configuration")
	return c
}

func sdkDir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = filepath.Join(os.TempDir(), fmt.Sprintf("puggle-%d", os.Getuid()))
	}
	return sdk.Extract(filepath.Join(cache, "puggle"))
}

func sdkClang(tool string, args []string) error {
	kind := sdk.Kinds[0]
	for _, k := range sdk.Kinds {
		if args[0] == "--"+k.Name {
			kind, args = k, args[1:]
			break
		}
	}
	link := true
	for _, a := range args {
		switch a {
		case "-c", "-S", "-E", "-M", "-MM", "-fsyntax-only", "-###", "--version", "-v":
			link = false
		}
	}
	if link && kind.Link == nil {
		return errors.New("code for the kernel is not linked here: compile with -c, then puggle kext pack, or kl_ld")
	}
	dir, err := sdkDir()
	if err != nil {
		return err
	}
	cc, err := compiler(tool)
	if err != nil {
		return err
	}
	flags := append([]string(nil), kind.Compile...)
	if tool == "clang++" || slices.ContainsFunc(args, isCXX) {
		flags = append(flags, kind.CXX...)
	}
	flags = append(flags, args...)
	if link {
		flags = append(flags, kind.Link...)
	}
	for i, f := range flags {
		flags[i] = strings.Replace(f, "SDK/", dir+"/", 1)
	}
	cmd := exec.Command(cc, flags...)
	cmd.Env = append(os.Environ(), "PUGGLE_SDK_CLANG=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitStatus(max(exit.ExitCode(), 1))
	}
	return err
}

// isCXX says whether an argument is a source of C++.
func isCXX(arg string) bool {
	switch filepath.Ext(arg) {
	case ".cc", ".cpp", ".cxx", ".cp", ".C":
		return !strings.HasPrefix(arg, "-")
	}
	return false
}

// compiler finds clang on the host.
func compiler(tool string) (string, error) {
	env := map[string]string{"clang": "CC", "clang++": "CXX"}[tool]
	// A build whose compiler is this command has CC in its environment, too: then it is
	// not the compiler that this one is to run.
	if cc := os.Getenv(env); cc != "" && !strings.ContainsAny(cc, " \t") && os.Getenv("PUGGLE_SDK_CLANG") == "" {
		return exec.LookPath(cc)
	}
	for v := 30; v >= 14; v-- {
		if p, err := exec.LookPath(fmt.Sprintf("%s-%d", tool, v)); err == nil {
			return p, nil
		}
	}
	if p, err := exec.LookPath(tool); err == nil {
		return p, nil
	}
	return "", fmt.Errorf("there is no %s on PATH: install clang, or set %s", tool, env)
}
