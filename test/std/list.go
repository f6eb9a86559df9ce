package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sort"
	"strings"
)

// A row is one package's line in the list.
type row struct {
	pkg         string
	short, long string // pass, fail, or "-": nobody has said
	except      []string
	reason      string
}

// list is expected.tsv by package.
type list map[string]*row

const listHead = "package\tshort\tlong\texcept\treason\n"

func readList(name string) (list, error) {
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return list{}, nil
	}
	if err != nil {
		return nil, err
	}
	l := list{}
	n := 0
	for line := range strings.Lines(string(b)) {
		n++
		line = strings.TrimRight(line, "\n")
		if n == 1 || line == "" {
			continue
		}
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			return nil, fmt.Errorf("%s:%d: want 5 columns, have %d", name, n, len(f))
		}
		for _, s := range f[1:3] {
			if s != "pass" && s != "fail" && s != "-" {
				return nil, fmt.Errorf("%s:%d: %q is not pass, fail or -", name, n, s)
			}
		}
		l[f[0]] = &row{f[0], f[1], f[2], strings.Fields(f[3]), f[4]}
	}
	return l, nil
}

func (l list) write(name string) error {
	var names []string
	for p := range l {
		names = append(names, p)
	}
	sort.Strings(names)
	var b bytes.Buffer
	b.WriteString(listHead)
	for _, p := range names {
		r := l[p]
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%s\n", r.pkg, r.short, r.long, strings.Join(r.except, " "), r.reason)
	}
	return os.WriteFile(name, b.Bytes(), 0o644)
}

// set enters what happened.
func (l list) set(r *result, short bool) {
	w := l[r.Package]
	if w == nil {
		w = &row{pkg: r.Package, short: "-", long: "-"}
		l[r.Package] = w
	}
	state := "fail"
	if r.State == "pass" {
		state = "pass"
		if !short || w.long == "pass" || w.long == "-" {
			w.reason = ""
		}
	} else if w.reason == "" {
		w.reason = r.note()
		if i := strings.Index(w.reason, "; REGRESSION"); i >= 0 {
			w.reason = w.reason[:i]
		}
	}
	w.reason = strings.Map(func(c rune) rune {
		if c < ' ' {
			return ' '
		}
		return c
	}, w.reason)
	if short {
		w.short = state
	} else {
		w.long = state
	}
}

// judge compares what happened with the list.
func (r *result) judge(w *row, o *options) {
	if w == nil {
		r.Regression = r.State != "pass"
		return
	}
	if r.State == "fail" && len(r.Failed) > 0 && len(r.Unfinished) == 0 && len(w.except) > 0 && allIn(r.Failed, w.except) {
		r.State, r.Known = "pass", w.reason
		return
	}
	state := w.short
	if !o.short {
		state = w.long
	}
	switch {
	case state == "pass":
		r.Regression = r.State != "pass"
	case state == "fail" && r.State == "pass":
		r.Unexpected = o.run == "" && o.skip == ""
	case state == "fail":
		r.Known = w.reason
	}
}

func allIn(l, set []string) bool {
	for _, s := range l {
		in := false
		for _, x := range set {
			in = in || x == s
		}
		if !in {
			return false
		}
	}
	return true
}
