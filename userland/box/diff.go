//go:build darwin

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

func init() { register(map[string]tool{"diff": diff}) }

// diff compares files line by line, or directories file by file (-r): 0 when they
// are equal, 1 when not, 2 for trouble.
func diff(args []string) int {
	const use = "[-abBiNqrsuw] [-U lines] [-L label] file1 file2"
	d := &differ{cmd: cmd{name: "diff"}, context: -1}
	// -L may come twice, which getopt's table does not hold.
	var rest []string
	for i := 0; i < len(args); i++ {
		if a := args[i]; (a == "-L" || a == "--label") && i+1 < len(args) {
			i++
			d.labels = append(d.labels, args[i])
		} else {
			rest = append(rest, a)
		}
	}
	o, ok := getopt(rest, "abNqrsuU:iw", use)
	if !ok {
		return 2
	}
	if len(o.args) != 2 {
		usage("diff", use)
		return 2
	}
	d.options = o
	if o.has('u') {
		d.context = 3
	}
	if o.has('U') {
		if _, err := fmt.Sscan(o.value['U'], &d.context); err != nil || d.context < 0 {
			d.fail("invalid context length '%s'", o.value['U'])
			return 2
		}
	}
	a, b := o.args[0], o.args[1]
	sa, ea := os.Stat(a)
	sb, eb := os.Stat(b)
	switch {
	case ea == nil && eb == nil && sa.IsDir() && sb.IsDir():
		d.dirs(a, b)
		return d.result()
	case ea == nil && sa.IsDir():
		a = filepath.Join(a, filepath.Base(b))
	case eb == nil && sb.IsDir():
		b = filepath.Join(b, filepath.Base(a))
	}
	d.files(a, b, "")
	return d.result()
}

type differ struct {
	cmd
	options
	labels  []string
	context int
	differs bool
}

func (d *differ) result() int {
	switch {
	case d.status != 0:
		return 2
	case d.differs:
		return 1
	}
	return 0
}

func (d *differ) dirs(a, b string) {
	names := map[string]int{}
	for i, dir := range []string{a, b} {
		l, err := os.ReadDir(dir)
		if err != nil {
			d.warn(dir, err)
			return
		}
		for _, e := range l {
			names[e.Name()] |= 1 << i
		}
	}
	var l []string
	for n := range names {
		l = append(l, n)
	}
	sort.Strings(l)
	for _, n := range l {
		pa, pb := filepath.Join(a, n), filepath.Join(b, n)
		if in := names[n]; in != 3 && !d.has('N') {
			d.differs = true
			fmt.Fprintf(out, "Only in %s: %s\n", map[int]string{1: a, 2: b}[in], n)
			continue
		}
		sa, ea := os.Stat(pa)
		sb, eb := os.Stat(pb)
		da, db := ea == nil && sa.IsDir(), eb == nil && sb.IsDir()
		switch {
		case da && db:
			if d.has('r') {
				d.dirs(pa, pb)
			} else {
				fmt.Fprintf(out, "Common subdirectories: %s and %s\n", pa, pb)
			}
		case da || db:
			d.differs = true
			kind := map[bool]string{true: "a directory", false: "a regular file"}
			fmt.Fprintf(out, "File %s is %s while file %s is %s\n", pa, kind[da], pb, kind[db])
		default:
			head := "diff"
			for _, c := range "Naru" {
				if d.has(byte(c)) {
					head += " -" + string(c)
				}
			}
			d.files(pa, pb, fmt.Sprintf("%s %s %s\n", head, pa, pb))
		}
	}
}

// read gives a file's text; with -N one that is not there is empty.
func (d *differ) read(name string) (string, bool) {
	if name == "-" {
		b, err := io.ReadAll(os.Stdin)
		if err != nil {
			d.warn(name, err)
		}
		return string(b), err == nil
	}
	b, err := os.ReadFile(name)
	if os.IsNotExist(err) && d.has('N') {
		return "", true
	}
	if err != nil {
		d.warn(name, err)
	}
	return string(b), err == nil
}

func (d *differ) files(a, b, head string) {
	ta, oka := d.read(a)
	tb, okb := d.read(b)
	if !oka || !okb {
		return
	}
	la, lb := strings.SplitAfter(ta, "\n"), strings.SplitAfter(tb, "\n")
	trim := func(l []string) []string {
		if l[len(l)-1] == "" {
			l = l[:len(l)-1]
		}
		return l
	}
	la, lb = trim(la), trim(lb)
	key := func(l []string) []string {
		if !d.has('i') && !d.has('w') && !d.has('b') {
			return l
		}
		k := make([]string, len(l))
		for i, s := range l {
			if d.has('w') {
				s = strings.Join(strings.Fields(s), "")
			} else if d.has('b') {
				s = strings.Join(strings.Fields(s), " ")
			}
			if d.has('i') {
				s = strings.ToLower(s)
			}
			k[i] = s
		}
		return k
	}
	edits := lineEdits(key(la), key(lb))
	if len(edits) == 0 {
		if d.has('s') {
			fmt.Fprintf(out, "Files %s and %s are identical\n", a, b)
		}
		return
	}
	d.differs = true
	binary := strings.IndexByte(ta, 0) >= 0 || strings.IndexByte(tb, 0) >= 0
	switch {
	case d.has('q'):
		fmt.Fprintf(out, "Files %s and %s differ\n", a, b)
	case binary && !d.has('a'):
		fmt.Fprintf(out, "Binary files %s and %s differ\n", a, b)
	case d.context >= 0:
		out.WriteString(head)
		for i, n := range []string{a, b} {
			label := n
			if st, err := os.Stat(n); err == nil {
				label += "\t" + st.ModTime().Format("2006-01-02 15:04:05.000000000 -0700")
			}
			if i < len(d.labels) {
				label = d.labels[i]
			}
			fmt.Fprintf(out, "%s %s\n", []string{"---", "+++"}[i], label)
		}
		d.unified(la, lb, edits)
	default:
		out.WriteString(head)
		normalDiff(la, lb, edits)
	}
}

