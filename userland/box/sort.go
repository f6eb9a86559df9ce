//go:build darwin

package main

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
)

func sortLines(args []string) int {
	o, ok := getopt(args, "bcfk:no:rst:u", "[-bcfnrsu] [-k field[,field]] [-t char] [-o output] [file ...]")
	if !ok {
		return 2
	}
	c := &cmd{name: "sort"}
	var all []string
	c.inputs(o.args, func(_ string, in *os.File) error {
		return lines(in, func(l string) bool { all = append(all, l); return true })
	})
	from, to := 0, 0
	numeric, reverse, fold := o.has('n'), o.has('r'), o.has('f')
	if k := o.value['k']; k != "" {
		for _, f := range []struct {
			c byte
			b *bool
		}{{'n', &numeric}, {'r', &reverse}, {'f', &fold}} {
			if strings.IndexByte(k, f.c) >= 0 {
				*f.b = true
			}
		}
		a, b, _ := strings.Cut(k, ",")
		var err error
		if from, err = strconv.Atoi(strings.TrimRight(a, "nrfb")); err != nil || from < 1 {
			return c.fail("%s: only -k field[,field] is known", k)
		}
		if b = strings.TrimRight(b, "nrfb"); b != "" {
			if to, err = strconv.Atoi(b); err != nil {
				return c.fail("%s: only -k field[,field] is known", k)
			}
		}
	}
	key := func(s string) string {
		if from > 0 {
			var f []string
			sep := " "
			if o.has('t') {
				sep = o.value['t']
				f = strings.Split(s, sep)
			} else {
				f = strings.Fields(s)
			}
			end := len(f)
			if to > 0 {
				end = min(to, end)
			}
			s = ""
			if from <= end {
				s = strings.Join(f[from-1:end], sep)
			}
		}
		if o.has('b') || numeric {
			s = strings.TrimLeft(s, " \t")
		}
		if fold {
			s = strings.ToUpper(s)
		}
		return s
	}
	compare := func(a, b string) int {
		x, y := key(a), key(b)
		r := strings.Compare(x, y)
		if numeric {
			r = 0
			if i, j := leadingNumber(x), leadingNumber(y); i < j {
				r = -1
			} else if i > j {
				r = 1
			}
		}
		if reverse {
			r = -r
		}
		return r
	}
	less := func(i, j int) bool {
		r := compare(all[i], all[j])
		if r == 0 && !o.has('s') && !o.has('u') {
			if r = strings.Compare(all[i], all[j]); o.has('r') {
				r = -r
			}
		}
		return r < 0
	}
	if o.has('c') {
		for i := 1; i < len(all); i++ {
			if r := compare(all[i-1], all[i]); r > 0 || r == 0 && o.has('u') {
				return c.fail("disorder: %s", all[i])
			}
		}
		return c.status
	}
	sort.SliceStable(all, less)
	w := out
	if o.has('o') {
		f, err := os.Create(o.value['o'])
		if err != nil {
			c.warn(o.value['o'], err)
			return 2
		}
		w = bufio.NewWriter(f)
		defer w.Flush()
	}
	for i, l := range all {
		if o.has('u') && i > 0 && compare(all[i-1], l) == 0 {
			continue
		}
		w.WriteString(l)
		w.WriteByte('\n')
	}
	if c.status != 0 {
		return 2
	}
	return 0
}

func leadingNumber(s string) float64 {
	i := 0
	for i < len(s) && (s[i] >= '0' && s[i] <= '9' || s[i] == '.' || i == 0 && s[i] == '-') {
		i++
	}
	f, _ := strconv.ParseFloat(s[:i], 64)
	return f
}

func uniq(args []string) int {
	o, ok := getopt(args, "cdiu", "[-cdiu] [input [output]]")
	if !ok {
		return 1
	}
	c := &cmd{name: "uniq"}
	w := out
	if len(o.args) > 1 {
		f, err := os.Create(o.args[1])
		if err != nil {
			c.warn(o.args[1], err)
			return 1
		}
		w = bufio.NewWriter(f)
		defer w.Flush()
		o.args = o.args[:1]
	}
	n, prev := 0, ""
	flush := func() {
		if n == 0 || o.has('d') && n == 1 || o.has('u') && n > 1 {
			return
		}
		if o.has('c') {
			fmt.Fprintf(w, "%4d ", n)
		}
		fmt.Fprintln(w, prev)
	}
	c.inputs(o.args, func(_ string, in *os.File) error {
		return lines(in, func(l string) bool {
			if n > 0 && (l == prev || o.has('i') && strings.EqualFold(l, prev)) {
				n++
				return true
			}
			flush()
			n, prev = 1, l
			return true
		})
	})
	flush()
	return c.status
}
