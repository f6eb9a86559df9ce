//go:build darwin

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"os"
)

// An embedded signature is the last thing in a Mach-O file's __LINKEDIT: a blob of
// blobs, big endian, of which the code directory holds the hash of each page before
// it (<kern/cs_blobs.h>).
const (
	csSuperBlob    = 0xfade0cc0
	csDirectory    = 0xfade0c02
	csRequirements = 0xfade0c01
	csWrapper      = 0xfade0b01

	csSlotDirectory    = 0
	csSlotRequirements = 2
	csSlotWrapper      = 0x10000

	csAdhoc      = 0x2
	csVersion    = 0x20400
	csMainBinary = 1
	csHeader     = 88 // of a code directory of that version
	csPageShift  = 12

	lcSegment64     = 0x19
	lcCodeSignature = 0x1d
	mhExecute       = 2
	machoHeader     = 32
)

var (
	errNotSigned = errors.New("code object is not signed at all")
	errModified  = errors.New("invalid signature (code or signature have been modified)")
	errNotMacho  = errors.New("is not a thin 64-bit Mach-O file, which is what this codesign handles")
	errMalformed = errors.New("main executable failed strict validation")
	errNoRoom    = errors.New("no room for a load command before the first section")
)

// signable is a Mach-O file with what signing needs of it, all offsets checked.
type signable struct {
	b                  []byte
	filetype           uint32
	cmdsEnd            uint64 // end of the load commands
	firstByte          uint64 // of the file that a section uses
	linkedit, sig      []byte // the load commands, nil if there is none
	textOff, textSize  uint64
	linkOff, linkSize  uint64
	sigOff, sigDataLen uint64
}

func readSignable(name string) (*signable, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	if len(b) < machoHeader || le.Uint32(b) != 0xfeedfacf {
		return nil, errNotMacho
	}
	m := &signable{b: b, filetype: le.Uint32(b[12:]), firstByte: uint64(len(b))}
	n, size := le.Uint32(b[16:]), uint64(le.Uint32(b[20:]))
	m.cmdsEnd = machoHeader + size
	if m.cmdsEnd > uint64(len(b)) {
		return nil, errMalformed
	}
	rest := b[machoHeader:m.cmdsEnd]
	for range n {
		if len(rest) < 8 {
			return nil, errMalformed
		}
		kind, size := le.Uint32(rest), le.Uint32(rest[4:])
		if size < 8 || uint64(size) > uint64(len(rest)) {
			return nil, errMalformed
		}
		lc := rest[:size]
		rest = rest[size:]
		switch {
		case kind == lcSegment64 && size >= 72:
			off, n := le.Uint64(lc[40:]), le.Uint64(lc[48:])
			switch string(bytes.TrimRight(lc[8:24], "\x00")) {
			case "__TEXT":
				m.textOff, m.textSize = off, n
			case "__LINKEDIT":
				m.linkedit, m.linkOff, m.linkSize = lc, off, n
			}
			for s := lc[72:]; len(s) >= 80; s = s[80:] {
				if at, n := uint64(le.Uint32(s[48:])), le.Uint64(s[40:]); at > 0 && n > 0 {
					m.firstByte = min(m.firstByte, at)
				}
			}
		case kind == lcCodeSignature && size >= 16:
			m.sig, m.sigOff, m.sigDataLen = lc, uint64(le.Uint32(lc[8:])), uint64(le.Uint32(lc[12:]))
			if m.sigOff+m.sigDataLen > uint64(len(b)) {
				return nil, errMalformed
			}
		}
	}
	if m.linkedit == nil || m.linkOff+m.linkSize > uint64(len(b)) || m.linkOff+m.linkSize < m.linkOff {
		return nil, errMalformed
	}
	return m, nil
}

func (m *signable) arch() string {
	switch binary.LittleEndian.Uint32(m.b[4:]) {
	case 0x01000007:
		return "x86_64"
	case 0x0100000c:
		return "arm64"
	}
	return "unknown"
}

