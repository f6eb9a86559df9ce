package iokit

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"puggle/abi"
	"puggle/mach/sched"
)

func entry(t *testing.T, r *Registry, class, name string, parent *Entry) *Entry {
	t.Helper()
	e, err := r.NewEntry(class, name, nil)
	if err == nil {
		err = e.Attach(parent, ServicePlane)
	}
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestModel does at random what drivers do, and compares with the simplest thing that could be a
// registry: for each entry the list of its parents.
func TestModel(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	r := NewRegistry()
	parents := map[*Entry][]*Entry{r.Root(): nil}
	all := []*Entry{r.Root()}
	var above func(e, x *Entry) bool
	above = func(e, x *Entry) bool {
		return e == x || slices.ContainsFunc(parents[e], func(p *Entry) bool { return above(p, x) })
	}
	for step := range 700 {
		e, p := all[rnd.IntN(len(all))], all[rnd.IntN(len(all))]
		switch rnd.IntN(4) {
		case 0:
			if len(all) < 24 {
				n, err := r.NewEntry("IOService", fmt.Sprint("n", step), nil)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, n)
			}
		case 1, 2:
			err := e.Attach(p, ServicePlane)
			if wrong := e == r.Root() || above(p, e); wrong != (err != nil) {
				t.Fatalf("step %d: attach said %v", step, err)
			} else if !wrong && !slices.Contains(parents[e], p) {
				parents[e] = append(parents[e], p)
			}
		case 3:
			e.Detach(p, ServicePlane)
			parents[e] = slices.DeleteFunc(parents[e], func(x *Entry) bool { return x == p })
		}
		for _, e := range all {
			if got := e.Parents(ServicePlane); !slices.Equal(got, parents[e]) {
				t.Fatalf("step %d: parents of %s: %d, want %d", step, e.Name(""), len(got), len(parents[e]))
			}
			for _, p := range parents[e] {
				if !slices.Contains(p.Children(ServicePlane), e) {
					t.Fatalf("step %d: %s is no child", step, e.Name(""))
				}
			}
			if found := r.Find(e.ID()) == e; found != (e == r.Root() || len(parents[e]) > 0) {
				t.Fatalf("step %d: %s found: %v", step, e.Name(""), found)
			}
		}
		want := 0
		for _, e := range all {
			if e != r.Root() && above(e, r.Root()) {
				want++
			}
		}
		if got := len(r.Root().Walk(ServicePlane, false)); got != want {
			t.Fatalf("step %d: %d below the root, want %d", step, got, want)
		}
		it, kr := r.Root().NewIterator(ServicePlane, IterateRecursively)
		seen := map[*Entry]bool{}
		for kr == 0 {
			e := it.Next()
			if e == nil {
				break
			}
			seen[e] = true
		}
		if len(seen) != want {
			t.Fatalf("step %d: the iterator saw %d, want %d", step, len(seen), want)
		}
	}
}

func TestPlatform(t *testing.T) {
	r := NewRegistry()
	if err := r.AddPlatform(Platform{Model: "Puggle1,1", UUID: MachineUUID("a"), Serial: MachineSerial("a"), Version: "v", Processors: 2}); err != nil {
		t.Fatal(err)
	}
	l := r.Services(Matching(ProviderClassKey, "IOPlatformExpertDevice"), Matched)
	if len(l) != 1 || l[0].Name(ServicePlane) != "Puggle1,1" || l[0].Property("IOPlatformUUID") != MachineUUID("a") {
		t.Fatalf("platform: %v", l)
	}
	for path, class := range map[string]string{
		"IOService:/": "IOPlatformExpertDevice", "IODeviceTree:/": "IOPlatformExpertDevice", "/options": "IODTNVRAM",
		"IODeviceTree:/options": "IODTNVRAM", "IODeviceTree:/cpus/CPU1@1": "IOPlatformDevice", "IODeviceTree:/cpus/@1": "IOPlatformDevice",
		"IODeviceTree:/cpus/CPU1": "IOPlatformDevice", "IOService:/IOResources": "IOResources", "IODeviceTree:/chosen": "IOService",
		"IODeviceTree:/nothing": "", "IOService:/IOResources/x/y": "", "Elsewhere:/": "", "options": "",
	} {
		e := r.FromPath(path)
		if e == nil && class != "" || e != nil && e.Class() != class {
			t.Errorf("%s: %v, want %s", path, e, class)
		}
		if e != nil && strings.Count(path, "@") == strings.Count(path, "CPU") && strings.Contains(path, ":") {
			p, _, _ := strings.Cut(path, ":")
			if got, ok := e.Path(Plane(p)); !ok || got != path {
				t.Errorf("path of %s: %q", path, got)
			}
		}
	}
	if p, ok := r.Root().Path(ServicePlane); ok {
		t.Errorf("the root's path is %q", p)
	}
	if MachineUUID("a") == MachineUUID("b") || len(MachineUUID("b")) != 36 || len(MachineSerial("b")) != 12 {
		t.Error("identities")
	}
	if n, _ := r.Root().Busy(); n != 0 {
		t.Errorf("busy: %d", n)
	}
}

