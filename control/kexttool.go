package control

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"puggle/bsd/sys"
	"puggle/kernel"
	"puggle/kext"
)

// ownerCred is root's: who may talk to the machine's socket is its user on the host, or the
// host's root, and to them it belongs, whatever user its processes run as.
func ownerCred() *sys.Cred { return &sys.Cred{} }

func (t *tool) cred() *sys.Cred { return ownerCred() }

// list is an option that may be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

const kextloadUsage = "[-nqtv] [-a ID@ADDRESS]... [-b ID]... [-d BUNDLE]... [-r FOLDER]... [-s FOLDER] BUNDLE.kext..."

// kextload loads bundles; with -n it loads nothing, and -s then links for the
// addresses of -a or asks for them; -t says what would be wrong.
func kextload(t *tool) int {
	var noLoad, quiet, test, verbose bool
	var at, ids, deps, repos list
	var symbols string
	if !t.flags(t.name, kextloadUsage, func(fs *flag.FlagSet) {
		fs.BoolVar(&noLoad, "n", false, "")
		fs.BoolVar(&quiet, "q", false, "")
		fs.BoolVar(&test, "t", false, "")
		fs.BoolVar(&verbose, "v", false, "")
		fs.Var(&at, "a", "")
		fs.Var(&ids, "b", "")
		fs.Var(&deps, "d", "")
		fs.Var(&repos, "r", "")
		fs.StringVar(&symbols, "s", "", "")
	}) {
		return 2
	}
	if len(t.args)+len(ids) == 0 {
		fmt.Fprintf(t.err, "usage: %s %s\n", t.name, kextloadUsage)
		return 2
	}
	x, err := t.Sys.Extensions()
	if err != nil {
		return t.fail(err)
	}
	addrs := map[string]uint64{}
	for _, a := range at {
		id, s, _ := strings.Cut(a, "@")
		n, err := strconv.ParseUint(s, 0, 64)
		if err != nil {
			return t.fail(fmt.Errorf("%s: %q is not ID@ADDRESS", t.name, a))
		}
		addrs[id] = n
	}
	for _, r := range repos {
		if err := x.Manager.Repository.Scan(os.DirFS(r), "."); err != nil {
			return t.fail(err)
		}
	}
	for _, d := range deps {
		if _, err := x.Open(d); err != nil {
			return t.fail(err)
		}
	}
	status := 0
	one := func(b *kext.Bundle, err error) {
		if err == nil && test {
			err = t.diagnose(x, b, quiet)
		}
		if err == nil && !noLoad {
			var l *kext.Loaded
			if l, err = x.LoadBundle(t.cred(), b); err == nil && !quiet {
				fmt.Fprintf(t.out, "%s %v is loaded as number %d\n", l.Bundle.ID, l.Bundle.Version, l.Index)
				if verbose && l.Image != nil {
					fmt.Fprintf(t.out, "%s: %d bytes at %#x\n", l.Bundle.ID, l.Image.Size, l.Image.Base)
				}
			}
		}
		if err == nil && symbols != "" {
			err = t.symbolFiles(x, b, symbols, addrs, verbose)
		}
		if err != nil {
			status = t.fail(err)
		}
	}
	for _, id := range ids {
		one(x.Find(id))
	}
	for _, dir := range t.args {
		one(x.Open(dir))
	}
	return status
}

// diagnose says what keeps a bundle from being loaded, and what is bad style in it.
func (t *tool) diagnose(x *kernel.Extensions, b *kext.Bundle, quiet bool) error {
	lint, err := x.Manager.Check(b)
	if err != nil || quiet {
		return err
	}
	for _, l := range lint {
		fmt.Fprintf(t.out, "%s: warning: %s\n", b.ID, l)
	}
	fmt.Fprintf(t.out, "%s %v can be loaded\n", b.ID, b.Version)
	return nil
}

// symbolFiles writes ID.sym of a bundle and of what it needs into a folder. An
// address that isn't known is asked for.
func (t *tool) symbolFiles(x *kernel.Extensions, b *kext.Bundle, dir string, at map[string]uint64, verbose bool) error {
	if st, err := os.Stat(dir); err != nil || !st.IsDir() {
		return fmt.Errorf("%s: %s is not a folder", t.name, dir)
	}
	for {
		files, err := x.Manager.SymbolFiles(b, at)
		var need *kext.AddressError
		if errors.As(err, &need) {
			s, ok := t.ask(fmt.Sprintf("Enter the hexadecimal load address of %s: ", need.ID))
			n, bad := strconv.ParseUint(strings.TrimPrefix(strings.TrimSpace(s), "0x"), 16, 64)
			if !ok || bad != nil {
				return fmt.Errorf("%w (-a %s@ADDRESS gives one)", err, need.ID)
			}
			at[need.ID] = n
			continue
		}
		if err != nil {
			return err
		}
		var ids []string
		for id := range files {
			ids = append(ids, id)
		}
		sort.Strings(ids)
		for _, id := range ids {
			p := filepath.Join(dir, id+".sym")
			if err := os.WriteFile(p, files[id], 0o644); err != nil {
				return err
			}
			if verbose {
				fmt.Fprintln(t.out, "wrote", p)
			}
		}
		return nil
	}
}

const kextunloadUsage = "-b ID | BUNDLE.kext | ID | -i NUMBER"

