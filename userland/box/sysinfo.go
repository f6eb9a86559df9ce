//go:build darwin

package main

import (
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func init() {
	register(map[string]tool{
		"uname": uname, "arch": arch, "hostname": hostname, "sw_vers": swVers, "sysctl": sysctl, "getconf": getconf,
		"id": id, "whoami": whoami, "groups": groups, "logname": whoami, "date": date,
	})
}

func uname(args []string) int {
	o, ok := getopt(args, "amnoprsv", "[-amnoprsv]")
	if !ok || len(o.args) > 0 {
		return 1
	}
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return (&cmd{name: "uname"}).fail("%s", reason(err))
	}
	if len(o.order) == 0 {
		o.set['s'] = true
	}
	var parts []string
	for _, f := range []struct {
		c   byte
		all bool
		s   string
	}{
		{'s', true, unix.ByteSliceToString(u.Sysname[:])}, {'n', true, unix.ByteSliceToString(u.Nodename[:])},
		{'r', true, unix.ByteSliceToString(u.Release[:])}, {'v', true, unix.ByteSliceToString(u.Version[:])},
		{'m', true, unix.ByteSliceToString(u.Machine[:])}, {'p', false, "i386"}, {'o', false, unix.ByteSliceToString(u.Sysname[:])},
	} {
		if o.has(f.c) || f.all && o.has('a') {
			parts = append(parts, f.s)
		}
	}
	fmt.Fprintln(out, strings.Join(parts, " "))
	return 0
}

// arch prints the architecture; with one and a command it runs the command, if
// the architecture is the machine's.
func arch(args []string) int {
	rest := args[1:]
	for len(rest) > 0 && strings.HasPrefix(rest[0], "-") {
		if a := rest[0]; a != "-x86_64" && a != "-64" {
			(&cmd{name: "arch"}).fail("%s: Bad CPU type in executable", strings.TrimPrefix(a, "-"))
			return 1
		}
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return become(&cmd{name: "arch"}, rest, os.Environ())
	}
	fmt.Fprintln(out, "i386") // what arch(1) calls every Intel machine
	return 0
}

func hostname(args []string) int {
	o, ok := getopt(args, "fs", "[-fs]")
	if !ok {
		return 1
	}
	c := &cmd{name: "hostname"}
	if len(o.args) > 0 {
		return c.fail("sethostname: Operation not permitted")
	}
	h, err := os.Hostname()
	if err != nil {
		c.warn("", err)
	}
	if o.has('s') {
		h, _, _ = strings.Cut(h, ".")
	}
	fmt.Fprintln(out, h)
	return c.status
}

func swVers(args []string) int {
	product, _ := unix.Sysctl("kern.osproductversion")
	build, _ := unix.Sysctl("kern.osversion")
	rows := [][3]string{
		{"productName", "ProductName:\t\t", "macOS"}, {"productVersion", "ProductVersion:\t\t", product}, {"buildVersion", "BuildVersion:\t\t", build},
	}
	if len(args) == 1 {
		for _, r := range rows {
			fmt.Fprintln(out, r[1]+r[2])
		}
		return 0
	}
	for _, r := range rows {
		if strings.EqualFold(strings.TrimLeft(args[1], "-"), r[0]) {
			fmt.Fprintln(out, r[2])
			return 0
		}
	}
	return usage("sw_vers", "[--productName | --productVersion | --buildVersion]")
}

// sysctl shows values by name. It tells strings from numbers by their bytes.
func sysctl(args []string) int {
	o, ok := getopt(args, "beinNoqxw", "[-beinN] name ...")
	if !ok || len(o.args) == 0 {
		return usage("sysctl", "[-beinN] name ...")
	}
	c := &cmd{name: "sysctl"}
	for _, n := range o.args {
		if strings.Contains(n, "=") {
			c.fail("%s: setting is not supported", n)
			continue
		}
		raw, err := unix.SysctlRaw(n)
		if err != nil {
			if !o.has('i') {
				c.fail("unknown oid '%s'", n)
			}
			continue
		}
		sep := ": "
		if o.has('e') {
			sep = "="
		}
		switch {
		case o.has('b'):
			out.Write(raw)
		case o.has('N'):
			fmt.Fprintln(out, n)
		case o.has('n'):
			fmt.Fprintln(out, sysctlText(raw))
		default:
			fmt.Fprintln(out, n+sep+sysctlText(raw))
		}
	}
	return c.status
}

