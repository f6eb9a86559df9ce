package kpi

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"puggle/abi"
	"puggle/mig"
)

const tallyDir = "../kernserv/testdata/"

// TestServerAndHandler: what MIG makes of one .defs answers alike as a server routine (SMAP)
// and inside a handler (HMAP), which sends its own reply.
func TestServerAndHandler(t *testing.T) {
	m := newNextMachine(t)
	file := m.server("tally", "CALL tally_init 1000\nADVERTISE tallyS\nADVERTISE tallyH\nSMAP tallyS tally_server 45\nHMAP tallyH tally_handler 46\n", "CALL tally_handled 0\n",
		tallyDir+"tallyServer.o", tallyDir+"tally_handler.o")
	if _, err := m.l.AddServer(file); err != nil {
		t.Fatal(err)
	}
	const oneInt = 2 | 32<<8 | 1<<16 | 1<<28
	const add, halve = 4600, 4601
	badID, badType := uint32(0xffffffff-302), uint32(0xffffffff-299) // MIG_BAD_ID, MIG_TYPE_ERROR
	for _, c := range []struct {
		id    int32
		words []uint32
		want  []uint32 // id, then each type and value
	}{
		{add, []uint32{oneInt, 7}, []uint32{add + 100, oneInt, 0, oneInt, 1007}},
		{add, []uint32{oneInt, 0xfffffff0}, []uint32{add + 100, oneInt, 0, oneInt, 984}},
		{halve, []uint32{oneInt, 9}, []uint32{halve + 100, oneInt, 0, oneInt, 4, oneInt, 1}},
		{halve, []uint32{oneInt, 0xffffffff}, []uint32{halve + 100, oneInt, uint32(abi.KERN_INVALID_ARGUMENT)}},
		{add, []uint32{oneInt ^ 1<<8, 7}, []uint32{add + 100, oneInt, badType}},
		{4602, []uint32{oneInt, 7}, []uint32{4702, oneInt, badID}},
	} {
		for _, port := range []string{"tallyS", "tallyH"} {
			if got := m.rpc(port, c.id, nil, c.words...); fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%s, %d %v: %v, want %v\n%s", port, c.id, c.words, got, c.want, m.Messages.String())
			}
		}
	}
	i, err := m.l.ServerInfo("tally")
	if err != nil {
		t.Fatal(err)
	}
	th := m.ownThread("tally")
	defer th.Detach()
	if n, err := m.Call(th, m.extensionAt(i.Address).fn(t, "tally_handled")); err != nil || n != 6 {
		t.Errorf("the handler ran %d times, %v", n, err)
	}
}

// TestTallyIsMade: what is committed is what MIG and the compiler make today.
func TestTallyIsMade(t *testing.T) {
	dir := t.TempDir()
	var stderr bytes.Buffer
	if n := mig.Main([]string{"-2.5", "-server", filepath.Join(dir, "tallyServer.c"), "-sheader", filepath.Join(dir, "tally.h"), "-user", os.DevNull,
		"-header", os.DevNull, tallyDir + "tally.defs"}, nil, nil, &stderr); n != 0 {
		t.Fatal(stderr.String())
	}
	same := func(got, want string) {
		t.Helper()
		a, err := os.ReadFile(got)
		b, err2 := os.ReadFile(want)
		if err != nil || err2 != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not what its source makes (%v, %v)", want, err, err2)
		}
	}
	same(filepath.Join(dir, "tallyServer.c"), tallyDir+"tallyServer.c")
	same(filepath.Join(dir, "tally.h"), tallyDir+"tally.h")
	if _, err := exec.LookPath("clang-19"); err != nil {
		t.Skip("no clang-19")
	}
	for _, d := range []string{"kernserv/testdata", "sdk/next"} {
		if err := os.CopyFS(filepath.Join(dir, d), os.DirFS("../"+d)); err != nil {
			t.Fatal(err)
		}
	}
	if b, err := exec.Command("sh", filepath.Join(dir, "kernserv/testdata/build.sh")).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	for _, o := range []string{"tallyServer.o", "tally_handler.o"} {
		same(filepath.Join(dir, "kernserv/testdata", o), tallyDir+o)
	}
}
