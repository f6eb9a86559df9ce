//go:build darwin

package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"

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

// sysctlCall is sysctl(3) by number: nil for a value that can't be read.
func sysctlCall(mib []int32, set []byte, room int) ([]byte, error) {
	b := make([]byte, room)
	n := uintptr(room)
	var old, size, new unsafe.Pointer
	if room > 0 {
		old, size = unsafe.Pointer(&b[0]), unsafe.Pointer(&n)
	}
	if len(set) > 0 {
		new = unsafe.Pointer(&set[0])
	}
	_, _, e := syscall.Syscall6(202, uintptr(unsafe.Pointer(&mib[0])), uintptr(len(mib)), uintptr(old), uintptr(size), uintptr(new), uintptr(len(set)))
	if e != 0 {
		return nil, e
	}
	return b[:n], nil
}

func sysctlInts(b []byte) (l []int32) {
	for ; len(b) >= 4; b = b[4:] {
		l = append(l, int32(binary.LittleEndian.Uint32(b)))
	}
	return l
}

// sysctlBelow gives the numbers of all values at or below a name; nothing for no
// such name.
func sysctlBelow(name string) (l [][]int32) {
	var root []int32
	if name != "" {
		b, err := sysctlCall([]int32{0, 3}, append([]byte(name), 0), 128)
		if err != nil {
			return nil
		}
		root = sysctlInts(b)
		if kind, _ := sysctlKind(root); kind&0xf != 1 { // CTLTYPE_NODE
			return [][]int32{root}
		}
	}
	for at := append([]int32(nil), root...); ; {
		b, err := sysctlCall(append([]int32{0, 2}, at...), nil, 128)
		if err != nil {
			return l
		}
		at = sysctlInts(b)
		if len(at) < len(root) || !slices.Equal(at[:len(root)], root) || len(at) == 0 {
			return l
		}
		l = append(l, at)
	}
}

func sysctlKind(mib []int32) (kind uint32, format string) {
	b, err := sysctlCall(append([]int32{0, 4}, mib...), nil, 256)
	if err != nil || len(b) < 4 {
		return 0, ""
	}
	return binary.LittleEndian.Uint32(b), unix.ByteSliceToString(b[4:])
}

// sysctl shows values by name, all below a name, or all (-a), and sets them.
func sysctl(args []string) int {
	const use = "[-abeinN] [name[=value] ...]"
	o, ok := getopt(args, "abeinNoqwxX", use)
	if !ok || len(o.args) == 0 && !o.has('a') {
		if ok {
			return usage("sysctl", use)
		}
		return 1
	}
	if o.has('a') {
		o.args = []string{""}
	}
	c := &cmd{name: "sysctl"}
	for _, n := range o.args {
		n, value, set := strings.Cut(n, "=")
		below := sysctlBelow(n)
		if len(below) == 0 && !o.has('i') {
			c.fail("unknown oid '%s'", n)
		}
		for _, mib := range below {
			c.sysctlOne(&o, mib, n, value, set, len(below) > 1 || n == "")
		}
	}
	return c.status
}

// sysctlOne shows one value, or sets it. What can't be read is left out of a list.
func (c *cmd) sysctlOne(o *options, mib []int32, name, value string, set, list bool) {
	if b, err := sysctlCall(append([]int32{0, 1}, mib...), nil, 1024); err == nil {
		name = unix.ByteSliceToString(b)
	}
	kind, format := sysctlKind(mib)
	raw, err := sysctlCall(mib, nil, 1<<16)
	if err != nil {
		if !list && !o.has('i') {
			c.warn(name, err)
		}
		return
	}
	sep := ": "
	if o.has('e') {
		sep = "="
	}
	text := sysctlText(raw, kind, format)
	if set {
		b := append([]byte(value), 0)
		if kind&0xf != 3 { // CTLTYPE_STRING
			v, err := strconv.ParseInt(value, 0, 64)
			if err != nil || kind&0xf == 5 || len(raw) > 8 {
				c.fail("invalid value for %s: '%s'", name, value)
				return
			}
			b = binary.LittleEndian.AppendUint64(nil, uint64(v))[:len(raw)]
		}
		if _, err := sysctlCall(mib, b, 0); err != nil {
			c.warn(name, err)
			return
		}
		raw, _ = sysctlCall(mib, nil, 1<<16)
		text += " -> " + sysctlText(raw, kind, format)
	}
	switch {
	case o.has('b'):
		out.Write(raw)
	case o.has('N'):
		fmt.Fprintln(out, name)
	case o.has('n'):
		fmt.Fprintln(out, text)
	default:
		fmt.Fprintln(out, name+sep+text)
	}
}

func sysctlText(raw []byte, kind uint32, format string) string {
	le := binary.LittleEndian
	switch {
	case kind&0xf == 3:
		return unix.ByteSliceToString(raw)
	case format == "S,timeval" && len(raw) == 16: // kern.boottime
		sec, usec := int64(le.Uint64(raw)), le.Uint32(raw[8:])
		return fmt.Sprintf("{ sec = %d, usec = %d } %s", sec, usec, time.Unix(sec, 0).Format("Mon Jan _2 15:04:05 2006"))
	case format == "S,loadavg" && len(raw) >= 20:
		scale := float64(max(le.Uint64(raw[16:]), 1))
		return fmt.Sprintf("{ %.2f %.2f %.2f }", float64(le.Uint32(raw))/scale, float64(le.Uint32(raw[4:]))/scale, float64(le.Uint32(raw[8:]))/scale)
	case format == "S,xsw_usage" && len(raw) >= 24:
		mb := func(at int) float64 { return float64(le.Uint64(raw[at:])) / (1 << 20) }
		return fmt.Sprintf("total = %.2fM  used = %.2fM  free = %.2fM", mb(0), mb(16), mb(8))
	case kind&0xf == 5:
		return fmt.Sprintf("Format:%s Length:%d", format, len(raw))
	}
	var l []string
	for size := min(len(raw), map[bool]int{true: 8, false: 4}[kind&0xf == 4 || len(raw) == 8]); size > 0 && len(raw) >= size; raw = raw[size:] {
		var b [8]byte
		copy(b[:], raw[:size])
		v := le.Uint64(b[:])
		if size == 4 && !strings.HasSuffix(format, "U") {
			v = uint64(int64(int32(v)))
		}
		l = append(l, strconv.FormatInt(int64(v), 10))
	}
	return strings.Join(l, " ")
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
