package kern

import (
	"strings"
	"testing"
)

// What is kept of a great many arguments shows that it is not all.
func TestArgsCut(t *testing.T) {
	long := strings.Repeat("x", argsKept)
	many := make([]string, argsKept/stringCost+10)
	for _, c := range []struct {
		args, env []string
		last      string
	}{
		{[]string{"a", "b"}, nil, "b"},
		{[]string{"a", "b"}, []string{long}, "b"}, // the environment is not shown
		{[]string{"a", long, "b"}, nil, "x" + cut},
		{[]string{long, "b"}, nil, cut},
		{many, nil, cut},
	} {
		im := &Image{Args: c.args, Env: c.env}
		im.forget(4096)
		if l := im.Args[len(im.Args)-1]; !strings.HasSuffix(l, c.last) || c.last != cut && strings.HasSuffix(l, cut) != strings.HasSuffix(c.last, cut) {
			t.Errorf("%d arguments, the first %.10q: the last kept is %.10q", len(c.args), c.args[0], l)
		}
	}
}
