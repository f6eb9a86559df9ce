package kext

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"howett.net/plist"
)

const (
	// MaxPlist is the size of the largest property list, bytes.
	MaxPlist = 1 << 20
	// MaxDepth is how deep its dictionaries and arrays may be nested.
	MaxDepth = 64
	// MaxBinary is the size of the largest binary, bytes.
	MaxBinary = 64 << 20
)

// ParsePlist reads a property list, XML or the older text form, whose root is
// a dictionary. Binary lists are refused.
func ParsePlist(b []byte) (info map[string]any, err error) {
	if len(b) > MaxPlist {
		return nil, fmt.Errorf("property list of more than %d bytes", MaxPlist)
	}
	if bytes.HasPrefix(b, []byte("bplist")) {
		return nil, errors.New("binary property lists are not supported (convert it to XML)")
	}
	if tooDeep(b) {
		return nil, fmt.Errorf("property list nested more than %d deep", MaxDepth)
	}
	defer func() { // the parser is not ours: its panics are malformed input
		if r := recover(); r != nil {
			info, err = nil, fmt.Errorf("malformed property list: %v", r)
		}
	}()
	if _, err := plist.Unmarshal(b, &info); err != nil {
		return nil, fmt.Errorf("malformed property list: %w", err)
	}
	if info == nil {
		return nil, errors.New("the property list is not a dictionary")
	}
	return info, nil
}

// tooDeep looks at both forms, since the parser may try both. Elements of XML
// are counted by the reader that the parser uses itself, up to the first error. In
// text, where quoting would have to be understood, all openings count.
func tooDeep(b []byte) bool {
	if bytes.Count(b, []byte("{"))+bytes.Count(b, []byte("(")) > maxOpenings {
		return true
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false // lenient reading goes on for longer
	for n := 0; ; {
		t, err := d.RawToken()
		if err != nil {
			return false
		}
		switch t.(type) {
		case xml.StartElement:
			if n++; n > MaxDepth {
				return true
			}
		case xml.EndElement:
			n--
		}
	}
}

// maxOpenings is the most brackets in a text property list.
const maxOpenings = 4096

// readFile reads a file of at most limit bytes.
func readFile(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !st.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("%s: more than %d bytes", name, limit)
	}
	return b, err
}
