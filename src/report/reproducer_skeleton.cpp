// SPDX-License-Identifier: GPL-2.0
#include "report/reproducer_skeleton.h"

namespace daxbreak {

const std::string_view reproducer_skeleton = R"c(// SPDX-License-Identifier: GPL-2.0
/*
@HEADER@
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
@if FIEMAP
#include <linux/fiemap.h>
@end
@if FS
#include <linux/fs.h>
@end
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
@INCLUDES@

#define PAGE 4096
#define show(...) (printf(__VA_ARGS__), putchar('\n'), fflush(stdout), shown = 1)

size_t file_size = @FILE_SIZE@, pinned = @PINNED@;
off_t page_at = @PAGE_AT@; /* of the pinned memory in the file */
off_t offset = @OFFSET@, length = @LENGTH@; /* the range that is broken */
char dir[4096], path[4200];
@if GATED
char device[128];
@end
char *map, *page;
int fd = -1, shown;
@if PARTNER
char partner_path[4200];
int partner_fd;
@end
@if MAYBE
uint64_t block; /* under the page */
@end
pid_t breaker, self;
int ended, killed, go[2]; /* the breaker's process */
struct outcome {
	volatile int begun, done, error;
} *outcome; /* of its call, in memory shared with it */

static void check(int good, const char *doing)
{
	if (good)
		return;
@if REFUSED
	if (errno == EOPNOTSUPP) {
		printf("refused, as it must be: %s: %s\n", doing, strerror(errno));
		exit(0);
	}
@end
	fprintf(stderr, "could not %s: %s\n", doing, strerror(errno));
	exit(2);
}

@PIN_FUNCTIONS@

@BREAK_FUNCTIONS@

@DISTURB_FUNCTIONS@

static void hold_page(void)
{
	@HOLD@
}

@if !OWN
static void release_page(void)
{
	@RELEASE@
}

@end
/* Whether the breaker's process ended, within a time. */
static int returned(int milliseconds)
{
	int status;

	while (!ended) {
		if (waitpid(breaker, &status, WNOHANG) == breaker) {
			ended = 1;
			killed = WIFSIGNALED(status);
@if EXITS
			outcome->done = outcome->begun && !killed;
@end
		} else if (milliseconds-- <= 0) {
			break;
		} else {
			usleep(1000);
		}
	}
	return ended;
}

static void clean_up(void)
{
	if (getpid() != self)
		return;
@if !LEAVES
	if (breaker > 0 && !ended)
		kill(breaker, SIGKILL);
	if (breaker <= 0 || returned(2000))
		unlink(path); /* not while a stuck task has it locked */
@end
@if PARTNER
	unlink(partner_path);
@end
@if GATED
	rmdir("/sys/kernel/config/nullb/repro");
@end
@if WITNESS
	rmdir("/sys/kernel/tracing/instances/repro");
@end
}

@if GATED
/* A block device whose I/O takes 2 s; it ends in a timer interrupt. */
static void make_device(void)
{
	FILE *index;
	int number;

	check(system("modprobe -q null_blk nr_devices=0 2>/dev/null; cd /sys/kernel/config/nullb && "
		     "mkdir repro && cd repro && echo 16 >size && echo 1 >memory_backed && "
		     "echo 2 >queue_mode && echo 2 >irqmode && "
		     "echo 2000000000 >completion_nsec && echo 1 >power") == 0,
	      "make a null_blk device");
	index = fopen("/sys/kernel/config/nullb/repro/index", "r");
	check(index && fscanf(index, "%d", &number) == 1, "find the null_blk device");
	fclose(index);
	snprintf(device, sizeof(device), "/dev/nullb%d", number);
	if (access("/sys/block/repro", F_OK) == 0) /* since 6.0 */
		strcpy(device, "/dev/repro");
}

@end
@if FIEMAP
/* Where on the device a byte of the file is; 0 in a hole. */
static uint64_t block_of(off_t at)
{
	union {
		struct fiemap map;
		char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} ask = { .map = { .fm_start = at, .fm_length = 1, .fm_extent_count = 1 } };
	struct fiemap_extent *extent = ask.map.fm_extents;

	check(ioctl(fd, FS_IOC_FIEMAP, &ask) == 0, "FIEMAP");
	return ask.map.fm_mapped_extents ? extent->fe_physical + at - extent->fe_logical : 0;
}

@end
@if WITNESS
/* Whether fsync() flushes page 1 of the file from the CPU caches, as a tracepoint sees it. */
static int fsync_flushes(void)
{
	char command[256];
	struct stat file;

	system("cd /sys/kernel/tracing/instances && mkdir -p repro && cd repro && "
	       "echo 1 >events/fs_dax/dax_writeback_one/enable && : >trace");
	check(fstat(fd, &file) == 0 && fsync(fd) == 0, "fsync");
	snprintf(command, sizeof(command), "grep -q 'ino 0x%lx pgoff @WITNESS_ENTRY@' "
		 "/sys/kernel/tracing/instances/repro/trace", file.st_ino);
	return system(command) == 0;
}

@end
static int make_file(const char *name, char content)
{
	char block[PAGE];
	int made = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(made >= 0 && ftruncate(made, file_size) == 0, name);
	memset(block, content, PAGE);
@if PARTS
	static const off_t part[][2] = { @PARTS@ }; /* the rest is holes */

	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		check(fallocate(made, 0, part[i][0], part[i][1]) == 0, "allocate the file");
		for (off_t at = part[i][0]; at < part[i][0] + part[i][1]; at += PAGE)
			check(pwrite(made, block, PAGE, at) == PAGE, "write the file");
	}
@end
@if !PARTS
	check(fallocate(made, 0, 0, file_size) == 0, "allocate the file");
	for (size_t at = 0; at < file_size; at += PAGE)
		check(pwrite(made, block, PAGE, at) == PAGE, "write the file");
@end
	check(fsync(made) == 0, "fsync the file");
	return made;
}

