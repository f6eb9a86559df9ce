package userland

import "strings"

// byDir are the names of the tools in the directories where Darwin has them.
var byDir = []struct{ dir, names string }{
	{"/bin", `sh bash zsh dash [ cat chmod cp date df echo expr hostname kill ln ls mkdir mv ps pwd realpath rm rmdir
		sleep stty sync test unlink`},
	{"/usr/bin", `arch basename cmp codesign cut dirname du egrep env false fgrep find getconf grep groups head id killall logname
		mktemp nice nohup pbcopy pbpaste pgrep pkill printenv printf readlink rev security sed seq sort stat sw_vers tail tee time
		touch tr true tty uname uniq wc which whoami xargs yes`},
	{"/sbin", `ifconfig route`},
	{"/usr/sbin", `ioreg lsof netstat sysctl`},
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
