package mig

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Compile reads one .defs file's text. defines are NAME or NAME=VALUE; load
// finds included files. The error is an *Error with its place.
func Compile(path, text string, defines []string, load Loader) (s *Subsystem, err error) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *Error:
			s, err = nil, e
		default:
			panic(e)
		}
	}()
	return parse(preprocess(path, text, defines, load)), nil
}

// CompileFile is Compile for a file; includes are looked for beside the file
// that asks (if in quotes) and in dirs.
func CompileFile(path string, defines, dirs []string) (*Subsystem, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return Compile(path, string(b), defines, DirLoader(dirs))
}

// DirLoader loads from directories.
func DirLoader(dirs []string) Loader {
	return func(name, from string, angled bool) (string, string, error) {
		if !filepath.IsLocal(filepath.FromSlash(name)) && !filepath.IsAbs(name) && strings.Contains(name, "..") && angled {
			return "", "", fmt.Errorf("not below an include directory")
		}
		try := dirs
		if !angled {
			try = append([]string{filepath.Dir(from)}, dirs...)
		}
		for _, d := range try {
			p := filepath.Join(d, name)
			if st, err := os.Stat(p); err != nil || !st.Mode().IsRegular() || st.Size() > maxFileSize {
				continue
			}
			b, err := os.ReadFile(p)
			if err != nil {
				return "", "", err
			}
			return p, string(b), nil
		}
		return "", "", fmt.Errorf("no such file in %s", strings.Join(try, ", "))
	}
}

// FSLoader loads from a tree of files; names are the paths in it.
func FSLoader(fsys fs.FS) Loader {
	return func(name, from string, angled bool) (string, string, error) {
		b, err := fs.ReadFile(fsys, name)
		return name, string(b), err
	}
}
