// Package trust evaluates certificate chains for guests: the part that trustd
// plays on a Mac. The guest's Security library sends a request by private call 7
// and gets a reply; both are flat and little endian, as libsystem/Security/trust.c
// describes. Anchors are the host's root certificates; nothing is fetched.
package trust

import (
	"crypto/x509"
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// MaxRequest is the largest request that Evaluate reads, in bytes.
const MaxRequest = 1 << 20

// The statuses of Security.framework (<Security/SecBase.h>).
const (
	StatusTrusted  int32 = 0
	StatusParam    int32 = -50    // errSecParam: the request is malformed
	StatusHostName int32 = -67602 // errSecHostNameMismatch
	StatusExpired  int32 = -67818 // errSecCertificateExpired
	StatusUntrust  int32 = -67843 // errSecNotTrusted
)

const (
	magic    = 0x54535254 // "TRST"
	maxCerts = 64
)

var errMalformed = errors.New("malformed trust request")

// A request is what a guest asks.
type request struct {
	when time.Time // zero: now
	host string
	leaf *x509.Certificate
	rest *x509.CertPool
}

// Evaluate answers one request with the given anchors (nil means the host's). It
// may be called concurrently and never panics on hostile input.
func Evaluate(req []byte, roots *x509.CertPool) []byte {
	r, err := parse(req)
	if err != nil {
		return refuse(StatusParam, err.Error())
	}
	chains, err := r.leaf.Verify(x509.VerifyOptions{
		DNSName:       r.host,
		Intermediates: r.rest,
		Roots:         roots,
		CurrentTime:   r.when,
		KeyUsages:     []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return refuse(status(err), err.Error())
	}
	chain := chains[0]
	b := binary.LittleEndian.AppendUint32(nil, uint32(StatusTrusted))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(chain)))
	for _, c := range chain {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c.Raw)))
		b = append(b, c.Raw...)
	}
	return b
}

func status(err error) int32 {
	var invalid x509.CertificateInvalidError
	var host x509.HostnameError
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return StatusExpired
	case errors.As(err, &host):
		return StatusHostName
	}
	return StatusUntrust
}

func refuse(status int32, why string) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(status))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(why)))
	return append(b, why...)
}

// take cuts a length and that many bytes from the front of b.
func take(b []byte) (field, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errMalformed
	}
	n := binary.LittleEndian.Uint32(b)
	b = b[4:]
	if uint64(n) > uint64(len(b)) {
		return nil, nil, errMalformed
	}
	return b[:n], b[n:], nil
}

func parse(b []byte) (*request, error) {
	if len(b) > MaxRequest || len(b) < 16 || binary.LittleEndian.Uint32(b) != magic {
		return nil, errMalformed
	}
	r := &request{rest: x509.NewCertPool()}
	if at := int64(binary.LittleEndian.Uint64(b[4:])); at != math.MinInt64 {
		r.when = time.Unix(at, 0)
	}
	host, b, err := take(b[12:])
	if err != nil {
		return nil, err
	}
	r.host = string(host)
	if len(b) < 4 {
		return nil, errMalformed
	}
	n := binary.LittleEndian.Uint32(b)
	b = b[4:]
	if n == 0 || n > maxCerts {
		return nil, errMalformed
	}
	for i := range n {
		var der []byte
		if der, b, err = take(b); err != nil {
			return nil, err
		}
		c, err := x509.ParseCertificate(der)
		switch {
		case i == 0 && err != nil:
			return nil, err
		case i == 0:
			r.leaf = c
		case err == nil: // an intermediate that can't be read is of no use
			r.rest.AddCert(c)
		}
	}
	return r, nil
}
