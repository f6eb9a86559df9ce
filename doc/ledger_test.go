// Package doc holds the pages about the system, and a test that its ledger is
// true to the tests it names.
package doc

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLedger: every row of systems.tsv that claims something names a test that
// exists, as "package TestName[, TestName...][; package TestName]".
func TestLedger(t *testing.T) {
	b, err := os.ReadFile("systems.tsv")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, line := range strings.Split(strings.TrimRight(string(b), "\n"), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 5 {
			t.Fatalf("line %d has %d fields", i+2, len(f))
		}
		if seen[f[0]] {
			t.Errorf("%s is there twice", f[0])
		}
		seen[f[0]] = true
		switch f[1] {
		case "no":
			continue
		case "yes", "partial":
		default:
			t.Errorf("%s: state %q", f[0], f[1])
		}
		for _, part := range strings.Split(f[3], "; ") {
			pkg, names, ok := strings.Cut(part, " ")
			if !ok {
				t.Errorf("%s: no test named in %q", f[0], part)
				continue
			}
			for _, name := range strings.Split(names, ", ") {
				if !hasTest(t, pkg, name) {
					t.Errorf("%s: %s has no %s", f[0], pkg, name)
				}
			}
		}
	}
	if len(seen) != 257 {
		t.Errorf("%d systems, want 257", len(seen))
	}
}

func hasTest(t *testing.T, pkg, name string) bool {
	files, _ := filepath.Glob("../" + pkg + "/*_test.go")
	re := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(`)
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if re.Match(b) {
			return true
		}
	}
	return false
}
