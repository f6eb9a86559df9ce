package macho

// Flags of an Export, EXPORT_SYMBOL_FLAGS_*.
const (
	ExportKindMask     = 3
	ExportRegular      = 0
	ExportThreadLocal  = 1
	ExportAbsolute     = 2
	ExportWeakDef      = 4
	ExportReexport     = 8
	ExportStubResolver = 0x10
)

// Export is one entry of an export trie.
type Export struct {
	Name  string
	Flags uint64
	// Value is an offset from the mach header, or an address if the kind is
	// ExportAbsolute, or a library ordinal if ExportReexport.
	Value uint64
	// Resolver is the offset of the resolver function of ExportStubResolver.
	Resolver uint64
	// Import is the name in the other library of ExportReexport, "" if the same.
	Import string
}

// Trie is an export trie as it stands in the file.
type Trie []byte

// Trie reads the image's export trie; nil if it has none.
func (f *File) Trie() (Trie, error) {
	switch {
	case f.ExportsTrie != nil && f.ExportsTrie.Size != 0:
		return f.Data(*f.ExportsTrie)
	case f.DyldInfo != nil && f.DyldInfo.Export.Size != 0:
		return f.Data(f.DyldInfo.Export)
	}
	return nil, nil
}

// Lookup finds one symbol. The error is for malformed tries only. It looks at
// each byte of the trie at most once, whatever the trie says.
func (t Trie) Lookup(name string) (e Export, ok bool, err error) {
	if len(t) == 0 {
		return e, false, nil
	}
	c := Cursor{B: t}
	rest, budget := name, len(t)
	for {
		start := c.At
		info := c.Uleb()
		if c.Bad || info > uint64(len(t)-c.At) {
			return e, false, badTrie(start)
		}
		if rest == "" {
			if info == 0 {
				return e, false, nil
			}
			e, err = t.export(name, c.At, int(info))
			return e, err == nil, err
		}
		c.At += int(info)
		next := -1
		for n := c.Byte(); n > 0 && !c.Bad && next < 0; n-- {
			matched, all := 0, true
			edge := c.At
			for c.At < len(t) && t[c.At] != 0 {
				if all && matched < len(rest) && t[c.At] == rest[matched] {
					matched++
				} else {
					all = false
				}
				c.At++
			}
			if budget -= c.At - edge + 2; budget < 0 || c.At >= len(t) {
				return e, false, badTrie(edge)
			}
			c.At++ // the NUL
			to := c.Uleb()
			if to >= uint64(len(t)) {
				return e, false, badTrie(edge)
			}
			if all && matched > 0 {
				rest, next = rest[matched:], int(to)
			}
		}
		if c.Bad {
			return e, false, badTrie(start)
		}
		if next < 0 {
			return e, false, nil
		}
		c.At = next
	}
}

func (t Trie) export(name string, at, n int) (Export, error) {
	c := Cursor{B: t[:at+n], At: at}
	e := Export{Name: name, Flags: c.Uleb()}
	e.Value = c.Uleb()
	switch {
	case e.Flags&ExportReexport != 0:
		e.Import = c.Str()
	case e.Flags&ExportStubResolver != 0:
		e.Resolver = c.Uleb()
	}
	if c.Bad || e.Flags&ExportKindMask == 3 {
		return e, bad(-1, "export trie: malformed entry of %q", clip(name))
	}
	return e, nil
}

// Walk calls fn for every symbol, in the trie's order, until it returns
// false. Nodes that are reached twice, and names of more than 64 KB, are
// errors: no linker makes them.
func (t Trie) Walk(fn func(Export) bool) error {
	type node struct {
		at   int
		name string
	}
	if len(t) == 0 {
		return nil
	}
	seen := make([]uint64, len(t)/64+1)
	budget := 64*len(t) + 1<<16 // bytes of names; real ones have long names and short edges
	stack := []node{{0, ""}}
	for len(stack) > 0 {
		nd := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if seen[nd.at/64]>>(nd.at%64)&1 != 0 {
			return badTrie(nd.at)
		}
		seen[nd.at/64] |= 1 << (nd.at % 64)
		c := Cursor{B: t, At: nd.at}
		info := c.Uleb()
		if c.Bad || info > uint64(len(t)-c.At) {
			return badTrie(nd.at)
		}
		if info != 0 {
			e, err := t.export(nd.name, c.At, int(info))
			if err != nil {
				return err
			}
			if !fn(e) {
				return nil
			}
			c.At += int(info)
		}
		first := len(stack)
		for n := c.Byte(); n > 0 && !c.Bad; n-- {
			edge, to := c.Str(), c.Uleb()
			budget -= len(nd.name) + len(edge) + 1
			if c.Bad || to >= uint64(len(t)) || budget < 0 || len(nd.name)+len(edge) > 1<<16 {
				return badTrie(nd.at)
			}
			stack = append(stack, node{int(to), nd.name + edge})
		}
		if c.Bad {
			return badTrie(nd.at)
		}
		for i, j := first, len(stack)-1; i < j; i, j = i+1, j-1 {
			stack[i], stack[j] = stack[j], stack[i]
		}
	}
	return nil
}

func badTrie(at int) error { return bad(-1, "export trie: malformed node at %#x", at) }

// clip shortens a name from a file for an error message.
func clip(s string) string {
	if len(s) > 100 {
		return s[:100] + "..."
	}
	return s
}
