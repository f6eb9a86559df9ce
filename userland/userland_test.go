package userland_test

import (
	"bytes"
	"debug/macho"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"puggle/kernel"
	"puggle/userland"
)

// TestMain runs a guest instead of the tests if asked to: a machine has the
// process's standard files.
func TestMain(m *testing.M) {
	if os.Getenv("USERLAND_GUEST") != "" {
		status, err := kernel.RunProgram(kernel.Config{}, os.Args[1:], os.Environ())
		if err != nil {
			os.Stderr.WriteString(err.Error() + "\n")
			status = 125
		}
		os.Exit(status)
	}
	os.Exit(m.Run())
}

func TestProgram(t *testing.T) {
	b, err := userland.Program()
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(b)) != userland.Size() || len(b) > 8<<20 {
		t.Errorf("%d bytes, Size says %d", len(b), userland.Size())
	}
	f, err := macho.NewFile(bytes.NewReader(b))
	if err != nil || f.Cpu != macho.CpuAmd64 || f.Type != macho.TypeExec {
		t.Errorf("not a program for darwin/amd64: %v", err)
	}
	for _, n := range userland.Names() {
		if !filepath.IsAbs(n) {
			t.Errorf("name %q", n)
		}
	}
}

// guest runs a script with the machine's shell.
func guest(t *testing.T, script string) (string, int) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, "/bin/sh", "-c", script)
	c.Env = append(os.Environ(), "USERLAND_GUEST=1", "PATH=/usr/bin:/bin:/usr/sbin")
	c.Dir = t.TempDir()
	kill := time.AfterFunc(2*time.Minute, func() { c.Process.Kill() })
	defer kill.Stop()
	out, _ := c.CombinedOutput()
	return string(out), c.ProcessState.ExitCode()
}

