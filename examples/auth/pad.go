package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"sort"
	"sync"
)

// Pair is a line of a one-time pad. Challenges are unique, responses need not be.
type Pair struct{ Challenge, Response string }

// Pad is one end's copy of a one-time pad: the remote end issues challenges, the user's
// looks responses up. It may be used concurrently.
type Pad struct {
	pairs []Pair // sorted by challenge

	mu      sync.Mutex
	used    int // those before it were issued
	pending map[string]string
}

// NewPad makes a pad of pairs. Two ends with the same pairs have the same pad.
func NewPad(pairs []Pair) (*Pad, error) {
	p := &Pad{pairs: append([]Pair(nil), pairs...), pending: map[string]string{}}
	sort.Slice(p.pairs, func(i, j int) bool { return p.pairs[i].Challenge < p.pairs[j].Challenge })
	for i := 1; i < len(p.pairs); i++ {
		if p.pairs[i].Challenge == p.pairs[i-1].Challenge {
			return nil, fmt.Errorf("the challenge %q is there twice", p.pairs[i].Challenge)
		}
	}
	return p, nil
}

// ErrUsedUp says that a pad has no challenge left: a new one is needed, not an old challenge.
var ErrUsedUp = errors.New("the pad is used up")

// Issue gives a challenge that was never issued before.
func (p *Pad) Issue() (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.used == len(p.pairs) {
		return "", ErrUsedUp
	}
	c := p.pairs[p.used]
	p.used++
	p.pending[c.Challenge] = c.Response
	return c.Challenge, nil
}

// Respond is the user's look into the pad.
func (p *Pad) Respond(challenge string) (string, bool) {
	i := sort.Search(len(p.pairs), func(i int) bool { return p.pairs[i].Challenge >= challenge })
	if i == len(p.pairs) || p.pairs[i].Challenge != challenge {
		return "", false
	}
	return p.pairs[i].Response, true
}

// Check says whether the response is that of a challenge that was issued. It can be asked once
// for each, right or wrong: nobody may try several answers.
func (p *Pad) Check(challenge, response string) bool {
	p.mu.Lock()
	want, ok := p.pending[challenge]
	delete(p.pending, challenge)
	p.mu.Unlock()
	return ok && subtle.ConstantTimeCompare([]byte(want), []byte(response)) == 1
}
