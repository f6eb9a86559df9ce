package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"puggle/control"
	"puggle/kernserv"
	"puggle/kext"
	"puggle/kpi"
	"puggle/mig"
)

// oldStyle is a command with options of its own, as its manual has them: run gives
// an exit status, or do an error.
func oldStyle(name, args, short, long string, run func(args []string) int, do func(args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " " + args, Short: short, Long: long, DisableFlagParsing: true, DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
				return cmd.Help()
			}
			if do != nil {
				return do(args)
			}
			if st := run(args); st != 0 {
				return exitStatus(st)
			}
			return nil
		},
	}
}

func migCmd() *cobra.Command {
	return oldStyle("mig", "[options] FILE.defs...", "Compile interface definitions to C and Go",
		`Mig is the Mach Interface Generator: it makes the two ends of a message interface
from a .defs file, in C (-user, -server, -header, -sheader, -iheader) and in Go
(-go). Errors carry file:line:column. It needs no machine.`,
		func(args []string) int { return mig.Main(args, os.Stdin, os.Stdout, os.Stderr) }, nil)
}

func klLdCmd() *cobra.Command {
	return oldStyle("kl_ld", "-n NAME -i INSTANCE -l LOAD_COMMANDS [-u UNLOAD_COMMANDS] [-d LOADABLE] -o OUTPUT INPUT...",
		"Link a loadable kernel server",
		`Kl_ld joins relocatable objects and the server's load and unload commands into a
relocatable that kl_util -a takes (Writing Loadable Kernel Servers, A-2). It needs
no machine.`,
		func(args []string) int { return kernserv.LinkMain(args, os.Stderr) }, nil)
}

// remoteTool is a command of the machine's own: its options are read there. -n NAME or
// --name NAME, first, says which machine; kl_util has no -n, nor have the others.
func remoteTool(name, args, short, long string) func() *cobra.Command {
	return func() *cobra.Command {
		return oldStyle(name, "[-n MACHINE] "+args, short, long+"\n\n-n MACHINE, before all other arguments, names the machine.", nil, func(args []string) error {
			machine := control.DefaultName
			// kextload has a -n of its own, which stands before an option or a bundle.
			if len(args) >= 2 && (args[0] == "-n" || args[0] == "--name") && !strings.HasPrefix(args[1], "-") && !strings.HasSuffix(strings.TrimRight(args[1], "/"), ".kext") {
				machine, args = args[1], args[2:]
			}
			return runTool(machine, name, args)
		})
	}
}

// toolFiles says which arguments of a tool are files of the host: those after certain
// options (one each, or all that follow if many is set), and bundles anywhere.
var toolFiles = map[string]struct {
	options string
	many    bool
	bundles bool
}{
	"kl_util":  {"-a", true, false},
	"kextload": {"-d -r -s", false, true}, "kmodload": {"-d -r -s", false, true},
	"kextunload": {"", false, true}, "kmodunload": {"", false, true},
	"kmutil": {"-p", false, true}, "kmodsyms": {"-o -k", false, true},
}

// runTool runs a tool in a machine; files become absolute.
func runTool(machine, name string, args []string) error {
	a := control.ToolArgs{Name: name}
	f := toolFiles[name]
	option := ""
	for _, x := range args {
		switch {
		case strings.HasPrefix(x, "-"):
			option = x
		case option != "" && slices.Contains(strings.Fields(f.options), option),
			f.bundles && (strings.HasSuffix(strings.TrimRight(x, "/"), ".kext") || strings.Contains(x, ".kext@")):
			abs, err := filepath.Abs(x)
			if err != nil {
				return err
			}
			x = abs
		}
		if !f.many && x != option {
			option = ""
		}
		a.Args = append(a.Args, x)
	}
	cl, err := control.Dial(machine)
	if err != nil {
		return err
	}
	defer cl.Close()
	if err := cl.Begin("tool", a); err != nil {
		return err
	}
	sig := make(chan os.Signal, 1)
	signal.Notify(sig, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		<-sig
		cl.Send(struct{}{})
		signal.Reset() // the second one ends us
	}()
	var r control.ExecResult
	in := bufio.NewReader(os.Stdin)
	err = cl.Wait(&r, func(raw json.RawMessage) {
		var o control.ToolOutput
		json.Unmarshal(raw, &o)
		os.Stdout.WriteString(o.Out)
		os.Stderr.WriteString(o.Err)
		if o.Ask != "" {
			os.Stderr.WriteString(o.Ask)
			line, err := in.ReadString('\n')
			if err != nil && line == "" {
				cl.Send(control.ToolInput{})
				return
			}
			line = strings.TrimSuffix(line, "\n")
			cl.Send(control.ToolInput{Line: &line})
		}
	})
	if err == nil && r.Status != 0 {
		err = exitStatus(r.Status)
	}
	return err
}

