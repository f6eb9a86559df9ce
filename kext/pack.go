package kext

import (
	_ "embed"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"howett.net/plist"

	"puggle/libkern"
)

// maxObjects bounds the objects of one bundle.
const maxObjects = 1024

// kmodObject has _start and _stop, which call the routines that _realmain and _antimain
// point to: bundles made by Xcode's rules need them.
//
//go:embed kmod/kmod.o
var kmodObject []byte

// Pack writes a bundle of relocatable objects and a property list: several
// objects are joined into one. dir must end in .kext; what is there may only be
// what Pack has written. The
// property list may leave out CFBundleExecutable (the bundle's name then) and
// CFBundlePackageType. What undefined symbols there are is returned, for the
// user to compare with OSBundleLibraries. Errors: what Open and libkern would
// say of the result; then nothing has changed.
func Pack(objs [][]byte, info []byte, dir string) (undefined []string, err error) {
	if !strings.HasSuffix(dir, ".kext") {
		return nil, fmt.Errorf("kext %s: the name of a bundle ends in .kext", dir)
	}
	_, err = os.Lstat(dir)
	old := err == nil
	if old && !packed(dir) {
		return nil, fmt.Errorf("kext %s: something else is there already", dir)
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
		if slices.Contains(undefined, "__start") && len(objs) < maxObjects {
			return Pack(append(slices.Clone(objs), kmodObject), info, dir)
		}
	}
	if name != filepath.Base(name) || name == "." || name == ".." {
		return nil, fmt.Errorf("kext %s: CFBundleExecutable %q is not a file name", dir, clip(name))
	}
	// It is written beside, and takes its place when it is good.
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".pack-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	made := filepath.Join(tmp, filepath.Base(dir))
	contents := filepath.Join(made, "Contents")
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
	if _, err = Open(os.DirFS(tmp), filepath.Base(dir)); err != nil {
		return undefined, err
	}
	if old {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return undefined, os.Rename(made, dir)
}

// packed says whether a folder holds what Pack writes, and no more: such a bundle may be
// written anew.
func packed(dir string) bool {
	b, err := Open(os.DirFS(filepath.Dir(dir)), filepath.Base(dir))
	if err != nil {
		return false
	}
	ours := map[string]bool{"Contents": true, "Contents/Info.plist": true, "Contents/MacOS": true, ".": true}
	if b.Executable != "" {
		ours["Contents/MacOS/"+filepath.Base(b.Executable)] = true
	}
	more := fs.WalkDir(os.DirFS(dir), ".", func(p string, _ fs.DirEntry, err error) error {
		if err == nil && !ours[p] {
			err = fs.ErrExist
		}
		return err
	})
	return more == nil
}