static void map_file(void)
{
@if HUGE
	size_t huge = 2 << 20; /* pages must be aligned in memory as they are in the file */
	char *room = mmap(NULL, file_size + huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(room != MAP_FAILED, "find room to map the file");
	map = (char *)(((uintptr_t)room + huge - 1) / huge * huge);
	map = mmap(map, file_size, @PROTECTION@, @MAP_FLAGS@ | MAP_FIXED, fd, 0);
@end
@if !HUGE
	map = mmap(NULL, file_size, @PROTECTION@, @MAP_FLAGS@, fd, 0);
@end
	check(map != MAP_FAILED, "mmap the file");
	page = map + page_at;
	for (char *at = page; at < page + pinned; at += PAGE)
@if WRITES
		*(volatile char *)at = *(volatile char *)at; /* fault it in */
@end
@if !WRITES
		(void)*(volatile char *)at; /* fault it in */
@end
}

static void ignore(int signal)
{
	(void)signal;
}

/* Before the file is mapped: a child that inherits the mapping would be a second mapper. */
static void fork_breaker(void)
{
	struct sigaction action = { .sa_handler = ignore };
	int ready[2];
	long result;
	char byte;

	outcome = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(outcome != MAP_FAILED && pipe(ready) == 0 && pipe(go) == 0, "make pipes");
	breaker = fork();
	check(breaker >= 0, "fork");
	if (breaker > 0) {
		close(ready[1]);
		close(go[0]);
		errno = 0;
		if (read(ready[0], &byte, 1) != 1)
			exit(2); /* it has said why */
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(go[1]);
	sigaction(SIGUSR1, &action, NULL); /* no SA_RESTART */
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR2, &action, NULL);
@if OWN
	map_file(); /* this process itself holds the page */
	hold_page();
@if LAST
	munmap(map, file_size);
@end
@end
	@ARM@
	check(write(ready[1], "r", 1) == 1, "be ready");
	if (read(go[0], &byte, 1) != 1)
		_exit(0);
	outcome->begun = 1;
	result = @CALL@;
	outcome->error = result == -1 ? errno : 0;
	outcome->done = 1;
	_exit(0);
}

/* If the breaker came back: must it not have, yet? */
static void look_early(const char *when)
{
	if (!ended || killed || !outcome->done || outcome->error == EINTR)
		return;
	errno = outcome->error;
	check(errno == 0, "@BREAKER@");
@if EARLY
	show("EARLY: @BREAKER@ returned %s, while the page was still held", when);
@end
@if !EARLY
@if MAYBE
	if (block_of(page_at + pinned - PAGE) != block)
		show("EARLY: @BREAKER@ took the block %s, while the page was still held", when);
	else
@end
		printf("@BREAKER@ returned %s: it may\n", when);
@end
}

@if !OWN
/* Everything was let go, and the breaker still sleeps: what does it wait for? */
static void poke(void)
{
	kill(breaker, SIGUSR1);
	if (returned(2000) && outcome->done && !outcome->error)
		show("LOST WAKEUP: 2 s after the release @BREAKER@ still slept; "
		     "a signal made it look again, and it succeeded");
	else if (ended)
		show("STUCK: 2 s after the release @BREAKER@ still slept; a signal ended it: %s",
		     strerror(outcome->error));
	else if (kill(breaker, SIGKILL) == 0 && returned(2000))
		show("STUCK: 2 s after the release @BREAKER@ still slept; only SIGKILL ended it");
	else
		show("UNKILLABLE: @BREAKER@ was still there 2 s after SIGKILL");
}

@end
@if DURING
static void hangs(int signal)
{
	const char *text = "HANGS: this program itself was stuck for a minute\n";

	(void)signal;
	_exit(write(1, text, strlen(text)) > 0 ? 1 : 2);
}

@end
/* What the kernel complained of meanwhile. */
static void read_log(int log)
{
	char line[8192], *found;
	ssize_t got;

	while ((got = read(log, line, sizeof(line) - 1)) > 0) {
		line[got] = '\0';
		if ((found = strstr(line, "WARNING: ")) || (found = strstr(line, "BUG: ")))
			show("%.*s", (int)strcspn(found, "\n"), found);
	}
}

int main(int argc, char **argv)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (argc < 2) {
		fprintf(stderr, "usage: %s DIR [DEVICE]\n", argv[0]);
		return 2;
	}
	self = getpid();
@if DURING
	signal(SIGALRM, hangs);
	alarm(60);
@end
	atexit(clean_up);
	snprintf(dir, sizeof(dir), "%s", argv[1]);
	snprintf(path, sizeof(path), "%s/repro-file", dir);
@if GATED
	if (argc > 2)
		snprintf(device, sizeof(device), "%s", argv[2]);
	else
		make_device();
@end
	fd = make_file(path, 'A');
@if HOLE
	check(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, @HOLE_AT@, @HOLE_LENGTH@) == 0,
	      "punch the hole in which the page lies");