func sysctlText(raw []byte) string {
	num := func(b []byte) (v uint64) {
		for i := len(b) - 1; i >= 0; i-- {
			v = v<<8 | uint64(b[i])
		}
		return v
	}
	if text, ok := strings.CutSuffix(string(raw), "\x00"); ok && (len(text) > 0 || len(raw) == 1) &&
		strings.IndexFunc(text, func(r rune) bool { return (r < 32 || r > 126) && r != '\n' && r != '\t' }) < 0 {
		return text
	}
	switch len(raw) {
	case 0:
		return ""
	case 4:
		return strconv.Itoa(int(int32(num(raw))))
	case 8:
		return strconv.FormatInt(int64(num(raw)), 10)
	case 16: // struct timeval: kern.boottime
		sec, usec := int64(num(raw[:8])), num(raw[8:12])
		return fmt.Sprintf("{ sec = %d, usec = %d } %s", sec, usec, time.Unix(sec, 0).Format("Mon Jan _2 15:04:05 2006"))
	}
	return fmt.Sprintf("%x", raw)
}

func getconf(args []string) int {
	if len(args) < 2 {
		return usage("getconf", "variable_name [path]")
	}
	num := func(name string) string {
		v, err := unix.SysctlUint32(name)
		if err != nil {
			return "undefined"
		}
		return strconv.Itoa(int(v))
	}
	lim := func(r int) string {
		var l syscall.Rlimit
		if syscall.Getrlimit(r, &l) != nil {
			return "undefined"
		}
		return strconv.FormatUint(l.Cur, 10)
	}
	values := map[string]func() string{
		"PAGESIZE": func() string { return strconv.Itoa(os.Getpagesize()) }, "PAGE_SIZE": func() string { return strconv.Itoa(os.Getpagesize()) },
		"_NPROCESSORS_ONLN": func() string { return num("hw.ncpu") }, "_NPROCESSORS_CONF": func() string { return num("hw.ncpu") },
		"NPROCESSORS_ONLN": func() string { return num("hw.ncpu") }, "ARG_MAX": func() string { return num("kern.argmax") },
		"OPEN_MAX": func() string { return lim(syscall.RLIMIT_NOFILE) }, "CHILD_MAX": func() string { return num("kern.maxprocperuid") },
		"LONG_BIT": func() string { return "64" }, "NAME_MAX": func() string { return "255" }, "PATH_MAX": func() string { return "1024" },
		"PIPE_BUF": func() string { return "512" }, "CLK_TCK": func() string { return "100" },
		"PATH":            func() string { return "/usr/bin:/bin:/usr/sbin:/sbin" },
		"DARWIN_USER_DIR": func() string { return "/tmp/" }, "DARWIN_USER_TEMP_DIR": func() string { return "/tmp/" },
		"DARWIN_USER_CACHE_DIR": func() string { return "/tmp/" },
	}
	f := values[args[1]]
	if f == nil {
		return (&cmd{name: "getconf"}).fail("no such configuration parameter `%s'", args[1])
	}
	fmt.Fprintln(out, f())
	return 0
}

func userName(uid string) string {
	if u, err := user.LookupId(uid); err == nil {
		return u.Username
	}
	return ""
}

func groupName(gid string) string {
	if g, err := user.LookupGroupId(gid); err == nil {
		return g.Name
	}
	return ""
}

func whoami([]string) int {
	uid := strconv.Itoa(os.Geteuid())
	if n := userName(uid); n != "" {
		uid = n
	}
	fmt.Fprintln(out, uid)
	return 0
}

func groupIDs() []string {
	l := []string{strconv.Itoa(os.Getegid())}
	gs, _ := os.Getgroups()
	for _, g := range gs {
		if s := strconv.Itoa(g); s != l[0] {
			l = append(l, s)
		}
	}
	return l
}

func groups([]string) int {
	var l []string
	for _, g := range groupIDs() {
		if n := groupName(g); n != "" {
			g = n
		}
		l = append(l, g)
	}
	fmt.Fprintln(out, strings.Join(l, " "))
	return 0
}

