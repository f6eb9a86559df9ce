package hostile

import (
	"encoding/json"
	"fmt"
	"strings"
)

// request is one for a machine's socket, with as many descriptors of /dev/null beside it.
type request struct {
	line  string
	files int
}

func (r request) String() string {
	return fmt.Sprintf("%d files and %s", r.files, clip(strings.TrimSpace(r.line[:min(len(r.line), 200)])))
}

type object map[string]any

// ask is a well-formed request.
func ask(op string, args any, files int) request {
	b, err := json.Marshal(object{"op": op, "args": args})
	if err != nil {
		panic(err)
	}
	return request{string(b) + "\n", files}
}

func raw(s string) json.RawMessage { return json.RawMessage(s) }

// keys are the arguments of all operations that have any (control's exported types), and
// what each is: i a number of 32 bits, n one of 64, s a string, b a truth; in capitals a list.
var keys = map[string]map[string]byte{
	"exec":   {"argv": 'S', "env": 'S', "dir": 's', "fds": 'N', "terminal": 'b', "login": 'b'},
	"kill":   {"pid": 'i', "signal": 'i'},
	"sysctl": {"names": 'S', "set": 's'},
	"vmmap":  {"pid": 'i'},
	"lsmp":   {"pid": 'i'},
	"trace":  {"pids": 'I', "follow": 'b', "names": 'S', "except": 'b', "strings": 'n', "quiet": 'b'},
	"tool":   {"name": 's', "argv": 'S'},
	"gdb":    {"symbols": 's'},
}

// without are the operations that have none, but for the one that ends the machine.
var without = []string{"info", "ps", "vm_stat", "zprint"}

// wrong are values that are not of a kind.
func wrong(kind byte) (l []any) {
	deep := strings.Repeat("[", 5000)
	l = []any{object{"a": 1}, raw(deep + strings.Repeat("]", 5000))}
	for _, v := range []struct {
		not string
		v   any
	}{
		{"s", "7"}, {"ni", 7}, {"b", true}, {"", 7.5}, {"", raw("1e999")}, {"", raw("-99999999999999999999")}, {"n", 1 << 31}, {"n", -1<<31 - 1},
	} {
		if !strings.ContainsRune(v.not, rune(kind|0x20)) {
			if kind < 'a' {
				l = append(l, []any{v.v})
			}
			l = append(l, v.v)
		} else if kind < 'a' {
			l = append(l, v.v, []any{[]any{v.v}}) // alone, and a list of lists
		}
	}
	return l
}

// refused are requests that are to be answered with an error.
func refused() (l []request) {
	for _, s := range []string{"", "{", "null", "[]", "7", `{"op":7}`, `{"op":"ps"}x`, `{"op":"ps"`, "\x00\xff\xfe", `{"op":"\u0000"}`, `{"op":"nothing of that kind"}`,
		strings.Repeat("[", 1<<20), `{"op":"` + strings.Repeat("x", 3<<20) + `"}`, `{"op":"` + strings.Repeat("x", 8<<20) + `"}`, strings.Repeat("x", 20<<20)} {
		l = append(l, request{s + "\n", 0})
	}
	for op, ks := range keys {
		for _, v := range []any{7, "", []any{}, true, object{"no such key": 7}, object{"\x00": nil}} {
			l = append(l, ask(op, v, 0))
		}
		for k, kind := range ks {
			for _, v := range wrong(kind) {
				l = append(l, ask(op, object{k: v}, 0))
			}
			l = append(l, request{fmt.Sprintf(`{"op":%q,"args":{%q:%s7%s}}`+"\n", op, k, strings.Repeat(`{"a":`, 20000), strings.Repeat("}", 20000)), 0})
		}
	}
	const most, least = 1<<31 - 1, -1 << 31
	hello := []string{guest, "hello"}
	long := strings.Repeat("x", 1<<20)
	exec := func(argv []string, dir string, fds []int, files int) {
		l = append(l, ask("exec", object{"argv": argv, "env": []string{}, "dir": dir, "fds": fds}, files))
	}
	for _, argv := range [][]string{nil, {}, {""}, {"", guest}, {"/nowhere"}, {"/"}, {"nowhere"}, {"/dev/null"}, {guest + "\x00"}, {"/" + long}, {strings.Repeat("../", 1<<18)}, {guest, long}} {
		exec(argv, "/", []int{}, 0)
	}
	for _, dir := range []string{"/nowhere", "/dev/null", "\x00", "/\x00", "/" + long} {
		exec(hello, dir, []int{}, 0)
	}
	for _, fds := range [][]int{{-1}, {3}, {99}, {most}, {least}, {-1 << 63}, {1<<63 - 1}} {
		exec(hello, "/", fds, len(fds))
	}
	for fds := range 5 { // descriptors that are missing, or too many
		for _, files := range []int{0, 1, 2, 3, 4, 5, 16, 17, 250} {
			if fds > 3 || fds != files {
				exec(hello, "/", []int{0, 1, 2, 0}[:fds], files)
			}
		}
	}
	many := make([]int, 1<<18)
	exec(hello, "/", many, 4)
	for _, pid := range []int{-1, most, least} {
		l = append(l, ask("kill", object{"pid": pid, "signal": 9}, 0), ask("vmmap", object{"pid": pid}, 0), ask("lsmp", object{"pid": pid}, 0),
			ask("trace", object{"pids": []int{pid}}, 0), ask("trace", object{"pids": []int{1, pid}, "strings": least}, 0))
	}
	for _, sig := range []int{-1, 32, 64, most, least, 9} { // of the kernel itself
		l = append(l, ask("kill", object{"pid": 1, "signal": sig}, 0))
	}
	for _, name := range []string{"nowhere", ".", "kern.nowhere", "\x00", "-1", long, strings.Repeat("kern.", 10000)} {
		l = append(l, ask("sysctl", object{"names": []string{name}}, 0), ask("sysctl", object{"names": []string{name}, "set": "1"}, 0))
	}
	l = append(l, ask("sysctl", object{"set": "1"}, 0), ask("sysctl", object{"names": []string{"kern.ostype", "kern.osrelease"}, "set": "1"}, 0))
	for _, v := range []string{"", "\x00", "x", "0x", "99999999999999999999", "1e9", long} {
		l = append(l, ask("sysctl", object{"names": []string{"kern.maxproc"}, "set": v}, 0), ask("sysctl", object{"names": []string{"kern"}, "set": v}, 0),
			ask("sysctl", object{"names": []string{"kern.ostype"}, "set": v}, 0)) // read only
	}
	for _, name := range []string{"", "nowhere", "\x00", "../kextload", "kextload\x00", long} {
		l = append(l, ask("tool", object{"name": name, "argv": []string{}}, 0))
	}
	for _, dir := range []string{"/nowhere", "\x00", "/dev/null", "/" + long} {
		l = append(l, ask("gdb", object{"symbols": dir}, 0))
	}
	l = append(l, ask("gdb", object{}, 1), ask("gdb", object{}, 250)) // no connections
	return l
}