@end
@if PARTNER
	snprintf(partner_path, sizeof(partner_path), "%s/repro-partner", dir);
@if CLONE
	partner_fd = open(partner_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(ioctl(partner_fd, FICLONE, fd) == 0 && fsync(fd) == 0, "share the blocks (FICLONE)");
@end
@if !CLONE
	partner_fd = make_file(partner_path, '@PARTNER_CONTENT@');
@end
@end
@if UNNAMED
	unlink(path);
@end
	fork_breaker();
	lseek(log, 0, SEEK_END);
@if MAYBE
	block = block_of(page_at + pinned - PAGE);
@end
@if !OWN
	map_file();
@end
@if WITNESS
	map[PAGE] = 'C'; /* outside the broken range: a control, without a break in between */
	int watch = fsync_flushes();

	if (!watch)
		printf("tracefs does not show dax_writeback_one: flushes are not watched\n");
@end
@if !OWN
	hold_page();
@if GATED
	usleep(200000); /* until the I/O is under way */
@end
@if REFUSED
	show("NOT REFUSED: @PIN@ succeeded");
@end
@end
@if LOOSENS
	@LOOSEN@
@end
@if WITNESS
	map[PAGE] = 'W';
@end
@if BEFORE
	@BEFORE@
@end
@if LAST
	if (map)
		munmap(map, file_size);
	close(fd);
@if PARTNER
	close(partner_fd);
@end
@end
	check(write(go[1], "g", 1) == 1, "start the breaker");
	if (returned(300)) {
		look_early("at once");
	} else {
		printf("@BREAKER@ waits\n");
@if DURING
		@DURING@
@end
@if OWN
		if (!returned(2000) && kill(breaker, SIGKILL) == 0 && !returned(2000))
			show("UNKILLABLE: @BREAKER@ waits for a page that its own task holds");
@end
@if DIES
		if (!returned(2000))
			show("UNKILLABLE: @BREAKER@ was still there 2 s after SIGKILL");
@end
@if INTERRUPTED
		returned(2000);
@end
		returned(100);
		look_early("later");
	}
@if !OWN
	release_page();
	if (!returned(2000))
		poke();
@end
@if WITNESS
	if (watch && ended && outcome->done && !fsync_flushes())
		show("NOT FLUSHED: page 1 was stored to before @BREAKER@, which did not concern it, "
		     "and fsync() succeeded after it without flushing the page");
@end
	usleep(50000);
	read_log(log);
	puts(shown ? "shown" : "nothing wrong");
	return shown;
}
)c";

}  // namespace daxbreak