func kpiCmd() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "kpi",
		Short: "List the symbols that kernel code may use",
		Long: `Kpi lists the kernel programming interface: each symbol, how it is offered (call:
by the kernel; code and data: in the extension's own space; no: not at all), since which
generation of the documents, by which identifiers, and its prototype.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !asJSON {
				return kpi.Print(os.Stdout)
			}
			type row struct {
				Name, Header, Prototype, Since, KPI, How string
				Note                                     string `json:",omitempty"`
			}
			l := []row{}
			for _, r := range kpi.Table() {
				l = append(l, row{r.Name, r.Header, r.Proto, r.Since, r.KPI, r.How(), r.Note})
			}
			return printJSON(l)
		},
	}
	jsonFlag(c, &asJSON)
	return c
}

func kextCmd() *cobra.Command {
	c := &cobra.Command{Use: "kext", Short: "Make bundles of kernel extensions, and check their code"}
	c.AddCommand(&cobra.Command{
		Use:   "pack OBJECT... INFO.plist NAME.kext",
		Short: "Write a bundle of relocatable objects and a property list",
		Long: `Pack joins the objects and writes a bundle that kextload takes. The property list
may leave out CFBundleExecutable and CFBundlePackageType. Symbols that are left
undefined are listed on standard error: OSBundleLibraries has to name who has them.`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			n := len(args)
			info, err := os.ReadFile(args[n-2])
			if err != nil {
				return err
			}
			var objs [][]byte
			for _, a := range args[:n-2] {
				b, err := os.ReadFile(a)
				if err != nil {
					return err
				}
				objs = append(objs, b)
			}
			undefined, err := kext.Pack(objs, info, args[n-1])
			if err == nil && len(undefined) > 0 {
				fmt.Fprintf(os.Stderr, "%s: to be found in the kernel when it is loaded: %s\n", args[n-1], someOf(undefined, 20))
			}
			return err
		},
	})
	var frame int
	check := &cobra.Command{
		Use:   "check OBJECT...",
		Short: "Look for what kernel code should not do",
		Long: `Check looks at relocatable objects for functions that call themselves, directly or through
others of the object, and for functions with many local variables: a kernel thread's stack is
small. Each is a line; the exit status is 1 if there is one.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			found := false
			for _, a := range args {
				b, err := os.ReadFile(a)
				if err != nil {
					return err
				}
				l, err := kext.Check(b, frame)
				if err != nil {
					return fmt.Errorf("%s: %w", a, err)
				}
				for _, s := range l {
					fmt.Printf("%s: %s\n", a, s)
					found = true
				}
			}
			if found {
				return exitStatus(1)
			}
			return nil
		},
	}
	check.Flags().IntVar(&frame, "frame", kext.FrameLimit, "most bytes of a function's local variables")
	c.AddCommand(check)
	return c
}

