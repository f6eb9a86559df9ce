package kext

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"howett.net/plist"

	"puggle/libkern"
)

// Pack writes a bundle of relocatable objects and a property list: several
// objects are joined into one. dir must end in .kext and must not exist. The
// property list may leave out CFBundleExecutable (the bundle's name then) and
// CFBundlePackageType. What undefined symbols there are is returned, for the
// user to compare with OSBundleLibraries. Errors: what Open and libkern would
// say of the result; nothing is left behind.
func Pack(objs [][]byte, info []byte, dir string) (undefined []string, err error) {
	if !strings.HasSuffix(dir, ".kext") {
		return nil, fmt.Errorf("kext %s: the name of a bundle ends in .kext", dir)
	}
	if _, err := os.Lstat(dir); err == nil {
		return nil, fmt.Errorf("kext %s: it is there already", dir)
	}
	dict, err := ParsePlist(info)
	if err != nil {
		return nil, fmt.Errorf("kext %s: %w", dir, err)
	}
	name := strings.TrimSuffix(filepath.Base(dir), ".kext")
	if len(objs) > 0 {
		if exe, ok := dict["CFBundleExecutable"].(string); ok {
			name = exe
		}
		dict["CFBundleExecutable"] = name
	}
	dict["CFBundlePackageType"] = "KEXT"
	if info, err = plist.MarshalIndent(dict, plist.XMLFormat, "\t"); err != nil {
		return nil, err
	}
	var code []byte
	if len(objs) > 0 {
		code = objs[0]
		if len(objs) > 1 {
			if code, err = libkern.Join(objs, nil); err != nil {
				return nil, fmt.Errorf("kext %s: %w", dir, err)
			}
		}
		plan, err := libkern.NewPlan([][]byte{code})
		if err != nil {
			return nil, fmt.Errorf("kext %s: %w", dir, err)
		}
		undefined, _ = plan.Undefined()
	}
	if name != filepath.Base(name) || name == "." || name == ".." {
		return nil, fmt.Errorf("kext %s: CFBundleExecutable %q is not a file name", dir, clip(name))
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	contents := filepath.Join(dir, "Contents")
	if err := os.MkdirAll(contents, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(contents, "Info.plist"), info, 0o644); err != nil {
		return nil, err
	}
	if code != nil {
		if err := os.Mkdir(filepath.Join(contents, "MacOS"), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(contents, "MacOS", name), code, 0o644); err != nil {
			return nil, err
		}
	}
	_, err = Open(os.DirFS(filepath.Dir(dir)), filepath.Base(dir))
	return undefined, err
}
