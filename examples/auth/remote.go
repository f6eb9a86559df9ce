// Package auth has the schemes of authentication that Kernel Programming describes
// (chapter 3, "Remote Authentication" and "Key-based Authentication and Encryption").
package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
)

// Caller is what a server sees of who connects.
type Caller struct {
	Addr     netip.Addr
	Password string
}

// Scheme decides whether a caller is let in.
type Scheme func(Caller) bool

// BlindTrust lets everybody in.
func BlindTrust(Caller) bool { return true }

// ByAddress lets callers in whose address is in one of the networks: addresses can be forged.
func ByAddress(networks ...netip.Prefix) Scheme {
	return func(c Caller) bool {
		for _, n := range networks {
			if n.Contains(c.Addr.Unmap()) {
				return true
			}
		}
		return false
	}
}

// ByPassword lets callers in who know the shared secret. The comparison takes the same time
// whatever is wrong.
func ByPassword(secret string) Scheme {
	want := sha256.Sum256([]byte(secret))
	return func(c Caller) bool {
		got := sha256.Sum256([]byte(c.Password))
		return subtle.ConstantTimeCompare(want[:], got[:]) == 1
	}
}

// Both asks for the one and the other, as address and password together.
func Both(a, b Scheme) Scheme {
	return func(c Caller) bool { ok := a(c); return b(c) && ok }
}
