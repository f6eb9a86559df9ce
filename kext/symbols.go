package kext

import (
	"errors"
	"fmt"

	"puggle/libkern"
)

// AddressError is an extension whose address a symbol file needs and nobody gave.
type AddressError struct{ ID string }

func (e *AddressError) Error() string {
	return fmt.Sprintf("kext %s: no address is given for it", e.ID)
}

// errNoBinary is a codeless extension that a symbol file was asked of.
var errNoBinary = errors.New("it has no binary")

// SymbolFiles links a bundle and what it needs without loading anything (kextload
// -n -s), and gives a file for debuggers for each, by identifier. What is loaded is
// where it is; the others are where at says. *AddressError if that is nowhere.
func (m *Manager) SymbolFiles(b *Bundle, at map[string]uint64) (map[string][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	order, err := m.Repository.Order(b, m.kernel, m.pinned)
	if err != nil {
		return nil, fmt.Errorf("kext %w", err)
	}
	files := map[string][]byte{}
	linked := map[string]*Loaded{}
	for id, l := range m.loaded {
		linked[id] = l
	}
	for _, x := range order {
		l := linked[x.ID]
		if l == nil || l.Bundle != x && at[x.ID] != 0 {
			if l, err = m.linkAt(x, linked, at); err != nil {
				return nil, err
			}
			linked[x.ID] = l
		}
		if l.Image != nil {
			files[x.ID] = l.Image.SymbolFile()
		}
	}
	if files[b.ID] == nil {
		return nil, fmt.Errorf("kext %s: %w", b.ID, errNoBinary)
	}
	return files, nil
}

// linkAt links one extension for an address, against what is linked already.
func (m *Manager) linkAt(b *Bundle, linked map[string]*Loaded, at map[string]uint64) (*Loaded, error) {
	l := &Loaded{Bundle: b}
	for _, d := range b.Libraries {
		if dep := linked[d.ID]; dep != nil {
			l.Deps = append(l.Deps, dep)
		}
	}
	code, err := b.Binary()
	if err != nil || code == nil {
		return l, err
	}
	base, ok := at[b.ID]
	if !ok {
		return nil, &AddressError{b.ID}
	}
	if l.Image, err = libkern.Link([][]byte{code}, base, m.resolver(l)); err != nil {
		return nil, fmt.Errorf("kext %s: %w", b.ID, err)
	}
	return l, nil
}

// SymbolFile is the one of a bundle alone; see SymbolFiles.
func (m *Manager) SymbolFile(b *Bundle, at map[string]uint64) ([]byte, error) {
	f, err := m.SymbolFiles(b, at)
	return f[b.ID], err
}

// Check links a bundle and what it needs for nowhere, to see that it could be
// loaded (kextload -t, kmutil print-diagnostics), and says what the naming
// conventions have against it.
func (m *Manager) Check(b *Bundle) (lint []string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	order, err := m.Repository.Order(b, m.kernel, m.pinned)
	if err != nil {
		return nil, fmt.Errorf("kext %w", err)
	}
	linked, at := map[string]*Loaded{}, map[string]uint64{}
	for id, l := range m.loaded {
		linked[id] = l
	}
	for i, x := range order {
		if linked[x.ID] != nil && x != b {
			continue
		}
		at[x.ID] = checkBase + uint64(i)*libkern.MaxImage
		l, err := m.linkAt(x, linked, at)
		if err == nil && l.Image != nil && m.loaded[x.ID] == nil {
			err = m.claim(l, false)
		}
		if err != nil {
			return nil, err
		}
		linked[x.ID] = l
	}
	if img := linked[b.ID].Image; img != nil {
		lint = Lint(b.ID, img)
	}
	return lint, nil
}

// checkBase is an address near the kernel's own symbols; nothing is put there.
const checkBase = 0x1_0000_0000
