/*
 * A program that is linked to a library of the system's which is not there is
 * loaded all the same; the first call of what is missing names it and aborts.
 */
#include "check.h"
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

int absent_function(void);
int absent_weak(void) __attribute__((weak_import));
int (*volatile pointer)(void) = absent_function;

int main(void)
{
	char text[512] = "";
	int fd[2], status;
	CHECK(absent_weak == 0);
	CHECK(dlsym(RTLD_DEFAULT, "absent_function") == NULL);
	CHECK(dlopen("/usr/lib/libabsent.1.dylib", RTLD_LAZY) == NULL);
	CHECK(pointer != 0 && (void *)pointer == (void *)absent_function);
	for (int way = 0; way < 2; way++) {
		CHECKEQ(pipe(fd), 0);
		pid_t pid = fork();
		if (pid == 0) {
			dup2(fd[1], 2);
			_exit(way ? pointer() : absent_function());
		}
		close(fd[1]);
		ssize_t n = 0, r;
		while (n < (ssize_t)sizeof text - 1 && (r = read(fd[0], text + n, sizeof text - 1 - n)) > 0)
			n += r;
		text[n] = 0;
		close(fd[0]);
		CHECKEQ(waitpid(pid, &status, 0), pid);
		CHECK(WIFSIGNALED(status));
		CHECKEQ(WTERMSIG(status), SIGABRT);
		CHECKSTR(text, "dyld: missing symbol called: _absent_function of /usr/lib/libabsent.1.dylib\n");
	}
	puts("absent ok");
	DONE();
}
