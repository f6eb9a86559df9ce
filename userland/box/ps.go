//go:build darwin

package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// column is what ps -o knows.
type column struct {
	head  string
	width int // negative is to the left
	value func(*process) string
}

var columns = map[string]column{
	"pid":   {"PID", 5, func(p *process) string { return strconv.Itoa(p.pid()) }},
	"ppid":  {"PPID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Ppid)) }},
	"pgid":  {"PGID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Pgid)) }},
	"tpgid": {"TPGID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Tpgid)) }},
	"uid":   {"UID", 5, func(p *process) string { return strconv.Itoa(int(p.Eproc.Ucred.Uid)) }},
	"user": {"USER", -8, func(p *process) string {
		u := strconv.Itoa(int(p.Eproc.Ucred.Uid))
		if n := userName(u); n != "" {
			return n
		}
		return u
	}},
	"stat": {"STAT", -4, func(p *process) string {
		// SRUN is every process that isn't stopped: whether it sleeps its threads tell.
		s := "?IRSTZ"[min(max(int(p.Proc.P_stat), 0), 5):][:1]
		if t := p.task(); s == "R" && t.threads > 0 && t.running == 0 {
			s = "S"
		}
		if p.Eproc.Tpgid == p.Eproc.Pgid && p.Eproc.Tdev != -1 {
			s += "+"
		}
		return s
	}},
	"tty":  {"TTY", -8, func(p *process) string { return ttyName(p.Eproc.Tdev) }},
	"nice": {"NI", 2, func(p *process) string { return strconv.Itoa(int(p.Proc.P_nice)) }},
	"etime": {"ELAPSED", 11, func(p *process) string {
		s := int(time.Since(time.Unix(p.Proc.P_starttime.Unix())).Seconds())
		if s < 3600 {
			return fmt.Sprintf("%02d:%02d", s/60, s%60)
		}
		return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
	}},
	"lstart": {"STARTED", -28, func(p *process) string {
		return time.Unix(p.Proc.P_starttime.Unix()).Format("Mon Jan _2 15:04:05 2006")
	}},
	"vsz": {"VSZ", 8, func(p *process) string { return strconv.FormatUint(p.task().virtual>>10, 10) }},
	"rss": {"RSS", 6, func(p *process) string { return strconv.FormatUint(p.task().resident>>10, 10) }},
	"time": {"TIME", 9, func(p *process) string {
		t := p.task().cpu
		return fmt.Sprintf("%d:%05.2f", int(t.Minutes()), (t % time.Minute).Seconds())
	}},
	"%cpu": {"%CPU", 5, func(p *process) string {
		since := time.Since(time.Unix(p.Proc.P_starttime.Unix()))
		return fmt.Sprintf("%.1f", 100*p.task().cpu.Seconds()/max(since.Seconds(), 0.01))
	}},
	"%mem": {"%MEM", 4, func(p *process) string {
		total, err := unix.SysctlUint64("hw.memsize")
		if err != nil {
			return "-"
		}
		return fmt.Sprintf("%.1f", 100*float64(p.task().resident)/float64(total))
	}},
	"ucomm":   {"UCOMM", -16, (*process).name},
	"comm":    {"COMM", -16, func(p *process) string { return cmpOr(p.path, p.name()) }},
	"command": {"COMMAND", -16, func(p *process) string { return cmpOr(strings.Join(p.args, " "), "("+p.name()+")") }},
}

var columnAlias = map[string]string{"state": "stat", "tt": "tty", "ttyname": "tty", "args": "command", "ni": "nice", "group": "pgid",
	"pcpu": "%cpu", "pmem": "%mem", "vsize": "vsz", "cputime": "time"}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func ps(args []string) int {
	format := "pid,tty,stat,command"
	if len(args) > 1 && args[1] != "" && args[1][0] != '-' {
		args[1] = "-" + args[1] // as BSD's, where u is a format and not a user
		if strings.Contains(args[1], "u") {
			args[1] = strings.ReplaceAll(args[1], "u", "")
			format = "user,pid,%cpu,%mem,vsz,rss,tty,stat,time,command"
		}
	}
	o, ok := getopt(args, "Aaefjlp:o:O:t:u:U:wxcwr", "[-Aaefjlxw] [-o format] [-p pid[,...]] [-u user] [-t tty]")
	if !ok {
		return 1
	}
	c := &cmd{name: "ps"}
	all, err := processes()
	if err != nil {
		c.warn("kern.proc", err)
		return 1
	}
	if o.has('f') {
		format = "uid,pid,ppid,tty,stat,command"
	}
	if o.has('j') {
		format = "user,pid,ppid,pgid,stat,tty,command"
	}
	if o.has('l') {
		format = "uid,pid,ppid,nice,stat,tty,command"
	}
	if o.has('o') {
		var l []string // -o may be repeated
		for i := 1; i < len(args); i++ {
			if v, ok := strings.CutPrefix(args[i], "-o"); ok {
				if v == "" && i+1 < len(args) {
					i++
					v = args[i]
				}
				l = append(l, v)
			}
		}
		format = strings.Join(l, ",")
	}
	var cols []column
	heads := false
	for _, f := range strings.FieldsFunc(format, func(r rune) bool { return r == ',' || r == ' ' }) {
		n, head, own := strings.Cut(f, "=")
		if a := columnAlias[n]; a != "" {
			n = a
		}
		col, ok := columns[n]
		if !ok {
			return c.fail("%s: keyword not found", n)
		}
		if own {
			col.head = head
		}
		heads = heads || col.head != ""
		cols = append(cols, col)
	}
	pids := map[int]bool{}
	for _, p := range strings.FieldsFunc(o.value['p']+","+strings.Join(o.args, ","), func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(p)
		if err != nil {
			return c.fail("illegal process id: %s", p)
		}
		pids[n] = true
	}
	user := o.value['u'] + o.value['U']
	uid := strconv.Itoa(os.Getuid())
	var rows []*process
	for _, p := range all {
		mine := strconv.Itoa(int(p.Eproc.Ucred.Uid)) == uid
		keep := p.Eproc.Tdev != -1 && mine
		switch {
		case len(pids) > 0:
			keep = pids[p.pid()]
		case user != "":
			keep = columns["user"].value(p) == user || columns["uid"].value(p) == user
		case o.has('t'):
			keep = strings.TrimPrefix(strings.TrimPrefix(o.value['t'], "/dev/"), "tty") == ttyName(p.Eproc.Tdev)
		case o.has('A') || o.has('e') || o.has('a') && o.has('x'):
			keep = true
		case o.has('a'):
			keep = p.Eproc.Tdev != -1
		case o.has('x'):
			keep = mine
		}
		if keep {
			p.load()
			rows = append(rows, p)
		}
	}
	line := func(text func(column) string) {
		var b strings.Builder
		for i, col := range cols {
			w := max(col.width, len(col.head))
			if col.width < 0 {
				w = -max(-col.width, len(col.head))
			}
			if i > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%*s", w, text(col))
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
	}
	if heads {
		line(func(col column) string { return col.head })
	}
	for _, p := range rows {
		line(func(col column) string { return col.value(p) })
	}
	if len(rows) == 0 {
		return 1
	}
	return 0
}