// setLinkedit makes __LINKEDIT end at end.
func (m *signable) setLinkedit(end uint64) {
	le, n := binary.LittleEndian, end-m.linkOff
	le.PutUint64(m.linkedit[48:], n)
	page := uint64(0x1000)
	if m.arch() == "arm64" {
		page = 0x4000
	}
	le.PutUint64(m.linkedit[32:], (n+page-1)&^(page-1))
}

// unsigned is the file without its signature.
func (m *signable) unsigned() ([]byte, error) {
	if m.sig == nil {
		return nil, errNotSigned
	}
	if m.sigOff+m.sigDataLen != uint64(len(m.b)) || m.sigOff < m.linkOff {
		return nil, errMalformed
	}
	m.setLinkedit(m.sigOff)
	le := binary.LittleEndian
	at := int(m.cmdsEnd) - len(m.sig)
	if &m.b[at] != &m.sig[0] {
		return nil, errMalformed // not the last command
	}
	clear(m.sig)
	le.PutUint32(m.b[16:], le.Uint32(m.b[16:])-1)
	le.PutUint32(m.b[20:], le.Uint32(m.b[20:])-16)
	return m.b[:m.sigOff], nil
}

// signed is the file with an ad-hoc signature, instead of the one it may have.
func (m *signable) signed(ident string) ([]byte, error) {
	le := binary.LittleEndian
	if m.sig == nil {
		if m.linkOff+m.linkSize != uint64(len(m.b)) {
			return nil, errMalformed
		}
		if m.cmdsEnd+16 > m.firstByte {
			return nil, errNoRoom
		}
		for len(m.b)%16 != 0 {
			m.b = append(m.b, 0)
		}
		// append may have moved the file: what lies in it is found again.
		b := m.b
		m.linkedit = b[m.at(m.linkedit):][:len(m.linkedit)]
		m.sig = b[m.cmdsEnd:][:16]
		m.sigOff = uint64(len(b))
		le.PutUint32(m.sig, lcCodeSignature)
		le.PutUint32(m.sig[4:], 16)
		le.PutUint32(b[16:], le.Uint32(b[16:])+1)
		le.PutUint32(b[20:], le.Uint32(b[20:])+16)
	} else if m.sigOff+m.sigDataLen != uint64(len(m.b)) || m.sigOff < m.linkOff {
		return nil, errMalformed
	}
	if m.sigOff > 1<<32-1<<24 {
		return nil, errMalformed
	}
	m.b = m.b[:m.sigOff]
	size := signatureSize(m.sigOff, ident)
	le.PutUint32(m.sig[8:], uint32(m.sigOff))
	le.PutUint32(m.sig[12:], uint32(size))
	m.setLinkedit(m.sigOff + uint64(size))
	return append(m.b, m.signature(ident, size)...), nil
}

// at is where a part of the file begins; the part may be of an older copy of it.
func (m *signable) at(part []byte) int {
	le := binary.LittleEndian
	for i := machoHeader; i < int(m.cmdsEnd); i += int(le.Uint32(m.b[i+4:])) {
		if bytes.Equal(m.b[i:i+len(part)], part) {
			return i
		}
	}
	return 0
}

// emptyRequirements is a set of no requirements; emptyWrapper holds no CMS.
var (
	emptyRequirements = be32(csRequirements, 12, 0)
	emptyWrapper      = be32(csWrapper, 8)
)

func be32(v ...uint32) []byte {
	var b []byte
	for _, x := range v {
		b = binary.BigEndian.AppendUint32(b, x)
	}
	return b
}

func pages(limit uint64) int { return int((limit + 1<<csPageShift - 1) >> csPageShift) }

func directorySize(limit uint64, ident string) int {
	return csHeader + len(ident) + 1 + (2+pages(limit))*sha256.Size
}

func signatureSize(limit uint64, ident string) int {
	return 12 + 3*8 + directorySize(limit, ident) + len(emptyRequirements) + len(emptyWrapper)
}

