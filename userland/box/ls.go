//go:build darwin

package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func init() { register(map[string]tool{"ls": ls, "find": find, "stat": stat}) }

type listed struct {
	name, path string
	fs.FileInfo
	st *syscall.Stat_t
}

func list(name, path string) (*listed, error) {
	fi, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	return &listed{name, path, fi, fi.Sys().(*syscall.Stat_t)}, nil
}

// ls prints one name a line, or -l; columns are for eyes, and -C is not here.
func ls(args []string) int {
	o, ok := getopt(args, "1AaCFGLRSTacdfghiklmnoprstux", "[-1AaFLRSTdfghiklnoprstu] [file ...]")
	if !ok {
		return 1
	}
	c := &cmd{name: "ls"}
	names := o.args
	if len(names) == 0 {
		names = []string{"."}
	}
	var files, dirs []*listed
	for _, n := range names {
		f, err := list(n, n)
		if err != nil {
			c.warn(n, err)
			continue
		}
		isDir := f.IsDir()
		if f.Mode()&fs.ModeSymlink != 0 && !o.has('l') && !o.has('d') || o.has('L') {
			if st, err := os.Stat(n); err == nil {
				isDir = st.IsDir()
			}
		}
		if isDir && !o.has('d') {
			dirs = append(dirs, f)
		} else {
			files = append(files, f)
		}
	}
	l := &lister{c: c, o: &o}
	l.sort(files)
	l.print(files)
	l.sort(dirs)
	for i, d := range dirs {
		if len(names) > 1 {
			if i > 0 || len(files) > 0 {
				fmt.Fprintln(out)
			}
			fmt.Fprintln(out, d.path+":")
		}
		l.dir(d.path)
	}
	return c.status
}

type lister struct {
	c *cmd
	o *options
}

func (l *lister) sort(fs []*listed) {
	o := l.o
	if o.has('f') {
		return
	}
	sort.SliceStable(fs, func(i, j int) bool {
		a, b := fs[i], fs[j]
		if o.has('r') {
			a, b = b, a
		}
		if o.has('S') && a.Size() != b.Size() {
			return a.Size() > b.Size()
		}
		if x, y := l.time(a), l.time(b); o.has('t') && !x.Equal(y) {
			return x.After(y)
		}
		return a.name < b.name
	})
}

func (l *lister) time(f *listed) time.Time {
	switch {
	case l.o.has('u'):
		return time.Unix(f.st.Atimespec.Unix())
	case l.o.has('c'):
		return time.Unix(f.st.Ctimespec.Unix())
	}
	return f.ModTime()
}

func (l *lister) dir(path string) {
	d, err := os.Open(path)
	if err != nil {
		l.c.warn(path, err)
		return
	}
	names, err := d.Readdirnames(-1)
	d.Close()
	if err != nil {
		l.c.warn(path, err)
	}
	if l.o.has('a') || l.o.has('f') {
		names = append(names, ".", "..")
	}
	var fs []*listed
	blocks := int64(0)
	for _, n := range names {
		if strings.HasPrefix(n, ".") && !l.o.has('a') && !l.o.has('A') && !l.o.has('f') {
			continue
		}
		if f, err := list(n, path+"/"+n); err == nil {
			fs = append(fs, f)
			blocks += f.st.Blocks
		} else {
			l.c.warn(n, err)
		}
	}
	l.sort(fs)
	if l.o.has('l') || l.o.has('s') {
		fmt.Fprintln(out, "total", blocks)
	}
	l.print(fs)
	if l.o.has('R') {
		for _, f := range fs {
			if f.IsDir() && f.name != "." && f.name != ".." {
				sub := filepath.Join(path, f.name)
				if !filepath.IsAbs(path) && strings.HasPrefix(path, ".") {
					sub = path + "/" + f.name
				}
				fmt.Fprintf(out, "\n%s:\n", sub)
				l.dir(sub)
			}
		}
	}
}

