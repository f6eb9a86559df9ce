package iokit

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
)

// The binary form of values (<libkern/OSSerializeBinary.h>): a signature, then for each object a
// word of its kind and length, with a bit that it is the last of its collection.
const (
	binDictionary = 0x01000000
	binArray      = 0x02000000
	binSet        = 0x03000000
	binNumber     = 0x04000000
	binSymbol     = 0x08000000
	binString     = 0x09000000
	binData       = 0x0a000000
	binBoolean    = 0x0b000000
	binObject     = 0x0c000000 // one that came before
	binKinds      = 0x7f000000
	binLength     = 0x00ffffff
	binEnd        = 0x80000000

	binSignature = "\323\x00\x00\x00"
	binIndexed   = 0xd4 // first byte of the form with lengths of collections
)

var errBinary = errors.New("no serialised object")

// SerializeBinary is the binary form. Strings and booleans that occur again are references.
func SerializeBinary(v any) []byte {
	w := binWriter{out: []byte(binSignature), seen: map[any]uint32{}}
	w.put(v, true, false)
	return w.out
}

type binWriter struct {
	out  []byte
	n    uint32
	seen map[any]uint32 // of a symbol or boolean: its number
}

type symbol string

func (w *binWriter) head(kind uint32, n int, last bool) {
	key := kind | uint32(n)&binLength
	if last {
		key |= binEnd
	}
	w.out = binary.LittleEndian.AppendUint32(w.out, key)
}

func (w *binWriter) object(kind uint32, n int, last bool, bits string) {
	w.head(kind, n, last)
	w.out = append(w.out, bits...)
	for len(w.out)&3 != 0 {
		w.out = append(w.out, 0)
	}
	w.n++
}

// again writes a reference if x has been written.
func (w *binWriter) again(x any, last bool) bool {
	if i, ok := w.seen[x]; ok {
		w.head(binObject, int(i), last)
		return true
	}
	w.seen[x] = w.n
	return false
}

func (w *binWriter) put(v any, last, key bool) {
	list := func(kind uint32, l []any) {
		w.object(kind, len(l), last, "")
		for i, x := range l {
			w.put(x, i == len(l)-1, false)
		}
	}
	switch v := v.(type) {
	case bool:
		if !w.again(v, last) {
			n := 0
			if v {
				n = 1
			}
			w.object(binBoolean, n, last, "")
		}
	case string:
		if key {
			if !w.again(symbol(v), last) {
				w.object(binSymbol, len(v)+1, last, v+"\x00")
			}
			return
		}
		w.object(binString, len(v), last, v)
	case []byte:
		w.object(binData, len(v), last, string(v))
	case []any:
		list(binArray, v)
	case Set:
		list(binSet, v)
	case map[string]any:
		w.object(binDictionary, len(v), last, "")
		for i, k := range slices.Sorted(maps.Keys(v)) {
			w.put(k, false, true)
			w.put(v[k], i == len(v)-1, false)
		}
	default:
		n, bits := Number(v)
		w.object(binNumber, bits, last, string(binary.LittleEndian.AppendUint64(nil, n)))
	}
}

// UnserializeBinary reads the binary form. What is read has at most MaxValues objects, those that are
// referred to counted each time, MaxDepth levels and no cycles. One error: it is no such thing.
func UnserializeBinary(b []byte) (any, error) {
	if len(b) < 8 || string(b[:4]) != binSignature && b[0] != binIndexed {
		return nil, errBinary
	}
	r := binReader{b: b[4:], indexed: b[0] == binIndexed, room: MaxValues}
	v, err := r.top()
	if err != nil {
		return nil, err
	}
	return v, nil
}

type binReader struct {
	b       []byte
	indexed bool
	objects []binObj
	room    int // objects that may still come
}

// binObj is an object that was read: how many it is in all, and how deep. One that is not
// complete yet has no value.
type binObj struct {
	v           any
	size, depth int
}

func (r *binReader) word() (uint32, bool) {
	if len(r.b) < 4 {
		return 0, false
	}
	w := binary.LittleEndian.Uint32(r.b)
	r.b = r.b[4:]
	return w, true
}

func (r *binReader) bytes(n int) (string, bool) {
	if n > len(r.b) {
		return "", false
	}
	s := string(r.b[:n])
	r.b = r.b[min((n+3)&^3, len(r.b)):]
	return s, true
}

func (r *binReader) top() (any, error) {
	o, _, err := r.next(MaxDepth)
	return o.v, err
}

// next reads one object with all that is in it; last says that it ends its collection.
func (r *binReader) next(depth int) (o binObj, last bool, err error) {
	key, ok := r.word()
	n := int(key & binLength)
	last = key&binEnd != 0
	if r.room--; !ok || r.room < 0 || depth == 0 {
		return o, false, errBinary
	}
	if key&binKinds == binObject {
		if n >= len(r.objects) || r.objects[n].v == nil || r.objects[n].depth > depth {
			return o, false, errBinary
		}
		o = r.objects[n]
		if r.room -= o.size; r.room < 0 {
			return o, false, errLarge
		}
		return o, last, nil
	}
	index := len(r.objects)
	r.objects = append(r.objects, binObj{})
	o = binObj{size: 1, depth: 1}
	switch kind := key & binKinds; kind {
	case binDictionary, binArray, binSet:
		if r.indexed {
			if _, ok = r.word(); !ok {
				return o, false, errBinary
			}
		}
		o.v, err = r.collection(kind, n, depth, &o)
		if err != nil {
			return o, false, err
		}
	case binNumber:
		var s string
		if s, ok = r.bytes(8); ok {
			o.v = sized(binary.LittleEndian.Uint64([]byte(s)), n)
		}
	case binSymbol, binString:
		var s string
		if s, ok = r.bytes(n); ok && (kind == binString || n > 0 && s[n-1] == 0) {
			s, _, _ = strings.Cut(s, "\x00")
			o.v = s
		}
	case binData:
		var s string
		if s, ok = r.bytes(n); ok {
			o.v = []byte(s)
		}
	case binBoolean:
		o.v = n != 0
	}
	if !ok || o.v == nil {
		return o, false, errBinary
	}
	r.objects[index] = o
	return o, last, nil
}

func (r *binReader) collection(kind uint32, n, depth int, o *binObj) (any, error) {
	var l []any
	m := map[string]any{}
	for end := n == 0; !end; {
		var key string
		if kind == binDictionary {
			k, last, err := r.next(depth - 1)
			s, ok := k.v.(string)
			if err != nil || !ok || last {
				return nil, errBinary
			}
			key = s
			o.size++
		}
		x, last, err := r.next(depth - 1)
		if err != nil {
			return nil, err
		}
		o.size += x.size
		o.depth = max(o.depth, x.depth+1)
		if kind == binDictionary {
			m[key] = x.v
		} else {
			l = append(l, x.v)
		}
		end = last
	}
	switch kind {
	case binDictionary:
		return m, nil
	case binSet:
		return Set(l), nil
	}
	if l == nil {
		l = []any{}
	}
	return l, nil
}

// sized is a number of so many bits; nil for another width.
func sized(n uint64, bits int) any {
	switch bits {
	case 8:
		return uint8(n)
	case 16:
		return uint16(n)
	case 32:
		return uint32(n)
	case 64:
		return n
	}
	return nil
}
