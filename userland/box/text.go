//go:build darwin

package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"mvdan.cc/sh/v3/expand"
)

func init() {
	register(map[string]tool{
		"head": head, "tail": tail, "wc": wc, "sort": sortLines, "uniq": uniq, "cut": cut,
		"tr": tr, "seq": seq, "rev": rev, "printf": printf, "cmp": cmpFiles,
	})
}

// lines calls f with each line without its newline, until it gives false.
func lines(r io.Reader, f func(string) bool) error {
	b := bufio.NewReaderSize(r, 64<<10)
	for {
		l, err := b.ReadString('\n')
		if l != "" && !f(strings.TrimSuffix(l, "\n")) {
			return nil
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// oldCount turns "-5" into "-n", "5".
func oldCount(args []string) []string {
	if len(args) > 1 && len(args[1]) > 1 && args[1][0] == '-' && args[1][1] >= '0' && args[1][1] <= '9' {
		return append([]string{args[0], "-n", args[1][1:]}, args[2:]...)
	}
	return args
}

func head(args []string) int {
	o, ok := getopt(oldCount(args), "n:c:q", "[-n lines | -c bytes] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "head"}
	count, flag := int64(10), byte('n')
	if o.has('c') {
		flag = 'c'
	}
	if o.has(flag) {
		n, err := strconv.ParseInt(o.value[flag], 10, 64)
		if err != nil || n < 0 {
			return c.fail("illegal count -- %s", o.value[flag])
		}
		count = n
	}
	first := true
	c.inputs(o.args, func(name string, in *os.File) error {
		if len(o.args) > 1 && !o.has('q') {
			if !first {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "==> %s <==\n", name)
		}
		first = false
		if flag == 'c' {
			_, err := io.CopyN(out, in, count)
			if err == io.EOF {
				err = nil
			}
			return err
		}
		left := count
		r := bufio.NewReader(in)
		for ; left > 0; left-- {
			l, err := r.ReadBytes('\n')
			out.Write(l)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return c.status
}

func tail(args []string) int {
	o, ok := getopt(oldCount(args), "n:c:fFq", "[-fFq] [-n lines | -c bytes] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "tail"}
	count, flag := "10", byte('n')
	if o.has('c') {
		flag = 'c'
	}
	if o.has(flag) {
		count = o.value[flag]
	}
	fromStart := strings.HasPrefix(count, "+")
	n, err := strconv.Atoi(strings.TrimLeft(count, "+-"))
	if err != nil {
		return c.fail("illegal offset -- %s", count)
	}
	first := true
	c.inputs(o.args, func(name string, in *os.File) error {
		if len(o.args) > 1 && !o.has('q') {
			if !first {
				fmt.Fprintln(out)
			}
			fmt.Fprintf(out, "==> %s <==\n", name)
		}
		first = false
		data, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		out.Write(data[tailAt(data, n, flag == 'n', fromStart):])
		if o.has('f') || o.has('F') {
			out.Flush()
			return follow(in)
		}
		return nil
	})
	return c.status
}

func tailAt(data []byte, n int, byLines, fromStart bool) int {
	switch {
	case !byLines && fromStart:
		return min(max(n-1, 0), len(data))
	case !byLines:
		return max(len(data)-n, 0)
	case fromStart:
		at := 0
		for ; n > 1; n-- {
			i := bytes.IndexByte(data[at:], '\n')
			if i < 0 {
				return len(data)
			}
			at += i + 1
		}
		return at
	}
	at := len(data)
	if n == 0 {
		return at
	}
	if at > 0 && data[at-1] == '\n' {
		at--
	}
	for ; n > 0; n-- {
		i := bytes.LastIndexByte(data[:at], '\n')
		if i < 0 {
			return 0
		}
		at = i
	}
	return at + 1
}

func wc(args []string) int {
	o, ok := getopt(args, "clmw", "[-clmw] [file ...]")
	if !ok {
		return 1
	}
	if len(o.order) == 0 {
		o.set['l'], o.set['w'], o.set['c'] = true, true, true
	}
	c := &cmd{name: "wc"}
	var sum [4]int64
	show := func(n [4]int64, name string) {
		for i, f := range []byte("lwcm") {
			if o.has(f) {
				fmt.Fprintf(out, " %7d", n[i])
			}
		}
		if name != "" {
			name = " " + name
		}
		fmt.Fprintln(out, name)
	}
	c.inputs(o.args, func(name string, in *os.File) error {
		var n [4]int64
		buf := make([]byte, 64<<10)
		word := false
		for {
			k, err := in.Read(buf)
			for _, b := range buf[:k] {
				space := b == ' ' || b >= 9 && b <= 13
				if b == '\n' {
					n[0]++
				}
				if !space && !word {
					n[1]++
				}
				word = !space
				if utf8.RuneStart(b) {
					n[3]++
				}
			}
			n[2] += int64(k)
			if err == io.EOF {
				break
			}
			if err != nil {
				return err
			}
		}
		for i := range n {
			sum[i] += n[i]
		}
		if len(o.args) == 0 {
			name = ""
		}
		show(n, name)
		return nil
	})
	if len(o.args) > 1 {
		show(sum, "total")
	}
	return c.status
}

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

// ranges parses "1,3-5,7-".
func ranges(list string) (in func(int) bool, ok bool) {
	var r [][2]int
	for _, part := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
		a, b, dash := strings.Cut(part, "-")
		lo, hi := 1, 1<<31
		var err error
		if a != "" {
			if lo, err = strconv.Atoi(a); err != nil || lo < 1 {
				return nil, false
			}
		}
		if !dash {
			hi = lo
		} else if b != "" {
			if hi, err = strconv.Atoi(b); err != nil || hi < lo {
				return nil, false
			}
		}
		r = append(r, [2]int{lo, hi})
	}
	return func(n int) bool {
		for _, x := range r {
			if n >= x[0] && n <= x[1] {
				return true
			}
		}
		return false
	}, len(r) > 0
}

func cut(args []string) int {
	o, ok := getopt(args, "b:c:d:f:sn", "-b list | -c list | -f list [-s] [-d delim] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "cut"}
	in, ok := ranges(o.value['b'] + o.value['c'] + o.value['f'])
	if !ok {
		return c.fail("[-bcf] list: illegal list value")
	}
	delim := "\t"
	if o.has('d') {
		delim = o.value['d']
	}
	c.inputs(o.args, func(_ string, f *os.File) error {
		return lines(f, func(l string) bool {
			var parts []string
			sep := ""
			switch {
			case o.has('f'):
				if !strings.Contains(l, delim) {
					if !o.has('s') {
						fmt.Fprintln(out, l)
					}
					return true
				}
				parts, sep = strings.Split(l, delim), delim
			case o.has('c'):
				parts = strings.Split(l, "")
			default:
				for i := range len(l) {
					parts = append(parts, l[i:i+1])
				}
			}
			var keep []string
			for i, p := range parts {
				if in(i + 1) {
					keep = append(keep, p)
				}
			}
			fmt.Fprintln(out, strings.Join(keep, sep))
			return true
		})
	})
	return c.status
}

var trClasses = map[string]func(byte) bool{
	"alpha":  func(b byte) bool { return b|32 >= 'a' && b|32 <= 'z' },
	"digit":  func(b byte) bool { return b >= '0' && b <= '9' },
	"alnum":  func(b byte) bool { return b|32 >= 'a' && b|32 <= 'z' || b >= '0' && b <= '9' },
	"upper":  func(b byte) bool { return b >= 'A' && b <= 'Z' },
	"lower":  func(b byte) bool { return b >= 'a' && b <= 'z' },
	"space":  func(b byte) bool { return b == ' ' || b >= 9 && b <= 13 },
	"blank":  func(b byte) bool { return b == ' ' || b == 9 },
	"punct":  func(b byte) bool { return b > 32 && b < 127 && !(b|32 >= 'a' && b|32 <= 'z' || b >= '0' && b <= '9') },
	"cntrl":  func(b byte) bool { return b < 32 || b == 127 },
	"print":  func(b byte) bool { return b >= 32 && b < 127 },
	"graph":  func(b byte) bool { return b > 32 && b < 127 },
	"xdigit": func(b byte) bool { return b >= '0' && b <= '9' || b|32 >= 'a' && b|32 <= 'f' },
}

// trSet expands a string of tr: ranges, classes, escapes. Bytes, not characters.
func trSet(s string) []byte {
	var set []byte
	next := func() byte {
		b := s[0]
		s = s[1:]
		if b != '\\' || s == "" {
			return b
		}
		b = s[0]
		if b >= '0' && b <= '7' {
			n := 0
			for i := 0; i < 3 && s != "" && s[0] >= '0' && s[0] <= '7'; i++ {
				n = n*8 + int(s[0]-'0')
				s = s[1:]
			}
			return byte(n)
		}
		s = s[1:]
		if i := strings.IndexByte("abfnrtv", b); i >= 0 {
			return "\a\b\f\n\r\t\v"[i]
		}
		return b
	}
	for s != "" {
		if strings.HasPrefix(s, "[:") {
			if name, rest, ok := strings.Cut(s[2:], ":]"); ok && trClasses[name] != nil {
				for b := range 256 {
					if trClasses[name](byte(b)) {
						set = append(set, byte(b))
					}
				}
				s = rest
				continue
			}
		}
		lo := next()
		if len(s) >= 2 && s[0] == '-' {
			s = s[1:]
			hi := next()
			for b := int(lo); b <= int(hi); b++ {
				set = append(set, byte(b))
			}
			continue
		}
		set = append(set, lo)
	}
	return set
}

func tr(args []string) int {
	o, ok := getopt(args, "Ccdsu", "[-Ccsu] string1 string2 | [-Ccu] -d string1 | [-Ccu] -s string1")
	if !ok {
		return 1
	}
	need := 2
	if o.has('d') != o.has('s') {
		need = 1
	}
	if len(o.args) < need || len(o.args) > 2 {
		return usage("tr", "[-Ccsu] string1 string2")
	}
	one := trSet(o.args[0])
	if o.has('c') || o.has('C') {
		var rest []byte
		for b := range 256 {
			if bytes.IndexByte(one, byte(b)) < 0 {
				rest = append(rest, byte(b))
			}
		}
		one = rest
	}
	var two []byte
	if len(o.args) > 1 {
		two = trSet(o.args[1])
	}
	var to [256]int
	var squeeze [256]bool
	for b := range to {
		to[b] = b
	}
	if o.has('d') {
		for _, b := range one {
			to[b] = -1
		}
	} else if len(two) > 0 {
		for i := len(one) - 1; i >= 0; i-- {
			to[one[i]] = int(two[min(i, len(two)-1)])
		}
	}
	if o.has('s') {
		last := two
		if len(o.args) == 1 {
			last = one
		}
		for _, b := range last {
			squeeze[b] = true
		}
	}
	prev := -1
	buf := make([]byte, 64<<10)
	for {
		n, err := readFd(0, buf)
		if n <= 0 || err != nil {
			return 0
		}
		res := buf[:0]
		for _, b := range buf[:n] {
			t := to[b]
			if t < 0 || t == prev && squeeze[t] {
				continue
			}
			prev = t
			res = append(res, byte(t))
		}
		out.Write(res)
		if n < len(buf) || o.has('u') {
			out.Flush()
		}
	}
}

func seq(args []string) int {
	rest, sep, width := args[1:], "\n", false
	for len(rest) > 0 && len(rest[0]) > 1 && rest[0][0] == '-' && strings.IndexByte("sw", rest[0][1]) >= 0 {
		if rest[0] == "-w" {
			width, rest = true, rest[1:]
			continue
		}
		if sep = rest[0][2:]; sep == "" && len(rest) > 1 {
			sep, rest = rest[1], rest[1:]
		}
		rest = rest[1:]
	}
	v, digits := []float64{}, 0
	for _, a := range rest {
		f, err := strconv.ParseFloat(a, 64)
		if err != nil {
			return (&cmd{name: "seq"}).fail("invalid floating point argument: %s", a)
		}
		if _, frac, ok := strings.Cut(a, "."); ok {
			digits = max(digits, len(frac))
		}
		v = append(v, f)
	}
	first, step, last := 1.0, 1.0, 0.0
	switch len(v) {
	case 1:
		last = v[0]
	case 2:
		first, last = v[0], v[1]
	case 3:
		first, step, last = v[0], v[1], v[2]
	default:
		return usage("seq", "[-w] [-s string] [first [incr]] last")
	}
	if first > last && len(v) < 3 {
		step = -1
	}
	if step == 0 {
		return (&cmd{name: "seq"}).fail("zero increment")
	}
	w := 0
	if width {
		w = max(len(strconv.FormatFloat(first, 'f', digits, 64)), len(strconv.FormatFloat(last, 'f', digits, 64)))
	}
	for i := 0; ; i++ {
		x := first + float64(i)*step
		if step > 0 && x > last+1e-9 || step < 0 && x < last-1e-9 {
			break
		}
		fmt.Fprintf(out, "%0*.*f%s", w, digits, x, sep)
	}
	if sep != "\n" {
		fmt.Fprintln(out)
	}
	return 0
}

func rev(args []string) int {
	c := &cmd{name: "rev"}
	c.inputs(args[1:], func(_ string, in *os.File) error {
		return lines(in, func(l string) bool {
			r := []rune(l)
			for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
				r[i], r[j] = r[j], r[i]
			}
			fmt.Fprintln(out, string(r))
			return true
		})
	})
	return c.status
}

func printf(args []string) int {
	if len(args) > 1 && args[1] == "--" {
		args = args[1:]
	}
	if len(args) < 2 {
		return usage("printf", "format [arguments ...]")
	}
	format, rest := args[1], args[2:]
	for {
		s, n, err := expand.Format(nil, format, rest)
		if err != nil {
			return (&cmd{name: "printf"}).fail("%v", err)
		}
		out.WriteString(s)
		rest = rest[min(n, len(rest)):]
		if n == 0 || len(rest) == 0 {
			return 0
		}
	}
}

func cmpFiles(args []string) int {
	o, ok := getopt(args, "ls", "[-ls] file1 file2")
	if !ok || len(o.args) < 2 {
		usage("cmp", "[-ls] file1 file2")
		return 2
	}
	c := &cmd{name: "cmp"}
	var r [2]*bufio.Reader
	for i, n := range o.args[:2] {
		f := os.Stdin
		if n != "-" {
			var err error
			if f, err = os.Open(n); err != nil {
				c.warn(n, err)
				return 2
			}
		}
		r[i] = bufio.NewReaderSize(f, 64<<10)
	}
	line, status := 1, 0
	for at := 1; ; at++ {
		a, e1 := r[0].ReadByte()
		b, e2 := r[1].ReadByte()
		switch {
		case e1 != nil && e2 != nil:
			return status
		case e1 != nil || e2 != nil:
			short := o.args[0]
			if e2 != nil {
				short = o.args[1]
			}
			if !o.has('s') {
				c.fail("EOF on %s", short)
			}
			return 1
		case a != b && o.has('l'):
			fmt.Fprintf(out, "%6d %3o %3o\n", at, a, b)
			status = 1
		case a != b:
			if !o.has('s') {
				fmt.Fprintf(out, "%s %s differ: char %d, line %d\n", o.args[0], o.args[1], at, line)
			}
			return 1
		}
		if a == '\n' {
			line++
		}
	}
}

// follow copies what is added to a file, for ever.
func follow(in *os.File) error {
	for {
		if err := copyFd(1, int(in.Fd())); err != nil {
			return err
		}
		time.Sleep(250 * time.Millisecond)
	}
}