func id(args []string) int {
	o, ok := getopt(args, "Ggnru", "[-G | -g | -u] [-nr] [user]")
	if !ok {
		return 1
	}
	uid, gid, all := strconv.Itoa(os.Geteuid()), strconv.Itoa(os.Getegid()), groupIDs()
	if o.has('r') {
		uid, gid = strconv.Itoa(os.Getuid()), strconv.Itoa(os.Getgid())
	}
	if len(o.args) > 0 {
		u, err := user.Lookup(o.args[0])
		if err != nil {
			return (&cmd{name: "id"}).fail("%s: no such user", o.args[0])
		}
		uid, gid = u.Uid, u.Gid
		if all, err = u.GroupIds(); err != nil || len(all) == 0 {
			all = []string{gid}
		}
	}
	name := func(s string, of func(string) string) string {
		if n := of(s); o.has('n') && n != "" {
			return n
		}
		return s
	}
	both := func(s string, of func(string) string) string {
		if n := of(s); n != "" {
			return s + "(" + n + ")"
		}
		return s
	}
	switch {
	case o.has('u'):
		fmt.Fprintln(out, name(uid, userName))
	case o.has('g'):
		fmt.Fprintln(out, name(gid, groupName))
	case o.has('G'):
		for i := range all {
			all[i] = name(all[i], groupName)
		}
		fmt.Fprintln(out, strings.Join(all, " "))
	default:
		for i := range all {
			all[i] = both(all[i], groupName)
		}
		fmt.Fprintf(out, "uid=%s gid=%s groups=%s\n", both(uid, userName), both(gid, groupName), strings.Join(all, ","))
	}
	return 0
}

func date(args []string) int {
	o, ok := getopt(args, "jnRur:I", "[-jnRu] [-r seconds | file] [-I] [+format]")
	if !ok {
		return 1
	}
	c := &cmd{name: "date"}
	t := time.Now()
	if r := o.value['r']; o.has('r') {
		if n, err := strconv.ParseInt(r, 10, 64); err == nil {
			t = time.Unix(n, 0)
		} else if st, err := os.Stat(r); err == nil {
			t = st.ModTime()
		} else {
			c.warn(r, err)
			return 1
		}
	}
	if o.has('u') {
		t = t.UTC()
	}
	format := "%a %b %e %H:%M:%S %Z %Y"
	if o.has('R') {
		format = "%a, %d %b %Y %H:%M:%S %z"
	}
	if o.has('I') {
		format = "%Y-%m-%d"
	}
	for _, a := range o.args {
		f, ok := strings.CutPrefix(a, "+")
		if !ok {
			return c.fail("setting the time is not supported: %s", a)
		}
		format = f
	}
	fmt.Fprintln(out, strftime(format, t))
	return 0
}

var strftimes = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'c': "Mon Jan _2 15:04:05 2006", 'd': "02", 'D': "01/02/06",
	'e': "_2", 'F': "2006-01-02", 'H': "15", 'I': "03", 'm': "01", 'M': "04", 'p': "PM", 'r': "03:04:05 PM", 'R': "15:04",
	'S': "05", 'T': "15:04:05", 'X': "15:04:05", 'x': "01/02/06", 'y': "06", 'Y': "2006", 'z': "-0700", 'Z': "MST", 'v': "_2-Jan-2006",
	'+': "Mon Jan _2 15:04:05 MST 2006",
}

func strftime(f string, t time.Time) string {
	var b strings.Builder
	for i := 0; i < len(f); i++ {
		if f[i] != '%' || i+1 == len(f) {
			b.WriteByte(f[i])
			continue
		}
		i++
		year, week := t.ISOWeek()
		switch c := f[i]; c {
		case '%':
			b.WriteByte('%')
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 's':
			fmt.Fprint(&b, t.Unix())
		case 'j':
			fmt.Fprintf(&b, "%03d", t.YearDay())
		case 'C':
			fmt.Fprintf(&b, "%02d", t.Year()/100)
		case 'k':
			fmt.Fprintf(&b, "%2d", t.Hour())
		case 'l':
			fmt.Fprintf(&b, "%2d", (t.Hour()+11)%12+1)
		case 'u':
			fmt.Fprint(&b, (int(t.Weekday())+6)%7+1)
		case 'w':
			fmt.Fprint(&b, int(t.Weekday()))
		case 'V':
			fmt.Fprintf(&b, "%02d", week)
		case 'G':
			fmt.Fprint(&b, year)
		default:
			if l, ok := strftimes[c]; ok {
				b.WriteString(t.Format(l))
			} else {
				b.WriteByte(c)
			}
		}
	}
	return b.String()
}
