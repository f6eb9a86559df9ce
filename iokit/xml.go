package iokit

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// SerializeXML is the XML form, as OSSerialize writes it: no header, numbers in
// hexadecimal with their size. Nothing is written by reference.
func SerializeXML(v any) []byte {
	var b bytes.Buffer
	putXML(&b, v)
	return b.Bytes()
}

func putXML(b *bytes.Buffer, v any) {
	text := func(tag, s string) {
		b.WriteString("<" + tag + ">")
		b.WriteString(xmlEscape.Replace(s))
		b.WriteString("</" + tag + ">")
	}
	list := func(tag string, l []any) {
		b.WriteString("<" + tag + ">")
		for _, x := range l {
			putXML(b, x)
		}
		b.WriteString("</" + tag + ">")
	}
	switch v := v.(type) {
	case bool:
		fmt.Fprintf(b, "<%t/>", v)
	case string:
		text("string", v)
	case []byte:
		text("data", base64.StdEncoding.EncodeToString(v))
	case []any:
		list("array", v)
	case Set:
		list("set", v)
	case map[string]any:
		b.WriteString("<dict>")
		for _, k := range slices.Sorted(maps.Keys(v)) {
			text("key", k)
			putXML(b, v[k])
		}
		b.WriteString("</dict>")
	default:
		n, bits := Number(v)
		fmt.Fprintf(b, `<integer size="%d">0x%x</integer>`, bits, n)
	}
}

var xmlEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

var errXML = errors.New("no XML property list")

// UnserializeXML reads the XML form, with ID and IDREF; a header and a <plist> around it may be there.
// The bounds are UnserializeBinary's.
func UnserializeXML(b []byte) (any, error) {
	b = bytes.TrimRight(b, "\x00")
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = true
	r := xmlReader{d: d, ids: map[string]binObj{}, room: MaxValues}
	for {
		t, err := d.Token()
		if err != nil {
			return nil, errXML
		}
		if s, ok := t.(xml.StartElement); ok {
			if s.Name.Local == "plist" {
				continue
			}
			o, err := r.value(s, MaxDepth)
			return o.v, err
		}
	}
}

// Unserialize reads either form.
func Unserialize(b []byte) (any, error) {
	if v, err := UnserializeBinary(b); err == nil {
		return v, nil
	}
	return UnserializeXML(b)
}

type xmlReader struct {
	d    *xml.Decoder
	ids  map[string]binObj
	room int
}

func attribute(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// text is all up to the end of the element.
func (r *xmlReader) text() (string, error) {
	var out strings.Builder
	for {
		t, err := r.d.Token()
		if err != nil {
			return "", errXML
		}
		switch t := t.(type) {
		case xml.CharData:
			out.Write(t)
		case xml.EndElement:
			return out.String(), nil
		case xml.StartElement:
			return "", errXML
		}
	}
}

func (r *xmlReader) value(s xml.StartElement, depth int) (o binObj, err error) {
	if r.room--; r.room < 0 || depth == 0 {
		return o, errXML
	}
	if id := attribute(s, "IDREF"); id != "" {
		o, ok := r.ids[id]
		if _, err := r.text(); err != nil || !ok || o.depth > depth {
			return o, errXML
		}
		if r.room -= o.size; r.room < 0 {
			return o, errLarge
		}
		return o, nil
	}
	o = binObj{size: 1, depth: 1}
	switch tag := s.Name.Local; tag {
	case "dict", "array", "set":
		o.v, err = r.collection(tag, depth, &o)
	default:
		var text string
		if text, err = r.text(); err == nil {
			o.v = scalar(tag, text, attribute(s, "size"))
		}
	}
	if err != nil || o.v == nil {
		return o, errXML
	}
	if id := attribute(s, "ID"); id != "" {
		r.ids[id] = o
	}
	return o, nil
}

func scalar(tag, text, size string) any {
	switch tag {
	case "true", "false":
		return tag == "true"
	case "string":
		return text
	case "integer":
		bits := 64
		if size != "" {
			bits, _ = strconv.Atoi(size)
		}
		text = strings.TrimSpace(text)
		n, err := strconv.ParseUint(text, 0, 64)
		if err != nil {
			var i int64
			i, err = strconv.ParseInt(text, 0, 64)
			n = uint64(i)
		}
		if err == nil {
			return sized(n, bits)
		}
	case "data":
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err == nil {
			return b
		}
	}
	return nil
}

func (r *xmlReader) collection(tag string, depth int, o *binObj) (any, error) {
	var l []any
	m := map[string]any{}
	key, keyed := "", false
	for {
		t, err := r.d.Token()
		if err != nil {
			return nil, io.ErrUnexpectedEOF
		}
		switch t := t.(type) {
		case xml.EndElement:
			switch {
			case keyed:
				return nil, errXML
			case tag == "dict":
				return m, nil
			case tag == "set":
				return Set(l), nil
			case l == nil:
				return []any{}, nil
			}
			return l, nil
		case xml.StartElement:
			if tag == "dict" && !keyed {
				k, err := r.key(t)
				if err != nil {
					return nil, err
				}
				key, keyed = k, true
				continue
			}
			x, err := r.value(t, depth-1)
			if err != nil {
				return nil, err
			}
			o.size += x.size
			o.depth = max(o.depth, x.depth+1)
			if tag == "dict" {
				m[key], keyed = x.v, false
			} else {
				l = append(l, x.v)
			}
		}
	}
}

// key reads a <key>, which may be a reference to one.
func (r *xmlReader) key(s xml.StartElement) (string, error) {
	if s.Name.Local != "key" {
		return "", errXML
	}
	s.Name.Local = "string"
	o, err := r.value(s, 1)
	k, ok := o.v.(string)
	if err != nil || !ok {
		return "", errXML
	}
	return k, nil
}