func modeString(m uint16) string {
	b := []byte("?rwxrwxrwx")
	b[0] = "?pc?d?b?-?l?s???"[m>>12]
	for i := range 9 {
		if m&(1<<(8-i)) == 0 {
			b[i+1] = '-'
		}
	}
	for _, s := range []struct {
		bit uint16
		at  int
		x   string
	}{{0o4000, 3, "Ss"}, {0o2000, 6, "Ss"}, {0o1000, 9, "Tt"}} {
		if m&s.bit != 0 {
			if b[s.at] == 'x' {
				b[s.at] = s.x[1]
			} else {
				b[s.at] = s.x[0]
			}
		}
	}
	return string(b)
}

func (l *lister) print(fs []*listed) {
	o := l.o
	var rows [][]string
	for _, f := range fs {
		if o.has('L') {
			if st, err := os.Stat(f.path); err == nil {
				f.FileInfo, f.st = st, st.Sys().(*syscall.Stat_t)
			}
		}
		var row []string
		if o.has('i') {
			row = append(row, strconv.FormatUint(f.st.Ino, 10))
		}
		if o.has('s') {
			row = append(row, strconv.FormatInt(f.st.Blocks, 10))
		}
		name := f.name
		if o.has('F') || o.has('p') {
			switch t := f.st.Mode & syscall.S_IFMT; {
			case t == syscall.S_IFDIR:
				name += "/"
			case o.has('p'):
			case t == syscall.S_IFLNK:
				name += "@"
			case t == syscall.S_IFSOCK:
				name += "="
			case t == syscall.S_IFIFO:
				name += "|"
			case f.st.Mode&0o111 != 0:
				name += "*"
			}
		}
		if o.has('l') || o.has('g') || o.has('o') || o.has('n') {
			u, g := strconv.Itoa(int(f.st.Uid)), strconv.Itoa(int(f.st.Gid))
			if !o.has('n') {
				u, g = cmpOr(userName(u), u), cmpOr(groupName(g), g)
			}
			row = append(row, modeString(f.st.Mode), strconv.Itoa(int(f.st.Nlink)))
			if !o.has('g') {
				row = append(row, u)
			}
			if !o.has('o') {
				row = append(row, g)
			}
			size := strconv.FormatInt(f.st.Size, 10)
			if t := f.st.Mode & syscall.S_IFMT; t == syscall.S_IFCHR || t == syscall.S_IFBLK {
				size = fmt.Sprintf("%#x", uint32(f.st.Rdev))
			} else if o.has('h') {
				size = human(f.st.Size)
			}
			t, layout := l.time(f), "Jan _2 15:04"
			switch age := time.Since(t); {
			case o.has('T'):
				layout = "Jan _2 15:04:05 2006"
			case age > 180*24*time.Hour || age < -180*24*time.Hour:
				layout = "Jan _2  2006"
			}
			row = append(row, size, t.Format(layout))
			if f.st.Mode&syscall.S_IFMT == syscall.S_IFLNK {
				if to, err := os.Readlink(f.path); err == nil {
					name += " -> " + to
				}
			}
		}
		rows = append(rows, append(row, name))
	}
	var width []int
	for _, r := range rows {
		for i, s := range r {
			if i == len(width) {
				width = append(width, 0)
			}
			width[i] = max(width[i], len(s))
		}
	}
	for _, r := range rows {
		for i, s := range r[:len(r)-1] {
			if _, err := strconv.Atoi(s); err == nil {
				fmt.Fprintf(out, "%*s ", width[i], s)
			} else {
				fmt.Fprintf(out, "%-*s ", width[i], s)
			}
		}
		fmt.Fprintln(out, r[len(r)-1])
	}
}

func human(n int64) string {
	f, u := float64(n), 0
	for f >= 1000 && u < 5 {
		f /= 1024
		u++
	}
	if f < 10 && u > 0 {
		return fmt.Sprintf("%.1f%c", f, "BKMGTP"[u])
	}
	return fmt.Sprintf("%.0f%c", f, "BKMGTP"[u])
}