func TestMatching(t *testing.T) {
	r := NewRegistry()
	if err := r.DefineClass("com_example_Bus", "IOService", "com.example"); err != nil {
		t.Fatal(err)
	}
	if r.DefineClass("x", "unheard of", "") == nil || r.DefineClass("com_example_Bus", "OSObject", "") == nil {
		t.Error("bad classes were defined")
	}
	bus := entry(t, r, "com_example_Bus", "bus", r.Root())
	nub := entry(t, r, "IOService", "nub", bus)
	nub.SetLocation("", "4")
	nub.SetProperties(map[string]any{"n": 7, "compatible": []byte("one\x00two\x00"), "BSD Name": "disk0", "list": []any{"a", true}})
	res := entry(t, r, ResourcesClass, "IOResources", r.Root())
	res.SetProperty("Ready", true)
	type d = map[string]any
	for i, c := range []struct {
		e    *Entry
		dict d
		want bool
	}{
		{nub, d{}, false},
		{nub, d{"IOProviderClass": "IOService"}, true},
		{nub, d{"IOProviderClass": "com_example_Bus"}, false},
		{bus, d{"IOProviderClass": "IORegistryEntry"}, true},
		{nub, d{"IOProviderClass": true}, false},
		{nub, d{"IONameMatch": "nub"}, true},
		{nub, d{"IONameMatch": []any{"x", "two"}}, true},
		{nub, d{"IONameMatch": []any{"x", "three", uint32(3)}}, false},
		{nub, d{"IOPropertyMatch": d{"n": uint8(7)}}, true},
		{nub, d{"IOPropertyMatch": d{"n": uint8(7), "m": true}}, false},
		{nub, d{"IOPropertyMatch": []any{d{"n": uint8(8)}, d{"list": []any{"a", true}}}}, true},
		{nub, d{"IOPropertyMatch": "n"}, false},
		{nub, d{"IOPropertyExistsMatch": "n"}, true},
		{nub, d{"IOPropertyExistsMatch": []any{"x", "n"}}, true},
		{nub, d{"IOPropertyExistsMatch": "x"}, false},
		{nub, d{"IOLocationMatch": "4"}, true},
		{nub, d{"IOLocationMatch": "5"}, false},
		{nub, d{"IOPathMatch": "IOService:/nub@4"}, true}, // the bus is the root's child
		{nub, d{"IOPathMatch": "IOService:/"}, false},
		{nub, d{"IORegistryEntryID": nub.ID()}, true},
		{nub, d{"IORegistryEntryID": nub.ID() + 1}, false},
		{nub, d{"IOParentMatch": d{"IOProviderClass": "com_example_Bus"}}, true},
		{bus, d{"IOParentMatch": d{"IOProviderClass": "com_example_Bus"}}, false},
		{nub, d{"IOParentMatch": d{"IOProviderClass": "com_example_Bus", "IOParentMatch": d{"IONameMatch": "Root"}}}, true},
		{nub, d{"IOParentMatch": d{"IOParentMatch": d{"IOParentMatch": d{"IOProviderClass": "IORegistryEntry"}}}}, false},
		{nub, d{"BSD Name": "disk0"}, true},
		{nub, d{"BSD Name": "disk1"}, false},
		{nub, d{"IOMatchedServiceCount": uint32(0)}, true},
		{nub, d{"IOResourceMatch": "Ready"}, false},
		{res, d{"IOProviderClass": "IOResources", "IOResourceMatch": "Ready"}, true},
		{res, d{"IOProviderClass": "IOResources", "IOResourceMatch": []any{"Ready", "Steady"}}, false},
		{nub, d{"of the driver's own": true}, true},
	} {
		if got := c.e.Match(c.dict); got != c.want {
			t.Errorf("%d: %v matches %s: %v", i, c.dict, c.e.Name(""), got)
		}
	}
}

