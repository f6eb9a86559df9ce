package kext

import "fmt"

// Version is a kext version as a number that can be compared; 0 is none.
type Version int64

const (
	mulMajor    = 1_000_000_000_000
	mulMinor    = 100_000_000
	mulRevision = 10_000
	mulStage    = 1_000

	stageDevelopment = 1
	stageAlpha       = 3
	stageBeta        = 5
	stageCandidate   = 7
	stageRelease     = 9

	maxStageLevel = 255
	maxPart       = 4 // digits
)

// ParseVersion reads major[.minor[.revision]][stage level], numbers of up to
// four digits, stage d, a, b, f or fc and a level of 1 to 255 (0 is fine except
// for candidates). "1.2.3b4" is before "1.2.3".
func ParseVersion(s string) (Version, error) {
	bad := fmt.Errorf("%q is not a kext version", clip(s))
	rest := s
	number := func(digits int) (int64, bool) {
		var v int64
		n := 0
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			v = v*10 + int64(rest[n]-'0')
			if n++; n > digits {
				return 0, false
			}
		}
		rest = rest[n:]
		return v, n > 0
	}
	var parts [3]int64
	for i := range parts {
		v, ok := number(maxPart)
		if !ok {
			return 0, bad
		}
		parts[i] = v
		if rest == "" || rest[0] != '.' {
			break
		}
		if i == len(parts)-1 {
			return 0, bad
		}
		rest = rest[1:]
	}
	stage, level := int64(stageRelease), int64(0)
	if rest != "" {
		letters := 1
		switch {
		case rest[0] == 'd':
			stage = stageDevelopment
		case rest[0] == 'a':
			stage = stageAlpha
		case rest[0] == 'b':
			stage = stageBeta
		case rest[0] == 'f':
			stage = stageCandidate
			if len(rest) > 1 && rest[1] == 'c' {
				letters = 2
			}
		default:
			return 0, bad
		}
		rest = rest[letters:]
		var ok bool
		if level, ok = number(3); !ok || rest != "" || level > maxStageLevel || stage == stageCandidate && level == 0 {
			return 0, bad
		}
	}
	return Version(parts[0]*mulMajor + parts[1]*mulMinor + parts[2]*mulRevision + stage*mulStage + level), nil
}

// String is the version in the grammar of ParseVersion.
func (v Version) String() string {
	if v <= 0 {
		return "(none)"
	}
	n := int64(v)
	s := fmt.Sprintf("%d.%d", n/mulMajor, n/mulMinor%10000)
	if r := n / mulRevision % 10000; r != 0 {
		s += fmt.Sprintf(".%d", r)
	}
	switch n / mulStage % 10 {
	case stageDevelopment:
		s += "d"
	case stageAlpha:
		s += "a"
	case stageBeta:
		s += "b"
	case stageCandidate:
		s += "fc"
	default:
		return s
	}
	return s + fmt.Sprint(n%mulStage)
}

func clip(s string) string {
	if len(s) > 200 {
		return s[:200] + "..."
	}
	return s
}
