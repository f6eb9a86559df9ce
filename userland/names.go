package userland

import "strings"

// byDir are the names of the tools in the directories where Darwin has them.
var byDir = []struct{ dir, names string }{
	{"/bin", `sh bash zsh dash [ cat chmod cp date dd df echo expr hostname kill ln ls mkdir mv ps pwd
		realpath rm rmdir sleep stty sync test unlink`},
	{"/usr/bin", `arch awk basename cmp comm cut dirname du env expand false find fold getconf grep egrep fgrep
		groups head id install join killall logname mktemp nice nl nohup od paste pgrep pkill printenv printf readlink rev
		sed seq sort split stat strings sum sw_vers tail tee time touch tr true tsort tty uname
		uniq uptime uuidgen wc which whoami xargs xxd yes cksum md5 shasum base64 hexdump open`},
	{"/sbin", "sysctl md5"},
	{"/usr/sbin", "sysctl chown"},
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
