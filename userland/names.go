package userland

import "strings"

// byDir are the names of the tools in the directories where Darwin has them.
var byDir = []struct{ dir, names string }{
	{"/bin", `sh bash zsh dash [ cat chmod cp date df echo expr hostname kill ln ls mkdir mv ps pwd realpath rm rmdir
		sleep stty sync test unlink`},
	{"/usr/bin", `arch base64 basename cmp codesign cut diff dirname du egrep env false fgrep find getconf grep groups gunzip
		gzcat gzip head id killall logname md5 mkfifo mktemp nice nohup pbcopy pbpaste pgrep pkill printenv printf readlink
		rev security sed seq shasum sort stat sw_vers tail tar tee time touch tr true tty uname uniq uuidgen vm_stat wc which
		whoami xargs yes zcat`},
	{"/sbin", `ifconfig mount ping route`},
	{"/usr/sbin", `ioreg lsof netstat nvram sysctl`},
}

// Names gives the absolute paths at which Program is to be seen.
func Names() []string {
	var l []string
	for _, d := range byDir {
		for _, n := range strings.Fields(d.names) {
			l = append(l, d.dir+"/"+n)
		}
	}
	return l
}
