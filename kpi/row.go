package kpi

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"

	"puggle/kext"
)

// Row is one symbol that kernel code may use.
type Row struct {
	Name   string // in C
	Header string
	Proto  string
	Since  string // "1990", "2002", "2006": the generation that has it first
	KPI    string // identifiers that offer it: "bsd", "mach libkern", "next" ...
	// Handler answers the call. Nil: the runtime (rt/) has code or data of this
	// name, or, with None, nothing.
	Handler func(c *Call) uint64
	Data    bool
	None    bool   // known, and not offered
	Note    string // what is partial
}

// Symbol is the linker's name.
func (r *Row) Symbol() string { return "_" + r.Name }

// How says how a row is offered.
func (r *Row) How() string {
	switch {
	case r.None:
		return "no"
	case r.Handler != nil:
		return "call"
	case r.Data:
		return "data"
	}
	return "code"
}

// table has all rows; the parts are in table_*.go and next_*.go. A row's index is its
// call number less one.
var table = make([]Row, 0, 1024)

// byName finds rows by linker symbol. It is made when first asked for: most machines
// load no kernel code.
var byName = sync.OnceValue(func() map[string]int {
	m := make(map[string]int, len(table))
	for i := range table {
		name := table[i].Symbol()
		if _, twice := m[name]; twice {
			panic("kpi: two rows for " + name)
		}
		m[name] = i
	}
	return m
})

// register adds rows: at the initialisation of the package only.
func register(header, since, kpi string, rows []Row) {
	for _, r := range rows {
		if r.Header == "" {
			r.Header = header
		}
		if r.Since == "" {
			r.Since = since
		}
		if r.KPI == "" {
			r.KPI = kpi
		}
		table = append(table, r)
	}
}

// Table is a copy of the table, by name.
func Table() []Row {
	l := append([]Row(nil), table...)
	sort.SliceStable(l, func(i, j int) bool { return l[i].Name < l[j].Name })
	return l
}

// Print writes the table: what `puggle kpi` prints.
func Print(w io.Writer) error {
	n := map[string]int{}
	for _, r := range Table() {
		n[r.How()]++
		line := fmt.Sprintf("%-36s %-4s %-4s %-18s <%s>  %s", r.Name, r.How(), r.Since, r.KPI, r.Header, r.Proto)
		if r.Note != "" {
			line += "  [" + r.Note + "]"
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d symbols: %d calls, %d in guest code, %d variables; %d not offered\n",
		len(table)-n["no"], n["call"], n["code"], n["data"], n["no"])
	return err
}

// The identifiers by which bundles depend on the KPI, and what rows they show.
// com.apple.kernel.* is the older generation's spelling; com.apple.kernel alone
// shows everything.
var identifiers = map[string]struct {
	tag             string
	version, compat string
}{
	"com.apple.kpi.bsd":         {"bsd", "22.6.0", "8.0.0"},
	"com.apple.kpi.mach":        {"mach", "22.6.0", "8.0.0"},
	"com.apple.kpi.libkern":     {"libkern", "22.6.0", "8.0.0"},
	"com.apple.kpi.iokit":       {"iokit", "22.6.0", "8.0.0"},
	"com.apple.kpi.unsupported": {"unsupported", "22.6.0", "8.0.0"},
	"com.apple.kernel.bsd":      {"bsd", "7.9.9", "1.1"},
	"com.apple.kernel.mach":     {"mach", "7.9.9", "1.1"},
	"com.apple.kernel.libkern":  {"libkern", "7.9.9", "1.1"},
	"com.apple.kernel.iokit":    {"iokit", "7.9.9", "1.1"},
	"com.apple.kernel":          {"", "7.9.9", "1.1"},
	"com.next.kernel":           {"", "3.3.0", "1.0"},
}

// KPI is kext.Provider's.
func (k *KernelTask) KPI(id string) (version, compatible kext.Version, ok bool) {
	i, ok := identifiers[id]
	if !ok {
		return 0, 0, false
	}
	v, err := kext.ParseVersion(i.version)
	c, err2 := kext.ParseVersion(i.compat)
	return v, c, err == nil && err2 == nil
}

// Symbol is kext.Kernel's: the address of a symbol in what an identifier offers.
func (k *KernelTask) Symbol(id, name string) (uint64, bool) {
	i, ok := identifiers[id]
	if !ok {
		return 0, false
	}
	return k.lookup(i.tag, name)
}

// Resolve finds a symbol in the whole KPI: for kernel servers, which are linked
// against the kernel as such.
func (k *KernelTask) Resolve(name string) (uint64, bool) { return k.lookup("", name) }

func (k *KernelTask) lookup(tag, name string) (uint64, bool) {
	n, ok := byName()[name]
	if !ok {
		if tag == "" || tag == "iokit" || tag == "libkern" {
			return k.ioSymbol(name)
		}
		return 0, false
	}
	r := &table[n]
	if r.None || tag != "" && !hasTag(r.KPI, tag) {
		return 0, false
	}
	if r.Handler != nil {
		return uint64(k.stubAddr(n)), true
	}
	if name == "_time" {
		k.timeOnce.Do(k.keepTime)
	}
	s, ok := k.rt.Lookup(name)
	return s.Addr, ok
}

func hasTag(list, tag string) bool {
	if list == "all" {
		return true
	}
	for _, t := range strings.Fields(list) {
		if t == tag {
			return true
		}
	}
	return false
}
