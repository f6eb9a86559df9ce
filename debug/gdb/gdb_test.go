package gdb

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"puggle/debug/still"
)

// wire is a connection whose other end has said all that it will say.
type wire struct {
	io.Reader
	out bytes.Buffer
}

func (w *wire) Write(b []byte) (int, error) { return w.out.Write(b) }

// serve gives the answers to what was said.
func serve(t testing.TB, s *still.Target, said string) string {
	w := &wire{Reader: strings.NewReader(said)}
	if err := Serve(w, Config{Target: s}); err != nil {
		t.Fatal(err)
	}
	return w.out.String()
}

func framed(p string) string {
	var sum byte
	for i := range len(p) {
		sum += p[i]
	}
	return "$" + p + "#" + string("0123456789abcdef"[sum>>4]) + string("0123456789abcdef"[sum&15])
}

// TestFraming: checksums, escapes, acknowledgements, and their end.
func TestFraming(t *testing.T) {
	s := still.New(64)
	out := serve(t, s, "+$qAttached#00"+framed("qAttached")+framed("X100000001,3:a}\x03b")+framed("m100000000,4")+
		framed("QStartNoAckMode")+framed("qAttached"))
	if want := "-+$1#31+$OK#9a+$00612362#94+$OK#9a$1#31"; out != want {
		t.Errorf("%q, want %q", out, want)
	}
	if out := serve(t, s, "$"+strings.Repeat("a", 1<<20)+"#00"+framed("qAttached")); out != "-+$1#31" {
		t.Errorf("a packet that is too long: %q", out)
	}
}

func FuzzServe(f *testing.F) {
	all := ""
	for _, p := range []string{"qSupported:swbreak+", "?", "g", "p10", "P10=0000000001000000", "m100000000,40", "M100000000,2:abcd", "Z0,100000000,1", "z0,100000000,1",
		"vCont?", "vCont;s:7;c", "vCont;c", "c", "s", "Hg7", "T7", "qfThreadInfo", "qsThreadInfo", "qThreadExtraInfo,7", "qRcmd,6474",
		"qXfer:features:read:target.xml:0,100", "qC", "X100000000,0:", "D"} {
		f.Add([]byte(framed(p)))
		all += framed(p)
	}
	f.Add([]byte(all))
	f.Fuzz(func(t *testing.T, said []byte) {
		s := still.New(4096)
		w := &wire{Reader: bytes.NewReader(said)}
		Serve(w, Config{Target: s, Monitor: func(l string) string { return l }})
		if w.out.Len() > len(said)*(4*maxPacket) {
			t.Errorf("%d bytes of answers to %d", w.out.Len(), len(said))
		}
	})
}