// toolCmds are the commands that work on the kernel code of a running machine.
var toolCmds = []func() *cobra.Command{
	remoteTool("kextload", "[-nqtv] [-a ID@ADDRESS] [-b ID] [-d BUNDLE] [-r FOLDER] [-s FOLDER] BUNDLE.kext...", "Load kernel extensions",
		`Kextload loads bundles, and before them what they depend on: bundles beside them, those
of -d and of the folders of -r, and those in the machine's System/Library/Extensions.
-b names a bundle by its identifier. Only root of the machine may load.

-s writes ID.sym, a file for debuggers, into a folder, for each extension and for what it
needs. -n loads nothing; with -s, the addresses are those of -a, or asked for. -t says what
would keep a bundle from being loaded, and what the naming conventions have against it.`),
	remoteTool("kextunload", "-b ID | BUNDLE.kext | ID | -i NUMBER", "Unload a kernel extension",
		`Kextunload stops and removes an extension. It fails, and says why, while something
still points into it.`),
	remoteTool("kextstat", "", "Show the kernel extensions that are loaded",
		`Kextstat shows what is loaded: number, references, address, size, identifier, version,
and the numbers of those that it is linked against.`),
	remoteTool("kmodload", "[-v] BUNDLE.kext...", "Load kernel extensions (the name before 10.2)", `Kmodload is kextload.`),
	remoteTool("kmodunload", "-n ID | -i NUMBER", "Unload a kernel extension (the name before 10.2)", `Kmodunload is kextunload.`),
	remoteTool("kmodstat", "", "Show the kernel extensions that are loaded (the name before 10.2)", `Kmodstat is kextstat.`),
	remoteTool("kmodsyms", "[-k KERNEL] -o FILE {BUNDLE.kext|ID}@ADDRESS", "Write an extension's symbols for an address (the name before 10.2)",
		`Kmodsyms is kextload -n -s for one extension. The kernel is the machine's, whatever -k
names.`),
	remoteTool("kmutil", "VERB [-p BUNDLE.kext] [-b ID]", "Work with kernel extensions (the later name)",
		`Kmutil's verbs: load, unload, showloaded, find, libraries (what a bundle depends on) and
print-diagnostics (what would keep it from being loaded). Collections of kernel code do
not exist here.`),
	remoteTool("ddb", "[COMMAND[; COMMAND...]]", "Debug the kernel at a prompt",
		`Ddb stops the machine and gives a prompt: help lists its commands. At its end the
machine goes on, unless it had stopped by itself: at a panic (puggle boot --panic=stop),
at PE_enter_debugger, or for an NMI.`),
	remoteTool("nmi", "[COMMAND...]", "Send the machine a non-maskable interrupt",
		`Nmi opens the mini-monitor: msg[=N] shows the message buffer, FLAG=[VALUE] a flag of the
kernel's, gdb leaves the machine stopped for a debugger, continue lets it go on. With
the boot argument debug=0x4 (DB_NMI) it stops the machine for a debugger, with 0x14
(DB_KDB, too) it gives the prompt of ddb.`),
	remoteTool("dmesg", "", "Show what kernel code has printed", `Dmesg prints the message buffer of the kernel task.`),
	remoteTool("kern_loader", "[-d] [-n] [-v] [RELOCATABLE...]", "Start kern_loader again",
		`Kern_loader starts by itself when it is wanted. After kl_util -A it can be started again
only if /etc/bootstrap.conf had server_loader as a service when the machine was booted
(Writing Loadable Kernel Servers, A-1). The relocatables come before those of
/etc/kern_loader.conf.`),
	remoteTool("kl_util", "[-a FILE...] [-d|-l|-u NAME...] [-s [NAME...]] [-A] [-r] [-L]", "Control loadable kernel servers",
		`Kl_util allocates (-a), loads (-l), unloads (-u), deletes (-d) and shows (-s) kernel
servers, aborts (-A) or restarts (-r) kern_loader, and with -L goes on printing what
kern_loader says (Writing Loadable Kernel Servers, B-1).`),
	remoteTool("kl_log", "[-l LEVEL] NAME", "Print a kernel server's log",
		`Kl_log sets the level of a server's log and prints it until ^C (Writing Loadable Kernel
Servers, C-1).`),
	remoteTool("nextbus", "list | read|write SLOT board|slot OFFSET ...", "Probe the boards on the machine's NeXTbus",
		`Nextbus reads and writes registers of boards, with repetition and auto-increment. Boards
are plugged in by puggle boot --board SLOT=NAME.`),
}

// someOf lists the first n of l.
func someOf(l []string, n int) string {
	if len(l) <= n {
		return strings.Join(l, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(l[:n], " "), len(l)-n)
}