func TestTools(t *testing.T) {
	if testing.Short() {
		t.Skip("boots machines")
	}
	for _, c := range []struct {
		script, want string
		status       int
	}{
		{"echo a b; printf '%s-%d\\n' x 1", "a b\nx-1\n", 0},
		{"/bin/echo -n a; exit 3", "a", 3},
		{"kill -TERM $$; sleep 5", "", 143},
		{"yes | head -2", "y\ny\n", 0},
		{"seq 1 12 | sort -rn | head -2 | tr '\\n' ,", "12,11,", 0},
		{"echo hello | sed -e 's/\\(l\\)l/<\\1>/' | cat -e", "he<l>o$\n", 0},
		{"trap 'echo usr' USR1; kill -USR1 $$; sleep 0.1; echo end", "usr\nend\n", 0},
		{"sleep 0.1 & wait $!; echo $?", "0\n", 0},
		{"sh -c 'exit 7'; echo $?; nosuch 2>/dev/null; echo $?", "7\n127\n", 0},
		{"mkdir -p d/e; echo x > d/e/f; cp -R d c; find c | sort; rm -rf d c; ls", "c\nc/e\nc/e/f\n", 0},
		{"printf 'a\\nb\\nab\\n' | grep -c '^a'; [ -d /bin ] && expr 3 \\* 4", "2\n12\n", 0},
		{"env -i A=1 /usr/bin/env; basename /x/y.c .c; uname", "A=1\ny\nDarwin\n", 0},
		{"nohup sh -c 'kill -HUP $$; echo alive' 2>/dev/null | cat", "alive\n", 0},
		{"basename $(ps -o comm= -p $$); sh -c 'ps -o ppid= -p $$' | tr -d ' '; echo $$", "sh\n2\n2\n", 0},
		{"sleep 77 & until ps ax -o ppid=,stat=,args= | tr -s ' ' | grep -o '2 S sleep 77$'; do sleep 0.1; done; kill $!", "2 S sleep 77\n", 0},
		{"ps ax -o stat=,args= | tr -s ' ' | grep -o '^R ps ax'", "R ps ax\n", 0},
		{"/usr/bin/env -i A=b /bin/sh -c 'echo $A $PATH | cat; env | grep -c ^PATH='", "b /usr/bin:/bin:/usr/sbin:/sbin\n0\n", 1},
		{"ifconfig -l; ifconfig lo0 | sed -n '1,2p'; ifconfig nosuch 2>&1", "lo0 en0\nlo0: flags=8049<UP,LOOPBACK,RUNNING,MULTICAST> mtu 16384\n" +
			"\tinet 127.0.0.1 netmask 0xff000000\nifconfig: interface nosuch does not exist\n", 1},
		{"if [ $(id -u) = 0 ]; then ifconfig vlan7 create && ifconfig -l && ifconfig vlan7 destroy; else echo lo0 en0 vlan7; fi; ifconfig -l; ifconfig en0 sideways 2>&1",
			"lo0 en0 vlan7\nlo0 en0\nifconfig: sideways: bad value\n", 1},
		{"if [ $(id -u) = 0 ]; then ifconfig lo0 alias 192.168.99.1/24; ifconfig lo0 inet6 fd00::1/64 alias; ifconfig lo0 | grep -c -e 192.168.99.1 -e fd00::1; " +
			"ifconfig lo0 -alias 192.168.99.1; ifconfig lo0 inet6 fd00::1 delete; ifconfig lo0 down; ifconfig lo0 | egrep -c '99.1|fd00|UP'; else echo 2; echo 0; fi; " +
			"ifconfig en0 mtu 100 2>&1 | sed 's/: Operation not permitted/: Operation not supported on socket/'",
			"2\n0\nifconfig: ioctl (SIOCSIFMTU): Operation not supported on socket\n", 0},
		{"mkfifo -m 600 q; stat -f %Sp q; cat q & echo through >q; wait; rm q; mkfifo no/q 2>&1; mount | egrep -c '^/dev/disk1s1 on / \\(apfs, local'; mount -t devfs",
			"prw-------\nthrough\nmkfifo: no/q: No such file or directory\n1\ndevfs on /dev (devfs, local, nobrowse)\n", 0},
		{"ping -c 2 -i 0.1 127.0.0.1 | sed 's/time=.*//; s/= .*//'; ping -c 1 -W 50 -q 10.0.2.99; echo $?",
			"PING 127.0.0.1 (127.0.0.1): 56 data bytes\n64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 \n64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 \n" +
				"\n--- 127.0.0.1 ping statistics ---\n2 packets transmitted, 2 packets received, 0.0% packet loss\nround-trip min/avg/max/stddev \n" +
				"PING 10.0.2.99 (10.0.2.99): 56 data bytes\n\n--- 10.0.2.99 ping statistics ---\n1 packets transmitted, 0 packets received, 100.0% packet loss\n2\n", 0},
		{"vm_stat | sed -n -e '1p' -e '/^Pages free: *[1-9][0-9]*\\.$/s/:.*//p' -e '/^Pages wired down: *[0-9]*\\.$/s/:.*//p'",
			"Mach Virtual Memory Statistics: (page size of 4096 bytes)\nPages free\nPages wired down\n", 0},
		{"route -n get 192.0.2.1 | egrep 'gateway|interface'; netstat -rn | egrep -c '^default +10.0.2.2 +UGSc +en0'", "    gateway: 10.0.2.2\n  interface: en0\n1\n", 0},
		{"netstat -ibdnW | sed -n '2s/ .*Link#1.*/ link/p'", "lo0 link\n", 0},
		{"sleep 60 >file & lsof -a -p $! -d 1 -Ftn | sed '1d;s,n/.*/,n,'; lsof -i :1; echo $?; [ $(lsof -t file) = $! ] && echo same; kill $!", "f1\ntREG\nnfile\n1\nsame\n", 0},
		{"ioreg -p IODeviceTree -rn options | sed -n '1s/, id.*//p'", "+-o options  <class IODTNVRAM\n", 0},
		{"ioreg -arc IOPlatformDevice | grep -c '<key>processor-number</key>' >a; sysctl -n hw.ncpu | cmp a - && echo same", "same\n", 0},
		{"ioreg -w 20 -l | sed -n '3p;$p'; ioreg -p none 2>&1; ioreg -r 2>/dev/null", "  |   \"IOKitBuildVer\n        \nioreg: plane none is unknown\n", 1},
		{"ioreg -rd1 -c IOPlatformExpertDevice | sed -n 's/.*\"IOPlatformUUID\" = \"\\([0-9A-F-]*\\)\".*/\\1/p' >a; sysctl -n kern.uuid | cmp a - && wc -c <a | tr -d ' '", "37\n", 0},
		{"sysctl -n vm.pagesize; sysctl -a | egrep -c '^(kern.ostype: Darwin|hw.pagesize: 4096|vm.pagesize: 4096)$'; sysctl -N kern.ipc | grep -c maxsockbuf; " +
			"sysctl kern.ostype=x; sysctl nosuch.name", "4096\n3\n1\nsysctl: kern.ostype: Operation not permitted\nsysctl: unknown oid 'nosuch.name'\n", 1},
		{"seq 1 9 >a; sed -e 2d -e 's/5/five/' a >b; printf x >>b; diff a b; diff -u -L a -L b a b; diff -q a a; diff a nosuch; echo $?",
			"2d1\n< 2\n5c4\n< 5\n---\n> five\n9a9\n> x\n\\ No newline at end of file\n" +
				"--- a\n+++ b\n@@ -1,9 +1,9 @@\n 1\n-2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n+x\n\\ No newline at end of file\n" +
				"diff: nosuch: No such file or directory\n2\n", 0},
		{"mkdir d e; echo 1 >d/f; ln -s f d/l; ln d/f d/h; tar czf t.tgz d; tar xf t.tgz -C e; diff -r d e/d; readlink e/d/l; tar tzf t.tgz | sort; echo 2 >e/d/g; diff -rq d e/d",
			"f\nd/\nd/f\nd/h\nd/l\nOnly in e/d: g\n", 1},
		{"seq 1 2000 >a; cp a b; gzip -9 a; [ $(wc -c <a.gz) -lt 5000 ] && zcat a.gz | cmp - b && gunzip a.gz && cmp a b; ls; gunzip b; echo $?", "a\nb\ngunzip: b: unknown suffix -- ignored\n1\n", 0},
		{"printf abc | md5; printf abc | shasum -a 256 >s; cut -c1-16 s; printf abc >f; shasum -a 1 f >s; shasum -c s; printf abd >f; shasum -c s; printf 'abc' | base64 | tee x; base64 -d <x; uuidgen | wc -c | tr -d ' '",
			"900150983cd24fb0d6963f7d28e17f72\nba7816bf8f01cfea\nf: OK\nf: FAILED\nYWJj\nabc37\n", 0},
		{"pbpaste; printf 'a\nb' | pbcopy; pbpaste; pbcopy </dev/null; pbpaste | wc -c | tr -d ' '", "a\nb0\n", 0},
		{"security add-generic-password -s svc -a me -w 'it is' && security find-generic-password -s svc -wa me; security add-generic-password -s svc -a me -w x 2>/dev/null; echo $?; " +
			"echo \"add-generic-password -U -s svc -a me -w 'n e w'\" | security -i; security find-generic-password -s svc -w; security delete-generic-password -s svc; security find-generic-password -s svc 2>&1",
			"it is\n45\nn e w\npassword has been deleted.\nsecurity: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.\n", 44},
		{"mkdir d; head -c 20000 /dev/zero >d/f; ln d/f d/g; [ $(du -sk d | cut -f1) -ge 20 ] && [ $(du -sk d | cut -f1) -lt 40 ] && df -k . | wc -l | tr -d ' '", "2\n", 0},
		{"ps aux | grep -c '[p]s aux$'; ps -p 99998", "1\n  PID TTY      STAT COMMAND\n", 1},
	} {
		got, status := guest(t, c.script)
		if got != c.want || status != c.status {
			t.Errorf("%s\n got %q, %d\nwant %q, %d", strings.TrimSpace(c.script), got, status, c.want, c.status)
		}
	}
}