// find knows the primaries below, joined by and; with -o between whole groups.
func find(args []string) int {
	c := &cmd{name: "find"}
	rest := args[1:]
	var roots []string
	for len(rest) > 0 && (rest[0] == "" || strings.IndexByte("-!(", rest[0][0]) < 0) {
		roots, rest = append(roots, rest[0]), rest[1:]
	}
	if len(roots) == 0 {
		return usage("find", "path ... [expression]")
	}
	type test func(p string, depth int, d fs.DirEntry) bool
	groups, maxDepth, minDepth := [][]test{nil}, 1<<30, 0
	acts, prune, not := false, false, false
	for len(rest) > 0 {
		op := rest[0]
		rest = rest[1:]
		arg := func() string {
			if len(rest) == 0 {
				c.fail("%s: requires additional arguments", op)
				return ""
			}
			a := rest[0]
			rest = rest[1:]
			return a
		}
		var t test
		switch op {
		case "!", "-not":
			not = !not
			continue
		case "-a", "-and":
			continue
		case "-o", "-or":
			groups = append(groups, nil)
			continue
		case "-name", "-iname":
			pat := arg()
			t = func(p string, _ int, _ fs.DirEntry) bool {
				n := filepath.Base(p)
				if op == "-iname" {
					n, pat = strings.ToLower(n), strings.ToLower(pat)
				}
				ok, _ := filepath.Match(pat, n)
				return ok
			}
		case "-path", "-wholename":
			pat := regexp.QuoteMeta(arg())
			re, err := regexp.Compile("^" + strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(pat) + "$")
			if err != nil {
				return c.fail("%v", err)
			}
			t = func(p string, _ int, _ fs.DirEntry) bool { return re.MatchString(p) }
		case "-type":
			k := arg()
			t = func(p string, _ int, d fs.DirEntry) bool {
				f, err := list(p, p)
				return err == nil && strings.Replace(modeString(f.st.Mode)[:1], "-", "f", 1) == k
			}
		case "-maxdepth", "-mindepth":
			n, err := strconv.Atoi(arg())
			if err != nil {
				return c.fail("%s: illegal value", op)
			}
			if op == "-maxdepth" {
				maxDepth = n
			} else {
				minDepth = n
			}
			continue
		case "-newer":
			st, err := os.Stat(arg())
			if err != nil {
				c.warn("-newer", err)
				return 1
			}
			t = func(p string, _ int, d fs.DirEntry) bool {
				fi, err := d.Info()
				return err == nil && fi.ModTime().After(st.ModTime())
			}
		case "-empty":
			t = func(p string, _ int, d fs.DirEntry) bool {
				if d.IsDir() {
					l, err := os.ReadDir(p)
					return err == nil && len(l) == 0
				}
				fi, err := d.Info()
				return err == nil && fi.Mode().IsRegular() && fi.Size() == 0
			}
		case "-print", "-print0":
			end := map[string]string{"-print": "\n", "-print0": "\x00"}[op]
			acts = true
			t = func(p string, _ int, _ fs.DirEntry) bool { fmt.Fprint(out, p, end); return true }
		case "-prune":
			t = func(string, int, fs.DirEntry) bool { prune = true; return true }
		case "-delete":
			acts = true
			t = func(p string, _ int, d fs.DirEntry) bool {
				if err := os.Remove(p); err != nil {
					c.warn(p, err)
					return false
				}
				return true
			}
		case "-exec":
			var argv []string
			for len(rest) > 0 && rest[0] != ";" && !(rest[0] == "+" && len(argv) > 0 && argv[len(argv)-1] == "{}") {
				argv = append(argv, arg())
			}
			arg()
			acts = true
			t = func(p string, _ int, _ fs.DirEntry) bool {
				out.Flush()
				a := make([]string, len(argv))
				for i := range a {
					a[i] = strings.ReplaceAll(argv[i], "{}", p)
				}
				return spawnWait(a) == 0
			}
		default:
			return c.fail("%s: unknown primary or operator", op)
		}
		if c.status != 0 {
			return 1
		}
		if not {
			t0 := t
			t = func(p string, n int, d fs.DirEntry) bool { return !t0(p, n, d) }
			not = false
		}
		g := &groups[len(groups)-1]
		*g = append(*g, t)
	}
	for _, r := range roots {
		filepath.WalkDir(r, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				c.warn(p, err)
				return nil
			}
			depth := 0
			if p != r {
				depth = strings.Count(strings.TrimPrefix(p[len(strings.TrimRight(r, "/")):], "/"), "/") + 1
			}
			prune = false
			if depth >= minDepth {
				for _, g := range groups {
					hit := true
					for _, t := range g {
						if !t(p, depth, d) {
							hit = false
							break
						}
					}
					if hit {
						if !acts {
							fmt.Fprintln(out, p)
						}
						break
					}
				}
			}
			if d.IsDir() && (prune || depth >= maxDepth) {
				return fs.SkipDir
			}
			return nil
		})
	}
	return c.status
}

