//go:build darwin

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

func init() { register(map[string]tool{"grep": grep, "egrep": grep, "fgrep": grep}) }

func grep(args []string) int {
	const use = "[-EFHLRchilnoqrsvwx] [-A num] [-B num] [-C num] [-m num] [-e pattern] [-f file] [pattern] [file ...]"
	o, ok := getopt(args, "A:B:C:EFGHILRace:f:hilm:noqrsvwx", use)
	if !ok {
		return 2
	}
	c := &cmd{name: "grep"}
	var patterns []string
	if o.has('e') {
		for i := 1; i < len(args); i++ { // it may be repeated
			if v, ok := strings.CutPrefix(args[i], "-e"); ok {
				if v == "" && i+1 < len(args) {
					i++
					v = args[i]
				}
				patterns = append(patterns, v)
			}
		}
		if len(patterns) == 0 {
			patterns = []string{o.value['e']}
		}
	}
	if o.has('f') {
		data, err := os.ReadFile(o.value['f'])
		if err != nil {
			c.warn(o.value['f'], err)
			return 2
		}
		patterns = append(patterns, strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")...)
	}
	files := o.args
	if !o.has('e') && !o.has('f') {
		if len(files) == 0 {
			usage("grep", use)
			return 2
		}
		patterns, files = strings.Split(files[0], "\n"), files[1:]
	}
	for i, p := range patterns {
		switch {
		case o.has('F') || filepath.Base(args[0]) == "fgrep":
			p = regexp.QuoteMeta(p)
		case o.has('E') || filepath.Base(args[0]) == "egrep":
			p = extendedToGo(p)
		default:
			p = basicToGo(p)
		}
		if o.has('w') {
			p = `\b(?:` + p + `)\b`
		}
		if o.has('x') {
			p = `^(?:` + p + `)$`
		}
		patterns[i] = "(?:" + p + ")"
	}
	expr := strings.Join(patterns, "|")
	if o.has('i') {
		expr = "(?i)" + expr
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		c.fail("%v", err)
		return 2
	}
	num := func(f byte, d int) int {
		if o.has(f) {
			if n, err := strconv.Atoi(o.value[f]); err == nil {
				return n
			}
		}
		return d
	}
	g := &grepper{o: &o, re: re, most: num('m', 1<<62), before: num('B', num('C', 0)), after: num('A', num('C', 0))}
	recurse := o.has('r') || o.has('R')
	if recurse && len(files) == 0 {
		files = []string{"."}
	}
	g.names = (len(files) > 1 || recurse || o.has('H')) && !o.has('h')
	open := func(names ...string) {
		c.inputs(names, func(n string, in *os.File) error {
			if n == "-" {
				n = "(standard input)"
			}
			data, err := readAllFd(int(in.Fd()))
			if err == nil {
				g.file(n, data)
			}
			return err
		})
	}
	if !recurse {
		open(files...)
	} else {
		for _, f := range files {
			filepath.WalkDir(f, func(p string, d fs.DirEntry, err error) error {
				if err != nil {
					c.warn(p, err)
				} else if d.Type().IsRegular() {
					open(p)
				}
				return nil
			})
		}
	}
	switch {
	case g.found && (c.status == 0 || o.has('q')):
		return 0
	case c.status != 0:
		return 2
	}
	return 1
}

type grepper struct {
	o                   *options
	re                  *regexp.Regexp
	names, found        bool
	most, before, after int
}

func (g *grepper) file(name string, data []byte) {
	o := g.o
	binary := bytes.IndexByte(data, 0) >= 0 && !o.has('a')
	if binary && o.has('I') {
		return
	}
	ls := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	if len(data) == 0 {
		ls = nil
	}
	count, last, show := 0, -1, 0
	print := func(i int, sep, text string) {
		if g.names {
			fmt.Fprint(out, name, sep)
		}
		if o.has('n') {
			fmt.Fprint(out, i+1, sep)
		}
		fmt.Fprintln(out, text)
		last = i
	}
	for i, l := range ls {
		hit := g.re.MatchString(l) != o.has('v')
		if hit && count < g.most {
			count++
			g.found = true
			switch {
			case o.has('q') || o.has('c') || o.has('l') || o.has('L'):
			case binary:
				fmt.Fprintf(out, "Binary file %s matches\n", name)
				return
			case o.has('o'):
				for _, m := range g.re.FindAllString(l, -1) {
					if m != "" {
						print(i, ":", m)
					}
				}
			default:
				from := max(i-g.before, last+1)
				if (g.before > 0 || g.after > 0) && last >= 0 && from > last+1 {
					fmt.Fprintln(out, "--")
				}
				for j := from; j < i; j++ {
					print(j, "-", ls[j])
				}
				print(i, ":", l)
				show = g.after
			}
		} else if show > 0 {
			show--
			print(i, "-", l)
		}
		if count >= g.most && show == 0 || o.has('q') && g.found {
			break
		}
	}
	switch {
	case o.has('q'):
	case o.has('l') && count > 0, o.has('L') && count == 0:
		fmt.Fprintln(out, name)
	case o.has('c') && !o.has('l') && !o.has('L'):
		if g.names {
			fmt.Fprint(out, name, ":")
		}
		fmt.Fprintln(out, count)
	}
}