// TestParentMatchIsBounded tries dictionaries in each other on entries above each other: the ways are
// more than anybody could try.
func TestParentMatchIsBounded(t *testing.T) {
	r := NewRegistry()
	e := r.Root()
	for i := range 100 {
		e = entry(t, r, "IOService", fmt.Sprint("n", i), e)
	}
	d := map[string]any{NameMatchKey: "nobody"}
	for range 20 {
		d = map[string]any{ParentMatchKey: d}
	}
	if e.Match(d) {
		t.Error("matches")
	}
}

// TestDrivers starts drivers by score and category, again when personalities or resources come.
func TestDrivers(t *testing.T) {
	r := NewRegistry()
	nub := entry(t, r, "IOService", "nub", r.Root())
	res := entry(t, r, ResourcesClass, "IOResources", r.Root())
	var mu sync.Mutex
	var log []string
	r.SetStarter(func(p *Entry, l []*Personality) {
		mu.Lock()
		defer mu.Unlock()
		for _, c := range l {
			log = append(log, p.Name("")+" "+c.Class())
			if c.Table["starts"] == true {
				e := entry(t, r, "IOService", c.Class(), p)
				e.SetProperty(MatchCategoryKey, c.Category())
				return
			}
		}
	})
	pers := func(class string, score int, kv ...any) *Personality {
		m := map[string]any{ProviderClassKey: "IOService", NameMatchKey: "nub", ClassKey: class, ProbeScoreKey: score}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return &Personality{Bundle: "b", Table: m}
	}
	if err := r.Catalogue.Add(pers("low", -5, "starts", true), pers("high", 100), pers("mid", 3, "starts", true), pers("other", 0, MatchCategoryKey, "c", "starts", true)); err != nil {
		t.Fatal(err)
	}
	if r.Catalogue.Add(&Personality{Table: map[string]any{ClassKey: "x"}}) == nil {
		t.Error("a personality without a provider was added")
	}
	nub.RegisterNow()
	res.RegisterNow()
	want := []string{"nub high", "nub mid", "nub other"}
	if !slices.Equal(log, want) {
		t.Fatalf("%v, want %v", log, want)
	}
	if s := nub.State(); s != Registered|Matched|FirstPublish|FirstMatch {
		t.Errorf("state %x", s)
	}
	nub.RegisterNow() // both categories have their driver
	if err := r.Catalogue.Add(&Personality{Table: map[string]any{ProviderClassKey: "IOResources", ResourceMatchKey: "Key", ClassKey: "waits", "starts": true}}); err != nil {
		t.Fatal(err)
	}
	res.WaitQuiet(sched.NewThread("test"), sched.After(20*time.Second))
	if !slices.Equal(log, want) {
		t.Fatalf("%v, want %v", log, want)
	}
	if err := r.PublishResource("Key", nil); err != nil {
		t.Fatal(err)
	}
	if kr := r.Root().WaitQuiet(sched.NewThread("test"), sched.After(20*time.Second)); kr != 0 {
		t.Fatal(kr)
	}
	mu.Lock()
	defer mu.Unlock()
	if want = append(want, "IOResources waits"); !slices.Equal(log, want) {
		t.Fatalf("%v, want %v", log, want)
	}
	if n := r.Catalogue.Remove(map[string]any{NameMatchKey: "nub"}); n != 4 || len(r.Catalogue.All()) != 1 {
		t.Errorf("%d removed", n)
	}
}

type ending struct {
	NoObject
	name string
	log  *[]string
}

func (o ending) Terminate(uint32) { *o.log = append(*o.log, o.name) }
func (o ending) Message(kind uint32, p *Entry, _ uint64) abi.KernReturn {
	if kind == MessageServiceIsTerminated {
		*o.log = append(*o.log, o.name+" of "+p.Name(""))
	}
	return 0
}

