package trust

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/binary"
	"math"
	"math/big"
	"testing"
	"time"
)

func certificate(t *testing.T, tmpl, parent *x509.Certificate, key, signer *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func ask(when int64, host string, certs ...*x509.Certificate) []byte {
	b := binary.LittleEndian.AppendUint32(nil, magic)
	b = binary.LittleEndian.AppendUint64(b, uint64(when))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(host)))
	b = append(b, host...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(certs)))
	for _, c := range certs {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(c.Raw)))
		b = append(b, c.Raw...)
	}
	return b
}

func statusOf(t *testing.T, reply []byte) int32 {
	t.Helper()
	if len(reply) < 8 {
		t.Fatalf("reply of %d bytes", len(reply))
	}
	return int32(binary.LittleEndian.Uint32(reply))
}

func TestEvaluate(t *testing.T) {
	newKey := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	now := time.Now()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "root"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caKey, key := newKey(), newKey()
	root := certificate(t, ca, ca, caKey, caKey)
	leaf := certificate(t, &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"host.test"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Minute), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}, root, key, caKey)
	roots := x509.NewCertPool()
	roots.AddCert(root)

	for _, c := range []struct {
		name  string
		req   []byte
		roots *x509.CertPool
		want  int32
	}{
		{"trusted", ask(math.MinInt64, "host.test", leaf), roots, StatusTrusted},
		{"trusted, any name", ask(math.MinInt64, "", leaf, root), roots, StatusTrusted},
		{"other name", ask(math.MinInt64, "other.test", leaf), roots, StatusHostName},
		{"expired", ask(now.Add(30*time.Minute).Unix(), "host.test", leaf), roots, StatusExpired},
		{"no anchor", ask(math.MinInt64, "host.test", leaf), x509.NewCertPool(), StatusUntrust},
		{"no certificate", ask(math.MinInt64, "host.test"), roots, StatusParam},
		{"empty", nil, roots, StatusParam},
	} {
		reply := Evaluate(c.req, c.roots)
		if got := statusOf(t, reply); got != c.want {
			t.Errorf("%s: status %d, want %d (%q)", c.name, got, c.want, reply[8:])
		}
	}
	if n := binary.LittleEndian.Uint32(Evaluate(ask(math.MinInt64, "host.test", leaf), roots)[4:]); n != 2 {
		t.Errorf("chain of %d certificates, want leaf and root", n)
	}
}

func FuzzEvaluate(f *testing.F) {
	f.Add(ask(0, "a"))
	f.Add([]byte("TRST\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"))
	empty := x509.NewCertPool()
	f.Fuzz(func(t *testing.T, b []byte) {
		if statusOf(t, Evaluate(b, empty)) == StatusTrusted {
			t.Error("trusted without an anchor")
		}
	})
}
