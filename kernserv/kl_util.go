package kernserv

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"puggle/mach/sched"
)

const utilUsage = `usage: kl_util -a server_reloc_file_name ...
       kl_util -d server_name ...   kl_util -l server_name ...   kl_util -u server_name ...
       kl_util -s [server_name ...]   kl_util -A   kl_util -r   (and -L with any, or alone)`

// utilOption is one of kl_util's: what it does for each name, or without names.
type utilOption struct {
	names int // how many it needs at least; -1: it takes none
	each  func(l *Loader, out io.Writer, name string) error
	all   func(l *Loader, out io.Writer) error // when there are no names
	open  bool                                 // anybody may, not only the superuser
}

var utilOptions = map[string]utilOption{
	"-a": {names: 1, each: func(l *Loader, _ io.Writer, name string) error { _, err := l.AddServer(name); return err }},
	"-A": {names: -1, all: func(l *Loader, _ io.Writer) error { return l.Abort(false) }},
	"-d": {names: 1, each: func(l *Loader, _ io.Writer, name string) error { return l.DeleteServer(name) }},
	"-l": {names: 1, each: func(l *Loader, _ io.Writer, name string) error { return l.LoadServer(name) }},
	"-r": {names: -1, all: func(l *Loader, _ io.Writer) error { return l.Abort(true) }},
	"-s": {each: printServer, all: printServers, open: true},
	"-u": {names: 1, each: func(l *Loader, _ io.Writer, name string) error { return l.UnloadServer(name) }},
}

// UtilMain is the command kl_util (Writing Loadable Kernel Servers, B-1), for a
// caller who is the superuser or not. With -L it goes on until done is closed. The
// exit status is 0, 1 if anything failed, 2 for wrong usage. Each failure is one line on stderr;
// the other names are still done.
func UtilMain(l *Loader, super bool, args []string, stdout, stderr io.Writer, done <-chan struct{}) int {
	var todo []func() error
	follow := false
	usage := func(f string, a ...any) int {
		fmt.Fprintf(stderr, "kl_util: "+f+"\n%s\n", append(a, utilUsage)...)
		return 2
	}
	for len(args) > 0 {
		name := args[0]
		args = args[1:]
		if name == "-L" {
			follow = true
			continue
		}
		o, ok := utilOptions[name]
		if !ok {
			return usage("%s is not an option", name)
		}
		n := 0
		for n < len(args) && !strings.HasPrefix(args[n], "-") {
			n++
		}
		names := args[:n]
		args = args[n:]
		switch {
		case o.names < 0 && n > 0:
			return usage("%s takes no names", name)
		case n < o.names:
			return usage("%s needs a name", name)
		}
		if !super && !o.open {
			todo = append(todo, func() error { return fail(KERN_LOADER_NO_PERMISSION, name, nil) })
			continue
		}
		if n == 0 {
			todo = append(todo, func() error { return o.all(l, stdout) })
		}
		for _, x := range names {
			todo = append(todo, func() error { return o.each(l, stdout, x) })
		}
	}
	if len(todo) == 0 && !follow {
		return usage("there is nothing to do")
	}
	if follow {
		lines := make(chan string, 64)
		defer l.Follow(func(_ Priority, line string) {
			select {
			case lines <- line:
			default: // a reader that is too slow misses lines
			}
		})()
		defer func() {
			for {
				select {
				case line := <-lines:
					fmt.Fprintln(stdout, line)
				case <-done:
					return
				}
			}
		}()
	}
	status := 0
	for _, f := range todo {
		if err := f(); err != nil {
			status = 1
			for _, e := range split(err) {
				fmt.Fprintf(stderr, "kl_util: %v\n", e)
			}
		}
	}
	return status
}

// split takes joined errors apart.
func split(err error) []error {
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		return j.Unwrap()
	}
	return []error{err}
}

// printServer prints what B-2 shows.
func printServer(l *Loader, out io.Writer, name string) error {
	i, err := l.ServerInfo(name)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "SERVER: %s\nRELOCATABLE: %s\n", i.Name, i.Relocatable)
	if i.Loadable != "" {
		fmt.Fprintf(out, "LOADABLE: %s\n", i.Loadable)
	}
	fmt.Fprintf(out, "STATUS: %v at address %#x for %#x bytes\nPORTS:", i.State, uint64(i.Address), i.Size)
	for _, p := range i.Ports {
		fmt.Fprintf(out, " %s", p.Name)
		if p.Advertised {
			fmt.Fprint(out, "(advertised)")
		}
	}
	_, err = fmt.Fprintln(out)
	return err
}

func printServers(l *Loader, out io.Writer) error {
	for _, n := range l.ServerList() {
		i, err := l.ServerInfo(n)
		if err != nil {
			continue // deleted meanwhile
		}
		if _, err := fmt.Fprintf(out, "SERVER: %-20s STATUS: %v\n", n, i.State); err != nil {
			return err
		}
	}
	return nil
}

const logUsage = "usage: kl_log [-l log_level] server_name"

// LogMain is the command kl_log (Writing Loadable Kernel Servers, C-1): it sets
// the log level of a loaded server and, for a positive one, prints its messages
// until the level becomes 0, the server goes, or th is interrupted. Superuser only.
// Without -l it prints what is logged at the level that is set. The exit status
// is 0, 1 for a failure, 2 for wrong usage.
func LogMain(l *Loader, th *sched.Thread, super bool, args []string, stdout, stderr io.Writer) int {
	level, name, err := parseLog(args)
	if err != nil {
		fmt.Fprintf(stderr, "kl_log: %v\n%s\n", err, logUsage)
		return 2
	}
	if !super {
		err = fail(KERN_LOADER_NO_PERMISSION, name, nil)
	} else if level >= 0 {
		err = l.LogLevel(name, level)
	}
	if err == nil && level != 0 {
		err = l.printLog(th, name, stdout)
		var off *NotLoggingError
		if level > 0 && errors.As(err, &off) {
			err = nil // somebody has set it to 0
		}
	}
	if err != nil {
		fmt.Fprintf(stderr, "kl_log: %v\n", err)
		return 1
	}
	return 0
}

func parseLog(args []string) (level int32, name string, err error) {
	level = -1
	for len(args) > 0 {
		switch a := args[0]; {
		case a == "-l":
			if len(args) < 2 {
				return 0, "", errors.New("-l needs a level")
			}
			if _, err := fmt.Sscanf(args[1]+"\n", "%d\n", &level); err != nil || level < 0 {
				return 0, "", fmt.Errorf("%.40q is not a log level", args[1])
			}
			args = args[2:]
		case strings.HasPrefix(a, "-"):
			return 0, "", fmt.Errorf("%s is not an option", a)
		case name != "":
			return 0, "", errors.New("one server at a time")
		default:
			name, args = a, args[1:]
		}
	}
	if name == "" {
		return 0, "", errors.New("the server's name is missing")
	}
	return level, name, nil
}

func (l *Loader) printLog(th *sched.Thread, name string, out io.Writer) error {
	for {
		list, lost, err := l.GetLog(th, name, sched.Forever)
		if err != nil {
			return err
		}
		if lost > 0 {
			fmt.Fprintf(out, "(%d messages lost)\n", lost)
		}
		for _, e := range list {
			text := e.Text
			if !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
			if _, err := io.WriteString(out, text); err != nil {
				return err
			}
		}
	}
}