func TestTerminate(t *testing.T) {
	r := NewRegistry()
	var log, told []string
	add := func(name string, p *Entry) *Entry {
		e, err := r.NewEntry("IOService", name, ending{name: name, log: &log})
		if err == nil {
			err = e.Attach(p, ServicePlane)
		}
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	a := add("a", r.Root())
	b := add("b", a)
	c := add("c", b)
	other := add("other", r.Root())
	note := func(kind string) *Notification {
		n, l, kr := r.AddNotification(kind, Matching(NameMatchKey, "b"), func(e *Entry) { told = append(told, kind+" "+e.Name("")) })
		if kr != 0 || len(l) != 0 {
			t.Fatal(kind, l, kr)
		}
		return n
	}
	gone := note(PublishNotification)
	gone.Remove()
	note(FirstPublishNotification)
	note(FirstMatchNotification)
	note(MatchedNotification)
	note(TerminatedNotification)
	if _, _, kr := r.AddNotification("IOServiceUnheardOf", nil, nil); kr == 0 {
		t.Error("an unknown kind is a kind")
	}
	if _, kr := r.AddInterest(b, GeneralInterest, func(e *Entry, kind uint32, _ uint64) { told = append(told, fmt.Sprintf("%s %x", e.Name(""), kind)) }); kr != 0 {
		t.Fatal(kr)
	}
	b.RegisterNow()
	b.RegisterNow()
	c.AdjustBusy(1)
	if n, _ := r.Root().Busy(); n != 1 {
		t.Errorf("the root's busy count is %d", n)
	}
	if kr := r.Root().WaitQuiet(sched.NewThread("test"), sched.After(time.Millisecond)); kr != IOReturnTimeout {
		t.Errorf("a busy root was quiet: %v", kr)
	}
	a.Terminate(0)
	a.Terminate(0)
	if want := []string{"c of b", "c", "b of a", "b", "a of Root", "a"}; !slices.Equal(log, want) {
		t.Errorf("%q, want %q", log, want)
	}
	if want := []string{"IOServiceFirstPublish b", "IOServiceFirstMatch b", "IOServiceMatched b", "IOServiceMatched b", "b e0000010", "IOServiceTerminate b"}; !slices.Equal(told, want) {
		t.Errorf("%q, want %q", told, want)
	}
	if r.Find(b.ID()) != nil || r.Find(other.ID()) != other || len(r.Root().Walk(ServicePlane, false)) != 1 || b.State()&Inactive == 0 {
		t.Error("what is left is not what is left")
	}
	if n, _ := r.Root().Busy(); n != 0 {
		t.Errorf("the root's busy count is %d", n)
	}
	if c.Attach(other, ServicePlane) == nil {
		t.Error("an inactive entry was attached")
	}
}

func TestValues(t *testing.T) {
	for _, v := range []any{1.5, time.Now(), nil, map[string]any{"x": float32(1)}, make([]byte, MaxPropertyBytes)} {
		if _, err := Normalize(v); err == nil {
			t.Errorf("a %T is a value", v)
		}
	}
	var deep any = "x"
	for range MaxDepth {
		deep = []any{deep}
	}
	if _, err := Normalize(deep); err == nil {
		t.Error("too deep a value is one")
	}
	if n := Signed(uint8(0xfe)); n != -2 {
		t.Error(n)
	}
	if !Equal(Set{"a", uint8(1)}, Set{uint64(1), "a"}) || Equal([]any{"a", "b"}, []any{"b", "a"}) || !Equal("x", []byte("x\x00")) || Equal(true, uint8(1)) {
		t.Error("equality")
	}
	r := NewRegistry()
	e := entry(t, r, "IOService", "e", r.Root())
	big := make([]byte, MaxPropertyBytes*3/10)
	for i := range 2 {
		if err := e.SetProperty(fmt.Sprint(i), big); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		if err := e.SetProperty("1", big); err != nil { // the same again
			t.Fatal(err)
		}
	}
	if e.SetProperty("2", big) != nil || e.SetProperty("3", big) == nil {
		t.Error("the bound of properties")
	}
}

// TestNotificationBytes asks for notifications with large dictionaries until there is no more room for them.
func TestNotificationBytes(t *testing.T) {
	r := NewRegistry()
	table := Matching(NameMatchKey, strings.Repeat("x", MaxPropertyBytes/2))
	var l []*Notification
	for range 2*MaxNotificationBytes/MaxPropertyBytes + 1 {
		n, _, kr := r.AddNotification(PublishNotification, table, func(*Entry) {})
		if kr == IOReturnNoResources {
			break
		}
		l = append(l, n)
	}
	if len(l) > 2*MaxNotificationBytes/MaxPropertyBytes {
		t.Fatalf("%d large dictionaries are kept", len(l))
	}
	for _, n := range l {
		n.Remove()
		n.Remove()
	}
	if _, _, kr := r.AddNotification(PublishNotification, table, func(*Entry) {}); kr != 0 {
		t.Errorf("no room after all were removed: %v", kr)
	}
}
