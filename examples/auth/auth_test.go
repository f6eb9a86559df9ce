package auth

import (
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestSchemes(t *testing.T) {
	local := ByAddress(netip.MustParsePrefix("10.0.0.0/8"))
	pass := ByPassword("sesame")
	for _, c := range []struct {
		addr, password        string
		byAddr, byPass, bothy bool
	}{
		{"10.1.2.3", "sesame", true, true, true},
		{"10.1.2.3", "sesam", true, false, false},
		{"11.1.2.3", "sesame", false, true, false},
		{"::ffff:10.0.0.1", "", true, false, false},
	} {
		who := Caller{netip.MustParseAddr(c.addr), c.password}
		if !BlindTrust(who) || local(who) != c.byAddr || pass(who) != c.byPass || Both(local, pass)(who) != c.bothy || Both(pass, local)(who) != c.bothy {
			t.Errorf("%v: address %v, password %v, both %v", who, local(who), pass(who), Both(local, pass)(who))
		}
	}
}

// No challenge is issued twice, and an answer is checked once.
func TestOneTimePad(t *testing.T) {
	var pairs []Pair
	for i := 0; i < 1000; i++ {
		pairs = append(pairs, Pair{fmt.Sprint("c", i), fmt.Sprint("r", i%10)}) // responses need not be unique
	}
	remote, err := NewPad(pairs)
	if err != nil {
		t.Fatal(err)
	}
	user, _ := NewPad(pairs)
	seen := map[string]bool{}
	for range pairs {
		c, err := remote.Issue()
		if err != nil || seen[c] {
			t.Fatalf("%q, %v, issued before: %v", c, err, seen[c])
		}
		seen[c] = true
		r, ok := user.Respond(c)
		if len(seen)%2 == 0 {
			if remote.Check(c, r+"x") || remote.Check(c, r) {
				t.Errorf("%s: a second try is taken", c)
			}
		} else if !ok || !remote.Check(c, r) || remote.Check(c, r) {
			t.Errorf("%s: %q, %v", c, r, ok)
		}
	}
	if c, err := remote.Issue(); err != ErrUsedUp {
		t.Errorf("a used up pad issues %q", c)
	}
	if remote.Check("c7", "r7") {
		t.Error("a snooped pair is taken")
	}
	if _, err := NewPad([]Pair{{"a", "1"}, {"a", "2"}}); err == nil {
		t.Error("a pad has the same challenge twice")
	}
}

func TestTimeCode(t *testing.T) {
	c := TimeCode{time.Unix(1000, 0), 30 * time.Second, 4000000000, 500000000}
	a, b := c.A, c.B
	for n := 0; n < 5000; n++ {
		for _, s := range []time.Duration{0, 29 * time.Second} {
			if got := c.At(c.Start.Add(time.Duration(n)*c.K + s)); got != a {
				t.Fatalf("interval %d, %v: %d, want %d", n, s, got, a)
			}
		}
		a, b = b, a+b
	}
	other := c
	if x := c.Start.Add(50 * 365 * 24 * time.Hour); other.At(x) != c.At(x) {
		t.Error("two ends differ")
	}
	other.B++
	if x := c.Start.Add(time.Hour); other.At(x) == c.At(x) {
		t.Error("another seed makes no difference")
	}
}

// The document's numbers.
func TestToy(t *testing.T) {
	if x := Toy(73, 8); x != 74 {
		t.Errorf("f(73, 8) is %d", x)
	}
	if x := Toy(74, 32); x != 73 {
		t.Errorf("f(74, 32) is %d", x)
	}
	for a := 0; a < 256; a++ {
		if x := Toy(Toy(byte(a), 8), 32); x != byte(a) {
			t.Errorf("%d becomes %d", a, x)
		}
		if x := Toy(Toy(byte(a), 32), 8); x != byte(a) {
			t.Errorf("%d becomes %d the other way round", a, x)
		}
	}
}

func TestKeys(t *testing.T) {
	var keys [2]*rsa.PrivateKey
	for i := range keys {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		keys[i] = k
	}
	stan, bubba := keys[0], keys[1]
	notice := []byte("the next meeting is on Tuesday")
	s, err := Sign(stan, notice)
	if err != nil || !Verify(&stan.PublicKey, notice, s) {
		t.Fatalf("a good signature: %v", err)
	}
	forged, _ := Sign(bubba, notice)
	if Verify(&stan.PublicKey, notice, forged) || Verify(&stan.PublicKey, []byte("the next meeting is on Monday"), s) || Verify(&stan.PublicKey, notice, s[:len(s)-1]) {
		t.Error("a wrong signature is taken")
	}
	signer := func(k *rsa.PrivateKey) func([]byte) []byte {
		return func(c []byte) []byte { s, _ := Sign(k, c); return s }
	}
	if !Identify(&stan.PublicKey, signer(stan)) || Identify(&stan.PublicKey, signer(bubba)) || Identify(&stan.PublicKey, func([]byte) []byte { return s }) {
		t.Error("somebody is taken for somebody else")
	}
	m, err := Seal(&stan.PublicKey, notice)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := Open(stan, m); err != nil || string(b) != string(notice) {
		t.Errorf("opened: %q, %v", b, err)
	}
	if _, err := Open(bubba, m); err == nil {
		t.Error("somebody else opens it")
	}
	m.Data[0] ^= 1
	if _, err := Open(stan, m); err == nil {
		t.Error("a changed message opens")
	}
	again, _ := Seal(&stan.PublicKey, notice)
	if string(again.Key) == string(m.Key) || string(again.Data) == string(m.Data) {
		t.Error("the same text twice gives the same message")
	}
}