// stat prints -f formats of the fields that scripts ask for.
func stat(args []string) int {
	o, ok := getopt(args, "f:Lnqlx", "[-L] [-nq] -f format file ...")
	if !ok {
		return 1
	}
	c := &cmd{name: "stat"}
	format := "%d %i %Sp %l %Su %Sg %r %z %a %m %c %B %k %b %f %N"
	if o.has('f') {
		format = o.value['f']
	}
	for _, n := range o.args {
		f, err := list(n, n)
		if err == nil && o.has('L') {
			var st os.FileInfo
			if st, err = os.Stat(n); err == nil {
				f.FileInfo, f.st = st, st.Sys().(*syscall.Stat_t)
			}
		}
		if err != nil {
			if c.status = 1; !o.has('q') {
				c.warn(n, err)
			}
			continue
		}
		s, ok := statFormat(format, f)
		if !ok {
			return c.fail("%s: bad format", format)
		}
		if !o.has('n') {
			s += "\n"
		}
		out.WriteString(s)
	}
	return c.status
}

func statFormat(format string, f *listed) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		str, low := false, false
		for i+1 < len(format) && strings.IndexByte("SOLX", format[i]) >= 0 {
			str = str || format[i] == 'S'
			low = low || format[i] == 'L'
			i++
		}
		if i+1 < len(format) && format[i+1] == 'p' && format[i] == 'L' {
			low = true
			i++
		}
		st := f.st
		stamp := func(t syscall.Timespec) string {
			if str {
				return time.Unix(t.Unix()).Format("Jan _2 15:04:05 2006")
			}
			return strconv.FormatInt(t.Sec, 10)
		}
		id := func(n uint32, of func(string) string) string {
			s := strconv.Itoa(int(n))
			if str {
				s = cmpOr(of(s), s)
			}
			return s
		}
		switch format[i] {
		case '%':
			b.WriteByte('%')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'd':
			fmt.Fprint(&b, st.Dev)
		case 'i':
			fmt.Fprint(&b, st.Ino)
		case 'p':
			switch {
			case str:
				b.WriteString(modeString(st.Mode))
			case low:
				fmt.Fprintf(&b, "%o", st.Mode&0o7777)
			default:
				fmt.Fprintf(&b, "%o", st.Mode)
			}
		case 'l':
			fmt.Fprint(&b, st.Nlink)
		case 'u':
			b.WriteString(id(st.Uid, userName))
		case 'g':
			b.WriteString(id(st.Gid, groupName))
		case 'r':
			fmt.Fprint(&b, st.Rdev)
		case 'z':
			fmt.Fprint(&b, st.Size)
		case 'a':
			b.WriteString(stamp(st.Atimespec))
		case 'm':
			b.WriteString(stamp(st.Mtimespec))
		case 'c':
			b.WriteString(stamp(st.Ctimespec))
		case 'B':
			b.WriteString(stamp(st.Birthtimespec))
		case 'k':
			fmt.Fprint(&b, st.Blksize)
		case 'b':
			fmt.Fprint(&b, st.Blocks)
		case 'f':
			fmt.Fprint(&b, st.Flags)
		case 'N':
			b.WriteString(f.name)
		case 'Y':
			to, _ := os.Readlink(f.path)
			b.WriteString(to)
		case 'T':
			b.WriteString(map[uint16]string{syscall.S_IFDIR: "Directory", syscall.S_IFREG: "Regular File", syscall.S_IFLNK: "Symbolic Link"}[st.Mode&syscall.S_IFMT])
		default:
			return "", false
		}
	}
	return b.String(), true
}