func kextunload(t *tool) int {
	var ids list
	var index int
	if !t.flags(t.name, kextunloadUsage, func(fs *flag.FlagSet) {
		fs.Var(&ids, "b", "")
		fs.Var(&ids, "n", "")
		fs.IntVar(&index, "i", 0, "")
	}) {
		return 2
	}
	x, err := t.Sys.Extensions()
	if err != nil {
		return t.fail(err)
	}
	t.args = append(t.args, ids...)
	for _, l := range x.Manager.Status() {
		if index != 0 && l.Index == index {
			t.args, index = append(t.args, l.Bundle.ID), 0
		}
	}
	if index != 0 {
		return t.fail(fmt.Errorf("%s: no extension has the number %d", t.name, index))
	}
	if len(t.args) == 0 {
		fmt.Fprintf(t.err, "usage: %s %s\n", t.name, kextunloadUsage)
		return 2
	}
	status := 0
	for _, a := range t.args {
		if strings.HasPrefix(a, "/") {
			dir := filepath.Clean(a)
			b, err := kext.Open(os.DirFS(filepath.Dir(dir)), filepath.Base(dir))
			if err != nil {
				status = t.fail(err)
				continue
			}
			a = b.ID
		}
		if err := x.Unload(t.cred(), a); err != nil {
			status = t.fail(err)
		}
	}
	return status
}

func kextstat(t *tool) int {
	x, err := t.Sys.Extensions()
	if err == nil {
		err = x.Status(t.out)
	}
	if err != nil {
		return t.fail(err)
	}
	return 0
}

const kmutilUsage = "load|unload|showloaded|find|libraries|print-diagnostics [-p BUNDLE.kext] [-b ID]"

// kmutilVerbs are the verbs of kmutil that make sense without kernel collections.
var kmutilVerbs = map[string]func(t *tool, x *kernel.Extensions, b *kext.Bundle) error{
	"load": func(t *tool, x *kernel.Extensions, b *kext.Bundle) error {
		_, err := x.LoadBundle(t.cred(), b)
		return err
	},
	"unload": func(t *tool, x *kernel.Extensions, b *kext.Bundle) error { return x.Unload(t.cred(), b.ID) },
	"find": func(t *tool, _ *kernel.Extensions, b *kext.Bundle) error {
		_, err := fmt.Fprintf(t.out, "%s (%v) %s\n", b.ID, b.Version, b.Path)
		return err
	},
	"libraries": func(t *tool, _ *kernel.Extensions, b *kext.Bundle) error {
		for _, d := range b.Libraries {
			if _, err := fmt.Fprintf(t.out, "%s = %v\n", d.ID, d.Version); err != nil {
				return err
			}
		}
		return nil
	},
	"print-diagnostics": func(t *tool, x *kernel.Extensions, b *kext.Bundle) error { return t.diagnose(x, b, false) },
}

func kmutil(t *tool) int {
	usage := func() int {
		fmt.Fprintf(t.err, "usage: kmutil %s\n", kmutilUsage)
		return 2
	}
	if len(t.args) == 0 {
		return usage()
	}
	verb := t.args[0]
	t.args = t.args[1:]
	var paths, ids list
	if !t.flags("kmutil "+verb, kmutilUsage, func(fs *flag.FlagSet) {
		fs.Var(&paths, "p", "")
		fs.Var(&ids, "b", "")
	}) {
		return 2
	}
	if verb == "showloaded" {
		return kextstat(t)
	}
	do := kmutilVerbs[verb]
	if do == nil || len(t.args) > 0 || len(paths)+len(ids) == 0 {
		return usage()
	}
	x, err := t.Sys.Extensions()
	if err != nil {
		return t.fail(err)
	}
	status := 0
	one := func(b *kext.Bundle, err error) {
		if err == nil {
			err = do(t, x, b)
		}
		if err != nil {
			status = t.fail(err)
		}
	}
	for _, p := range paths {
		one(x.Open(p))
	}
	for _, id := range ids {
		b, err := x.Find(id)
		for _, l := range x.Manager.Status() { // one that was loaded from elsewhere
			if err != nil && l.Bundle.ID == id {
				b, err = l.Bundle, nil
			}
		}
		one(b, err)
	}
	return status
}

const kmodsymsUsage = "[-k KERNEL] -o FILE {BUNDLE.kext|ID}@ADDRESS"

// kmodsyms writes the symbol file of an extension for an address: the command before
// kextload -s. The kernel is the machine's own, whatever -k names.
func kmodsyms(t *tool) int {
	var out, kernelFile string
	if !t.flags(t.name, kmodsymsUsage, func(fs *flag.FlagSet) {
		fs.StringVar(&out, "o", "", "")
		fs.StringVar(&kernelFile, "k", "", "")
	}) {
		return 2
	}
	if len(t.args) != 1 || out == "" {
		fmt.Fprintf(t.err, "usage: kmodsyms %s\n", kmodsymsUsage)
		return 2
	}
	x, err := t.Sys.Extensions()
	if err != nil {
		return t.fail(err)
	}
	i := strings.LastIndexByte(t.args[0], '@')
	if i < 0 {
		fmt.Fprintf(t.err, "usage: kmodsyms %s\n", kmodsymsUsage)
		return 2
	}
	name := t.args[0][:i]
	addr, err := strconv.ParseUint(t.args[0][i+1:], 0, 64)
	if err != nil {
		return t.fail(fmt.Errorf("kmodsyms: %q is no address", t.args[0][i+1:]))
	}
	var b *kext.Bundle
	if strings.HasPrefix(name, "/") {
		b, err = x.Open(name)
	} else {
		b, err = x.Find(name)
	}
	if err != nil {
		return t.fail(err)
	}
	files, err := x.Manager.SymbolFiles(b, map[string]uint64{b.ID: addr})
	var need *kext.AddressError
	if errors.As(err, &need) {
		return t.fail(fmt.Errorf("kmodsyms: %w: it is not loaded", err))
	}
	if err == nil {
		err = os.WriteFile(out, files[b.ID], 0o644)
	}
	if err != nil {
		return t.fail(err)
	}
	return 0
}