// TestCodesign has the machine's codesign check what Go's linker signs, sign what
// it does not, and see a changed byte.
func TestCodesign(t *testing.T) {
	if testing.Short() {
		t.Skip("boots machines and builds programs")
	}
	dir := t.TempDir()
	src := filepath.Join(dir, "p.go")
	if err := os.WriteFile(src, []byte("package main\nfunc main() { println(\"it runs\") }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, arch := range []string{"arm64", "amd64"} {
		c := exec.Command("go", "build", "-o", filepath.Join(dir, arch), src)
		c.Env = append(os.Environ(), "GOOS=darwin", "GOARCH="+arch, "CGO_ENABLED=0")
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	// The linker's signature for arm64 is the one that was not made here.
	b, err := os.ReadFile(filepath.Join(dir, "arm64"))
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(filepath.Join(dir, "bad"), b, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		script, want string
		status       int
	}{
		{"codesign -v arm64", "", 0},
		{"codesign -v bad", "bad: invalid signature (code or signature have been modified)\n", 1},
		{"codesign --verify amd64", "amd64: code object is not signed at all\n", 1},
		{"codesign --sign - amd64; codesign -v amd64 && ./amd64", "it runs\n", 0},
		{"codesign -s - amd64", "amd64: is already signed\n", 1},
		{"codesign -s - -f -i org.example.p amd64 && codesign -v amd64 && codesign -dv amd64 2>&1 | grep -E 'Ident|Signature'",
			"amd64: replacing existing signature\nIdentifier=org.example.p\nSignature=adhoc\n", 0},
		{"codesign --remove-signature amd64 && ./amd64; codesign -v amd64", "it runs\namd64: code object is not signed at all\n", 1},
		{"codesign -s Somebody amd64", "codesign: Somebody: no identity found (only ad-hoc signatures, by -s -, can be made)\n", 1},
		{"codesign -v /etc/hosts", "/etc/hosts: is not a thin 64-bit Mach-O file, which is what this codesign handles\n", 1},
	} {
		got, status := guest(t, "cd "+dir+"; "+c.script)
		if got != c.want || status != c.status {
			t.Errorf("%s: %q, status %d; want %q, %d", c.script, got, status, c.want, c.status)
		}
	}
	// What was signed is a Mach-O file to others, too.
	f, err := macho.Open(filepath.Join(dir, "amd64"))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
}
