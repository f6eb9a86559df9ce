package iokit

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// Values are what OSDictionary and its kin hold:
//
//	bool, string                     OSBoolean, OSString and OSSymbol
//	uint8, uint16, uint32, uint64    OSNumber of so many bits
//	[]byte                           OSData
//	[]any, Set, map[string]any       OSArray, OSSet, OSDictionary
//
// Normalize makes them of what property lists give. They are not changed once they are
// in an entry or in the catalogue: whoever reads one gets the value itself.

// Set is an OSSet: an array whose order means nothing.
type Set []any

// Bounds of values.
const (
	MaxDepth         = 32      // of containers in each other
	MaxPropertyBytes = 1 << 20 // of an entry, serialised, about
	MaxValues        = 1 << 16 // in one serialised object
)

var (
	errDeep  = errors.New("values nested too deep")
	errLarge = errors.New("values too large")
)

// Normalize copies v and makes its numbers unsigned. Errors: a type that is none of
// the kernel's (real numbers, dates), too deep, too large.
func Normalize(v any) (any, error) {
	room := MaxPropertyBytes
	return normalize(v, MaxDepth, &room)
}

// NormalizeTable is Normalize of a dictionary.
func NormalizeTable(m map[string]any) (map[string]any, error) {
	v, err := Normalize(m)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

func normalize(v any, depth int, room *int) (any, error) {
	if *room -= 8; *room < 0 {
		return nil, errLarge
	}
	if depth == 0 {
		return nil, errDeep
	}
	list := func(l []any) ([]any, error) {
		out := make([]any, len(l))
		for i, x := range l {
			var err error
			if out[i], err = normalize(x, depth-1, room); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	switch v := v.(type) {
	case bool, uint8, uint16, uint32, uint64:
		return v, nil
	case int8:
		return uint8(v), nil
	case int16:
		return uint16(v), nil
	case int32:
		return uint32(v), nil
	case int:
		return uint64(v), nil
	case uint:
		return uint64(v), nil
	case int64:
		return uint64(v), nil
	case string:
		if *room -= len(v); *room < 0 {
			return nil, errLarge
		}
		return v, nil
	case []byte:
		if *room -= len(v); *room < 0 {
			return nil, errLarge
		}
		return bytes.Clone(v), nil
	case []any:
		return list(v)
	case Set:
		l, err := list(v)
		return Set(l), err
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			if *room -= len(k); *room < 0 {
				return nil, errLarge
			}
			var err error
			if out[k], err = normalize(x, depth-1, room); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("a value of type %T is none of the kernel's", v)
}

// Number is the value of an OSNumber, and its width in bits; 0 bits for what is none.
func Number(v any) (n uint64, bits int) {
	switch v := v.(type) {
	case uint8:
		return uint64(v), 8
	case uint16:
		return uint64(v), 16
	case uint32:
		return uint64(v), 32
	case uint64:
		return v, 64
	}
	return 0, 0
}

// Signed is a number as a signed one of its width; 0 for what is none.
func Signed(v any) int64 {
	n, bits := Number(v)
	if bits == 0 {
		return 0
	}
	return int64(n<<(64-bits)) >> (64 - bits)
}

// Equal is isEqualTo: numbers by value, whatever their width; data equals a string of the
// same bytes, with or without its zero.
func Equal(a, b any) bool {
	if n, bits := Number(a); bits != 0 {
		m, bits := Number(b)
		return bits != 0 && n == m
	}
	switch a := a.(type) {
	case bool:
		c, ok := b.(bool)
		return ok && a == c
	case string:
		switch b := b.(type) {
		case string:
			return a == b
		case []byte:
			return sameText(b, a)
		}
	case []byte:
		switch b := b.(type) {
		case []byte:
			return bytes.Equal(a, b)
		case string:
			return sameText(a, b)
		}
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, Equal)
	case Set:
		b, ok := b.(Set)
		return ok && len(a) == len(b) && !slices.ContainsFunc(a, func(x any) bool {
			return !slices.ContainsFunc(b, func(y any) bool { return Equal(x, y) })
		})
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, Equal)
	}
	return false
}

func sameText(b []byte, s string) bool { return string(bytes.TrimSuffix(b, []byte{0})) == s }

// elements are those of a collection, or v itself if it is none; a dictionary's
// are its keys.
func elements(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case Set:
		return v
	}
	return []any{v}
}
