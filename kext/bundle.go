package kext

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
)

// Dependency is one line of OSBundleLibraries.
type Dependency struct {
	ID      string
	Version Version
}

// Bundle is a KEXT that has been read.
type Bundle struct {
	Path       string // in its file system
	ID         string // CFBundleIdentifier
	Version    Version
	Compatible Version // OSBundleCompatibleVersion; 0: nothing may depend on it
	Executable string  // path of the binary; "" for a codeless one
	Libraries  []Dependency
	// Personalities are IOKitPersonalities.
	Personalities map[string]any
	Info          map[string]any
	Parent        *Bundle // of a plug-in
	Plugins       []*Bundle

	fsys fs.FS
}

// Open reads the bundle at a path (of io/fs: no leading slash) with its
// plug-ins. The error names the bundle and what is wrong.
func Open(fsys fs.FS, dir string) (*Bundle, error) {
	b, err := open(fsys, dir, nil)
	if err != nil {
		return nil, fmt.Errorf("kext %s: %w", dir, err)
	}
	return b, nil
}

func open(fsys fs.FS, dir string, parent *Bundle) (*Bundle, error) {
	if !strings.HasSuffix(dir, ".kext") {
		return nil, errors.New("the name of a bundle ends in .kext")
	}
	root, code := path.Join(dir, "Contents"), path.Join(dir, "Contents", "MacOS")
	raw, err := readFile(fsys, path.Join(root, "Info.plist"), MaxPlist)
	if errors.Is(err, fs.ErrNotExist) {
		root, code = dir, dir
		raw, err = readFile(fsys, path.Join(root, "Info.plist"), MaxPlist)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("it has no Info.plist")
	}
	if err != nil {
		return nil, err
	}
	info, err := ParsePlist(raw)
	if err != nil {
		return nil, err
	}
	b := &Bundle{Path: dir, Info: info, Parent: parent, fsys: fsys}
	if err := b.read(code); err != nil {
		return nil, err
	}
	return b, b.readPlugins(path.Join(root, "PlugIns"))
}

// read takes what it needs from Info and checks it.
func (b *Bundle) read(code string) error {
	var err error
	if b.ID, err = b.str("CFBundleIdentifier", true); err != nil {
		return err
	}
	if len(b.ID) > maxID || strings.ContainsAny(b.ID, "/\x00\n") {
		return fmt.Errorf("%q can't be a bundle identifier", clip(b.ID))
	}
	if kind, err := b.str("CFBundlePackageType", false); err != nil || kind != "" && kind != "KEXT" {
		return fmt.Errorf("CFBundlePackageType is %q, not KEXT", clip(kind))
	}
	if b.Version, err = b.version("CFBundleVersion", true); err != nil {
		return err
	}
	if b.Compatible, err = b.version("OSBundleCompatibleVersion", false); err != nil {
		return err
	}
	if b.Compatible > b.Version {
		return fmt.Errorf("OSBundleCompatibleVersion %v is above CFBundleVersion %v", b.Compatible, b.Version)
	}
	if err := b.readLibraries(); err != nil {
		return err
	}
	if p, ok := b.Info["IOKitPersonalities"]; ok {
		if b.Personalities, ok = p.(map[string]any); !ok {
			return errors.New("IOKitPersonalities is not a dictionary")
		}
	}
	exe, err := b.str("CFBundleExecutable", false)
	if err != nil {
		return err
	}
	if exe == "" {
		if len(b.refersTo()) == 0 {
			return errors.New("it has no binary, and its personalities refer to no other extension")
		}
		return nil
	}
	if exe != path.Base(exe) || exe == "." || exe == ".." {
		return fmt.Errorf("CFBundleExecutable %q is not a file name", clip(exe))
	}
	b.Executable = path.Join(code, exe)
	return nil
}

const maxID, maxLibraries = 64, 256

func (b *Bundle) readLibraries() error {
	v, ok := b.Info["OSBundleLibraries"]
	if !ok {
		v, ok = b.Info["Requires"]
	}
	if !ok {
		return nil
	}
	libs, ok := v.(map[string]any)
	if !ok || len(libs) > maxLibraries {
		return fmt.Errorf("OSBundleLibraries is not a dictionary of at most %d entries", maxLibraries)
	}
	for id, v := range libs {
		s, _ := v.(string)
		ver, err := ParseVersion(s)
		if err != nil {
			return fmt.Errorf("OSBundleLibraries: %s: %w", clip(id), err)
		}
		b.Libraries = append(b.Libraries, Dependency{id, ver})
	}
	sort.Slice(b.Libraries, func(i, j int) bool { return b.Libraries[i].ID < b.Libraries[j].ID })
	return nil
}

// refersTo lists the extensions that the personalities name, other than b.
func (b *Bundle) refersTo() []string {
	var ids []string
	for _, p := range b.Personalities {
		if d, ok := p.(map[string]any); ok {
			if id, _ := d["CFBundleIdentifier"].(string); id != "" && id != b.ID {
				ids = append(ids, id)
			}
		}
	}
	sort.Strings(ids)
	return ids
}

// readPlugins reads the bundles inside; a plug-in's own plug-ins don't count.
func (b *Bundle) readPlugins(dir string) error {
	if b.Parent != nil {
		return nil
	}
	entries, err := readDir(b.fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range entries {
		p, err := open(b.fsys, path.Join(dir, name), b)
		if err != nil {
			return fmt.Errorf("plug-in %s: %w", name, err)
		}
		b.Plugins = append(b.Plugins, p)
	}
	return nil
}

// readDir lists the names of bundles in a folder, at most MaxBundles.
func readDir(fsys fs.FS, dir string) ([]string, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && strings.HasSuffix(e.Name(), ".kext") {
			names = append(names, e.Name())
		}
	}
	if len(names) > MaxBundles {
		return nil, fmt.Errorf("%s: more than %d bundles", dir, MaxBundles)
	}
	return names, nil
}

// Binary reads the bundle's binary; nil for a codeless bundle.
func (b *Bundle) Binary() ([]byte, error) {
	if b.Executable == "" {
		return nil, nil
	}
	code, err := readFile(b.fsys, b.Executable, MaxBinary)
	if err != nil {
		return nil, fmt.Errorf("kext %s: %w", b.ID, err)
	}
	return code, nil
}

func (b *Bundle) str(key string, must bool) (string, error) {
	v, ok := b.Info[key]
	if !ok && !must {
		return "", nil
	}
	s, isString := v.(string)
	switch {
	case !ok:
		return "", fmt.Errorf("Info.plist has no %s", key)
	case !isString, must && s == "":
		return "", fmt.Errorf("%s in Info.plist is not a string", key)
	}
	return s, nil
}

func (b *Bundle) version(key string, must bool) (Version, error) {
	s, err := b.str(key, must)
	if err != nil || s == "" {
		return 0, err
	}
	v, err := ParseVersion(s)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", key, err)
	}
	return v, nil
}
