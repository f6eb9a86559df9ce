package kernserv

import (
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a command script.
const (
	MaxScript   = 64 << 10 // bytes
	MaxCommands = 256
	MaxName     = 255 // of servers, ports and functions; server_name_t has 256 bytes
)

// Verb is a command of a script.
type Verb uint8

// The load commands (Writing Loadable Kernel Servers, A-4); CALL is the only
// unload command.
const (
	Advertise Verb = iota
	Call
	HMap
	PortDeath
	SMap
	Start
	Wire
)

// Command is one line of a script. Which fields count, verbs says.
type Command struct {
	Verb     Verb
	Port     string
	Function string // as in C, without the underscore
	Arg      int32
	Line     int // from 1
}

// operand says what a word of a command is.
type operand uint8

const (
	portName operand = iota
	function
	integer
)

// verbs is the grammar: the words after each verb, and in which script it may be.
var verbs = [...]struct {
	name     string
	operands []operand
	unload   bool
	syntax   string
}{
	Advertise: {"ADVERTISE", []operand{portName}, false, "ADVERTISE port"},
	Call:      {"CALL", []operand{function, integer}, true, "CALL function integer"},
	HMap:      {"HMAP", []operand{portName, function, integer}, false, "HMAP port_name handler_routine integer"},
	PortDeath: {"PORT_DEATH", []operand{function}, false, "PORT_DEATH function_name"},
	SMap:      {"SMAP", []operand{portName, function, integer}, false, "SMAP port_name server_routine integer"},
	Start:     {"START", nil, false, "START"},
	Wire:      {"WIRE", nil, false, "WIRE"},
}

func (v Verb) String() string { return verbs[v].name }

func (c Command) String() string {
	b := []byte(c.Verb.String())
	for _, o := range verbs[c.Verb].operands {
		b = append(b, ' ')
		switch o {
		case portName:
			b = append(b, c.Port...)
		case function:
			b = append(b, c.Function...)
		case integer:
			b = strconv.AppendInt(b, int64(c.Arg), 10)
		}
	}
	return string(b)
}

// ScriptError is what is wrong with a script, and where.
type ScriptError struct {
	File string
	Line int // 0: the script as a whole
	Msg  string
}

func (e *ScriptError) Error() string {
	if e.Line == 0 {
		return e.File + ": " + e.Msg
	}
	return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Msg)
}

// ParseLoad reads a load commands script. It must have at least one HMAP, SMAP or
// START; a port may be advertised once and mapped once, and PORT_DEATH be given
// once. Errors are *ScriptError; file is for them.
func ParseLoad(file string, script []byte) ([]Command, error) {
	cmds, err := parse(file, script, false)
	if err != nil {
		return nil, err
	}
	return cmds, checkLoad(file, cmds)
}

// ParseUnload reads an unload commands script, which has CALLs only and may be
// empty.
func ParseUnload(file string, script []byte) ([]Command, error) {
	return parse(file, script, true)
}

func parse(file string, script []byte, unload bool) (cmds []Command, err error) {
	if len(script) > MaxScript {
		return nil, &ScriptError{file, 0, fmt.Sprintf("a script has at most %d bytes", MaxScript)}
	}
	n := 0
	for line := range strings.Lines(string(script)) {
		n++
		words := strings.Fields(uncomment(line))
		if len(words) == 0 {
			continue
		}
		if len(cmds) == MaxCommands {
			return nil, &ScriptError{file, n, fmt.Sprintf("more than %d commands", MaxCommands)}
		}
		c, msg := parseCommand(words, unload)
		if msg != "" {
			return nil, &ScriptError{file, n, msg}
		}
		c.Line = n
		cmds = append(cmds, c)
	}
	return cmds, nil
}

// uncomment takes away a comment: # at the start of a word, to the end of the line.
func uncomment(line string) string {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return line[:i]
		}
	}
	return line
}

func parseCommand(words []string, unload bool) (c Command, msg string) {
	for v := range verbs {
		row := &verbs[v]
		if row.name != words[0] {
			continue
		}
		if unload && !row.unload {
			return c, row.name + " is not an unload command, only CALL is"
		}
		if len(words)-1 != len(row.operands) {
			return c, "the syntax is " + row.syntax
		}
		c.Verb = Verb(v)
		for i, o := range row.operands {
			if msg := c.operand(o, words[i+1]); msg != "" {
				return c, msg
			}
		}
		return c, ""
	}
	return c, fmt.Sprintf("%.40q is not a command", words[0])
}

func (c *Command) operand(o operand, word string) string {
	switch o {
	case portName:
		if !plain(word) {
			return fmt.Sprintf("%.40q is not a port's name", word)
		}
		c.Port = word
	case function:
		if !identifier(word) {
			return fmt.Sprintf("%.40q is not a function's name", word)
		}
		c.Function = word
	case integer:
		n, err := strconv.ParseInt(word, 0, 64)
		if err != nil || n < -1<<31 || n > 1<<32-1 {
			return fmt.Sprintf("%.40q is not a 32-bit integer", word)
		}
		c.Arg = int32(n)
	}
	return ""
}

// plain says whether a word can be a name: printable ASCII of a bounded length.
func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != "" && len(s) <= MaxName
}

func identifier(s string) bool {
	for i := range len(s) {
		c := s[i]
		letter := c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c < '0' || c > '9') {
			return false
		}
	}
	return s != "" && len(s) <= MaxName
}

func checkLoad(file string, cmds []Command) error {
	useful, death := false, false
	advertised, mapped := map[string]bool{}, map[string]bool{}
	for _, c := range cmds {
		msg := ""
		switch c.Verb {
		case Advertise:
			if advertised[c.Port] {
				msg = "port " + c.Port + " is advertised twice"
			}
			advertised[c.Port] = true
		case HMap, SMap:
			if mapped[c.Port] {
				msg = "port " + c.Port + " is mapped twice"
			}
			mapped[c.Port], useful = true, true
		case PortDeath:
			if death {
				msg = "PORT_DEATH is given twice"
			}
			death = true
		case Start:
			useful = true
		}
		if msg != "" {
			return &ScriptError{file, c.Line, msg}
		}
	}
	if !useful {
		return &ScriptError{file, 0, "one of HMAP, SMAP and START is needed, or the server would never run"}
	}
	return nil
}