// signature makes the blob for m.b.
func (m *signable) signature(ident string, size int) []byte {
	limit := uint64(len(m.b))
	cd := directorySize(limit, ident)
	b := be32(csSuperBlob, uint32(size), 3,
		csSlotDirectory, 36,
		csSlotRequirements, uint32(36+cd),
		csSlotWrapper, uint32(36+cd+len(emptyRequirements)))
	hashes := csHeader + len(ident) + 1 + 2*sha256.Size
	b = append(b, be32(csDirectory, uint32(cd), csVersion, csAdhoc,
		uint32(hashes), csHeader, 2, uint32(pages(limit)), uint32(limit))...)
	b = append(b, sha256.Size, 2 /* SHA-256 */, 0, csPageShift)
	b = append(b, be32(0, 0, 0, 0)...) // spare, scatter, team, spare
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint64(b, m.textOff)
	b = binary.BigEndian.AppendUint64(b, m.textSize)
	flags := uint64(0)
	if m.filetype == mhExecute {
		flags = csMainBinary
	}
	b = binary.BigEndian.AppendUint64(b, flags)
	b = append(append(b, ident...), 0)
	// Special slots count downwards from the pages' hashes: 2 the requirements,
	// 1 Info.plist, which there is not.
	h := sha256.Sum256(emptyRequirements)
	b = append(append(b, h[:]...), make([]byte, sha256.Size)...)
	for p := m.b; len(p) > 0; p = p[min(len(p), 1<<csPageShift):] {
		h := sha256.Sum256(p[:min(len(p), 1<<csPageShift)])
		b = append(b, h[:]...)
	}
	return append(append(b, emptyRequirements...), emptyWrapper...)
}

// directory is a code directory, its offsets checked.
type directory struct {
	raw                             []byte
	version, flags, nCode, nSpecial uint32
	hashes, limit                   uint64
	shift                           byte
	ident                           string
}

// directory finds the file's code directory: errNotSigned, errModified for a blob
// that is not one.
func (m *signable) directory() (*directory, error) {
	if m.sig == nil {
		return nil, errNotSigned
	}
	be := binary.BigEndian
	b := m.b[m.sigOff : m.sigOff+m.sigDataLen]
	if len(b) < 12 || be.Uint32(b) != csSuperBlob || be.Uint32(b[8:]) > uint32(len(b)-12)/8 {
		return nil, errModified
	}
	for i := range be.Uint32(b[8:]) {
		e := b[12+8*i:]
		at := uint64(be.Uint32(e[4:]))
		if be.Uint32(e) != csSlotDirectory || at+44 > uint64(len(b)) {
			continue
		}
		raw := b[at:]
		n := be.Uint32(raw[4:])
		if be.Uint32(raw) != csDirectory || n < 44 || uint64(n) > uint64(len(raw)) {
			break
		}
		d := &directory{raw: raw[:n], version: be.Uint32(raw[8:]), flags: be.Uint32(raw[12:]), hashes: uint64(be.Uint32(raw[16:])),
			nSpecial: be.Uint32(raw[24:]), nCode: be.Uint32(raw[28:]), limit: uint64(be.Uint32(raw[32:])), shift: raw[39]}
		id := uint64(be.Uint32(raw[20:]))
		if id >= uint64(n) || raw[36] != sha256.Size || raw[37] != 2 || d.shift < 10 || d.shift > 20 ||
			d.hashes+uint64(d.nCode)*sha256.Size > uint64(n) || d.limit > m.sigOff {
			break
		}
		ident, _, ok := bytes.Cut(d.raw[id:], []byte{0})
		if !ok {
			break
		}
		d.ident = string(ident)
		return d, nil
	}
	return nil, errModified
}

// verify compares the hashes: errNotSigned, errModified.
func (m *signable) verify() error {
	d, err := m.directory()
	if err != nil {
		return err
	}
	if d.limit != m.sigOff || uint64(d.nCode) != (d.limit+1<<d.shift-1)>>d.shift {
		return errModified
	}
	code := m.b[:d.limit]
	for i := range uint64(d.nCode) {
		p := code[i<<d.shift:]
		h := sha256.Sum256(p[:min(uint64(len(p)), 1<<d.shift)])
		if !bytes.Equal(h[:], d.raw[d.hashes+i*sha256.Size:][:sha256.Size]) {
			return errModified
		}
	}
	return nil
}