// edit replaces lines [a0,a1) of the first file by [b0,b1) of the second.
type edit struct{ a0, a1, b0, b1 int }

// lineEdits finds the shortest list of edits (Myers, 1986); very different files
// become one edit between what they have in common at both ends.
func lineEdits(a, b []string) (l []edit) {
	pre := 0
	for pre < len(a) && pre < len(b) && a[pre] == b[pre] {
		pre++
	}
	post := 0
	for post < len(a)-pre && post < len(b)-pre && a[len(a)-1-post] == b[len(b)-1-post] {
		post++
	}
	x, y := a[pre:len(a)-post], b[pre:len(b)-post]
	if len(x) == 0 && len(y) == 0 {
		return nil
	}
	const most = 2000 // edits; the table grows by their square
	limit := min(len(x)+len(y), most)
	v := make([]int, 2*limit+3)
	var trace [][]int
	found := false
search:
	for d := 0; d <= limit; d++ {
		trace = append(trace, append([]int(nil), v[limit+1-d:limit+2+d]...))
		for k := -d; k <= d; k += 2 {
			i := limit + 1 + k
			at := v[i-1] + 1
			if k == -d || k != d && v[i-1] < v[i+1] {
				at = v[i+1]
			}
			for at < len(x) && at-k < len(y) && x[at] == y[at-k] {
				at++
			}
			v[i] = at
			if at >= len(x) && at-k >= len(y) {
				found = true
				break search
			}
		}
	}
	if !found {
		return []edit{{pre, len(a) - post, pre, len(b) - post}}
	}
	px, py := len(x), len(y)
	for d := len(trace) - 1; d > 0; d-- {
		w := trace[d] // what the round before d knew: w[k+d]
		k := px - py
		down := k == -d || k != d && w[k-1+d] < w[k+1+d]
		pk := k - 1
		if down {
			pk = k + 1
		}
		sx := w[pk+d]
		sy := sx - pk
		e := edit{sx + pre, sx + pre + 1, sy + pre, sy + pre}
		if down {
			e = edit{sx + pre, sx + pre, sy + pre, sy + pre + 1}
		}
		if n := len(l); n > 0 && e.a1 == l[n-1].a0 && e.b1 == l[n-1].b0 {
			l[n-1].a0, l[n-1].b0 = e.a0, e.b0
		} else {
			l = append(l, e)
		}
		px, py = sx, sy
	}
	for i, j := 0, len(l)-1; i < j; i, j = i+1, j-1 {
		l[i], l[j] = l[j], l[i]
	}
	return l
}

func diffLine(mark, s string) {
	out.WriteString(mark + s)
	if !strings.HasSuffix(s, "\n") {
		out.WriteString("\n\\ No newline at end of file\n")
	}
}

func normalDiff(a, b []string, l []edit) {
	span := func(from, to int) string {
		if to-from <= 1 {
			return fmt.Sprint(to)
		}
		return fmt.Sprintf("%d,%d", from+1, to)
	}
	for _, e := range l {
		op := "c"
		if e.a0 == e.a1 {
			op = "a"
		} else if e.b0 == e.b1 {
			op = "d"
		}
		fmt.Fprintf(out, "%s%s%s\n", span(e.a0, e.a1), op, span(e.b0, e.b1))
		for _, s := range a[e.a0:e.a1] {
			diffLine("< ", s)
		}
		if op == "c" {
			fmt.Fprintln(out, "---")
		}
		for _, s := range b[e.b0:e.b1] {
			diffLine("> ", s)
		}
	}
}

func (d *differ) unified(a, b []string, l []edit) {
	n := d.context
	span := func(from, to int) string {
		switch to - from {
		case 0:
			return fmt.Sprintf("%d,0", from)
		case 1:
			return fmt.Sprint(to)
		}
		return fmt.Sprintf("%d,%d", from+1, to-from)
	}
	for len(l) > 0 {
		k := 1
		for k < len(l) && l[k].a0-l[k-1].a1 <= 2*n {
			k++
		}
		hunk := l[:k]
		l = l[k:]
		last := hunk[k-1]
		a0, a1 := max(hunk[0].a0-n, 0), min(last.a1+n, len(a))
		b0, b1 := max(hunk[0].b0-n, 0), min(last.b1+n, len(b))
		fmt.Fprintf(out, "@@ -%s +%s @@\n", span(a0, a1), span(b0, b1))
		at := a0
		for _, e := range hunk {
			for ; at < e.a0; at++ {
				diffLine(" ", a[at])
			}
			for ; at < e.a1; at++ {
				diffLine("-", a[at])
			}
			for _, s := range b[e.b0:e.b1] {
				diffLine("+", s)
			}
		}
		for ; at < a1; at++ {
			diffLine(" ", a[at])
		}
	}
}
