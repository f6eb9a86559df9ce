package iokit

import (
	"bytes"
	"encoding/binary"
	"reflect"
	"testing"
)

func words(l ...uint32) []byte {
	b := []byte("\xd3\x00\x00\x00")
	for _, w := range l {
		b = binary.LittleEndian.AppendUint32(b, w)
	}
	return b
}

// everything has each kind of value, empty collections and one at the end of another.
var everything = map[string]any{
	"a": []any{}, "b": map[string]any{}, "c": Set(nil), "n": []any{uint8(1), uint16(2), uint32(3), uint64(1 << 63)},
	"s": "text & <more>", "data": []byte{0, 1, 2, 3, 4}, "yes": true, "no": false, "empty": "", "none": []byte{},
	"z": map[string]any{"yes": true, "z": []any{[]any{map[string]any{"s": "s"}}}},
}

func TestSerialize(t *testing.T) {
	for name, f := range map[string]func(any) []byte{"binary": SerializeBinary, "xml": SerializeXML} {
		v, err := Unserialize(f(everything))
		if err != nil || !reflect.DeepEqual(v, any(everything)) {
			t.Errorf("%s: %v\n%#v\n%#v", name, err, v, everything)
		}
	}
}

// TestSerializeBinary compares with the words of <libkern/OSSerializeBinary.h>, put together by hand.
func TestSerializeBinary(t *testing.T) {
	const k = 'k' // a symbol "k"
	got := SerializeBinary(map[string]any{"k": []any{true, "k", uint32(5)}})
	want := words(0x81000001, 0x08000002, k, 0x82000003, 0x0b000001, 0x09000001, k, 0x84000020, 5, 0)
	if !bytes.Equal(got, want) {
		t.Errorf("%x\nwant %x", got, want)
	}
	for _, c := range []struct {
		b    []byte
		want any
	}{
		{words(0x8b000001), true},
		{words(0x82000002, 0x09000001, 'x', 0x8c000001), []any{"x", "x"}}, // a reference
		{words(0x81000001, 0x09000001, 'x', 0x8c000001), map[string]any{"x": "x"}},
		{words(0x82000002, 0x02000000, 0x82000000), []any{[]any{}, []any{}}},
		{words(0x82000001, 0x8c000000), nil},                                                  // itself
		{words(0x82000001, 0x8c000001), nil},                                                  // what comes
		{words(0x82000001), nil},                                                              // cut off
		{words(0x89000008, 1), nil},                                                           // too short
		{words(0x88000001, k), nil},                                                           // a symbol without its zero
		{words(0x84000007, 1, 0), nil},                                                        // seven bits
		{words(0x8400003f, 1, 0), nil},                                                        // a real number
		{words(0x81000001, 0x0b000001, 0x8b000001), nil},                                      // a key that is no string
		{words(0x85000000), nil},                                                              // no kind
		{append([]byte{0xd4, 1, 0, 0}, words(0x82000001, 2, 0x8b000001)[4:]...), []any{true}}, // indexed
	} {
		v, err := UnserializeBinary(c.b)
		if !reflect.DeepEqual(v, c.want) || (err != nil) != (c.want == nil) {
			t.Errorf("%x: %v, %v", c.b, v, err)
		}
	}
}

// TestReferencesAreBounded reads lists of the list before, twice each: nothing of the size of what they
// would be may come of it.
func TestReferencesAreBounded(t *testing.T) {
	l := []uint32{0x82000020, 0x0b000001}
	for i := range uint32(30) {
		l = append(l, 0x02000002, 0x0c000000|(i+1), 0x8c000000|(i+1))
	}
	if v, err := UnserializeBinary(words(append(l, 0x8b000001)...)); err == nil {
		t.Errorf("read as %T", v)
	}
	var deep []uint32
	for range 1000 {
		deep = append(deep, 0x82000001)
	}
	if _, err := UnserializeBinary(words(deep...)); err == nil {
		t.Error("a thousand levels")
	}
	if _, err := UnserializeXML(bytes.Repeat([]byte("<array>"), 10000)); err == nil {
		t.Error("ten thousand levels")
	}
}

func TestUnserializeXML(t *testing.T) {
	for s, want := range map[string]any{
		`<dict ID="0"><key>IOProviderClass</key><string ID="1">IOService</string></dict>`:     map[string]any{"IOProviderClass": "IOService"},
		`<dict><key>a</key><string ID="1">x</string><key>b</key><string IDREF="1"/></dict>`:   map[string]any{"a": "x", "b": "x"},
		`<?xml version="1.0"?><plist version="1.0"><integer size="32">0x10</integer></plist>`: uint32(16),
		`<integer>-1</integer>`:        ^uint64(0),
		"<data>AAEC\n Aw==</data>\x00": []byte{0, 1, 2, 3},
		`<set><true/></set>`:           Set{true},
		`<string>&lt;&amp;</string>`:   "<&",
		`<dict><key>a</key></dict>`:    nil, `<dict><string>a</string></dict>`: nil, `<real>1.5</real>`: nil, `<string>`: nil,
		`<integer>ten</integer>`: nil, `<array IDREF="9"/>`: nil, ``: nil, `<array ID="1"><array IDREF="1"/></array>`: nil,
	} {
		v, err := Unserialize([]byte(s))
		if !reflect.DeepEqual(v, want) || (err != nil) != (want == nil) {
			t.Errorf("%q: %#v, %v", s, v, err)
		}
	}
}

// FuzzUnserialize: whatever can be read is a value, can be written, and is the same then; and may be
// matched with the machine's own entries.
func FuzzUnserialize(f *testing.F) {
	f.Add(SerializeBinary(everything))
	f.Add(SerializeXML(everything))
	f.Add(SerializeBinary(Matching(ProviderClassKey, "IOService")))
	f.Add(SerializeXML(map[string]any{ProviderClassKey: "IOPlatformDevice", PropertyMatchKey: []any{map[string]any{"processor-number": uint32(1)}},
		ParentMatchKey: map[string]any{NameMatchKey: []any{"x", "Puggle1,1"}, PropertyExistsKey: "model"}, EntryIDKey: uint64(firstID)}))
	f.Add(words(0x82000002, 0x09000001, 'x', 0x8c000001))
	r := NewRegistry()
	if err := r.AddPlatform(Platform{Model: "Puggle1,1", Processors: 2}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v, err := Unserialize(b)
		if err != nil {
			return
		}
		n, err := Normalize(v)
		if err != nil {
			return // larger or deeper than an entry's
		}
		again, err := UnserializeBinary(SerializeBinary(n))
		if err != nil || !Equal(again, n) {
			t.Fatalf("%#v came back as %#v: %v", n, again, err)
		}
		if table, ok := n.(map[string]any); ok {
			for _, e := range r.Services(table, Matched) {
				if !e.MatchPassive(table) {
					t.Fatal("found, but doesn't match")
				}
			}
		}
	})
}
