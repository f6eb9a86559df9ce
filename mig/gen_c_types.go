package mig

import "fmt"

// CTypes makes a header with a C type for each type that was declared, but for
// those that known says exist elsewhere: ports are mach_port_t, integers have
// their width, arrays are pointers to their elements.
func (s *Subsystem) CTypes(o COptions, guard string, known func(name string) bool) []byte {
	g := &cGen{s: s, o: o}
	g.start()
	g.p("#ifndef %s\n#define %s\n#include <mach/mach_types.h>", guard, guard)
	done := map[string]bool{}
	for _, t := range s.Types {
		name := first(t.UserType, t.CType, t.Name)
		if name != t.Name && !done[name] && !known(name) {
			g.typedef(t, name)
			done[name] = true
		}
		if !done[t.Name] && !known(t.Name) {
			g.typedef(t, t.Name)
			done[t.Name] = true
		}
	}
	g.p("#endif")
	return g.Bytes()
}

// CPrototypes makes a header with the user's functions and nothing else, as the
// SDK has one for each of the kernel's interfaces.
func (s *Subsystem) CPrototypes(o COptions, guard string) []byte {
	g := &cGen{s: s, o: o}
	g.start()
	g.p("#ifndef %s\n#define %s\n#include <mach/mach_types.h>\n#include <sys/cdefs.h>\n__BEGIN_DECLS", guard, guard)
	for _, r := range s.Routines {
		g.p("%s;", g.userProto(r))
	}
	g.p("__END_DECLS\n#endif")
	return g.Bytes()
}

func (g *cGen) typedef(t *Type, name string) {
	switch t.Kind {
	case Scalar:
		g.p("typedef %s %s;", cScalar(t), name)
	case PortKind:
		g.p("typedef mach_port_t %s;", name)
	case CString:
		g.p("typedef char %s[%d];", name, t.Count)
	case Array:
		if t.Struct {
			g.p("typedef struct { %s words[%d]; } %s;", g.cElem(t.Elem), t.Count, name)
			return
		}
		g.p("typedef %s %s[%d];", g.cElem(t.Elem), name, t.Count)
	default:
		g.p("typedef %s *%s;", g.cElem(t.Elem), name)
	}
}

func (g *cGen) cElem(t *Type) string {
	switch {
	case t.Name != "":
		return t.cUser()
	case t.Kind == PortKind:
		return "mach_port_t"
	case t.Kind == Scalar:
		return cScalar(t)
	}
	fail(t.Pos, "an element needs a name in C")
	return ""
}

func cScalar(t *Type) string {
	switch plain(t) {
	case "bool":
		return "boolean_t"
	case "byte":
		return "char"
	case "int32":
		return "int"
	}
	if t.Bits > 64 {
		return "__int128"
	}
	return fmt.Sprintf("%s_t", plain(t))
}
