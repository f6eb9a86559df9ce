package dyld

import (
	"path"
	"strings"
)

// DefaultFallback is where a library is looked for by its leaf name when it
// isn't where it should be.
var DefaultFallback = []string{"/usr/local/lib", "/usr/lib"}

const maxRpaths = 256

// search lists the paths to try for a name, in order.
func (p *Process) search(name string, from *Image) []string {
	leaf := path.Base(name)
	var out []string
	if strings.Contains(name, ".framework/") {
		part := frameworkPart(name)
		for _, dir := range p.opt.FrameworkPath {
			out = append(out, path.Join(dir, part))
		}
	} else {
		for _, dir := range p.opt.LibraryPath {
			out = append(out, path.Join(dir, leaf))
		}
	}
	out = append(out, p.expand(name, from)...)
	fallback := p.opt.FallbackPath
	if fallback == nil {
		fallback = DefaultFallback
	}
	if !strings.HasPrefix(name, "@") && !strings.Contains(name, ".framework/") {
		for _, dir := range fallback {
			if x := path.Join(dir, leaf); x != name {
				out = append(out, x)
			}
		}
	}
	return out
}

// expand replaces @executable_path, @loader_path and @rpath.
func (p *Process) expand(name string, from *Image) []string {
	head, rest, ok := strings.Cut(name, "/")
	switch {
	case !ok || !strings.HasPrefix(head, "@"):
		return []string{name}
	case head == "@executable_path":
		return []string{path.Join(path.Dir(p.opt.ExecutablePath), rest)}
	case head == "@loader_path":
		return []string{path.Join(path.Dir(from.Path), rest)}
	case head != "@rpath":
		return []string{name}
	}
	// The run paths of the image, then of what loaded it, up to the program.
	var out []string
	for img := from; img != nil; img = img.loader {
		for _, rp := range img.File.Rpaths {
			if len(out) >= maxRpaths {
				return out
			}
			if h, r, _ := strings.Cut(rp, "/"); h == "@executable_path" {
				rp = path.Join(path.Dir(p.opt.ExecutablePath), r)
			} else if h == "@loader_path" {
				rp = path.Join(path.Dir(img.Path), r)
			}
			out = append(out, path.Join(rp, rest))
		}
	}
	return out
}

// frameworkPart is the path from the framework's own folder on.
func frameworkPart(name string) string {
	i := strings.LastIndex(name, ".framework/")
	return name[strings.LastIndex(name[:i], "/")+1:]
}
