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
@if BLOCK
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
@if TAKEN
#include <sys/statvfs.h>
@end
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
@if TRANSIENT
#include <time.h>
@end
#include <unistd.h>
@INCLUDES@

#define PAGE 4096
#define LIMIT 40 /* s that this program may take, the holder's and the breaker's part of it */
/* Says what is wrong; the word comes again in the last line. */
#define show(word, ...) (note(word), printf(word ": " __VA_ARGS__), putchar('\n'))
#define say(...) ((void)(quiet || printf(__VA_ARGS__)))

size_t file_size = @FILE_SIZE@, pinned = @PINNED@;
off_t page_at = @PAGE_AT@; /* of the pinned memory in the file */
off_t offset = @OFFSET@, length = @LENGTH@; /* the range that is broken */
char dir[4096], path[4200];
@if GATED
char device[128];
@end
char *map, *page;
int fd = -1;
@if PARTNER
char partner_path[4200];
int partner_fd = -1;
@end
@if CLONE
char clone_path[4200];
int clone_fd = -1;
@end
@if BLOCK
uint64_t block; /* under the page */
@end
@if TAKEN
char taker_path[4200];
int taker = -1; /* the file that has the block now */
off_t taken_at;
@end
char *received; /* by the holder, of the page, if that is known */
pid_t breaker;
int ended, killed, go[2]; /* the breaker's process */
int quiet; /* the first round has told */
struct outcome { /* in memory that all processes share */
	volatile int begun, done, error; /* of the breaker's call */
	char words[256]; /* what was shown */
} *outcome;

static void note(const char *word)
{
	if (!strstr(outcome->words, word))
		snprintf(outcome->words + strlen(outcome->words),
			 sizeof(outcome->words) - strlen(outcome->words), "%s%s",
			 outcome->words[0] ? ", " : "", word);
}

/* Where all tasks of a group of processes are, as far as the kernel tells. */
static void show_tasks(pid_t group)
{
	char command[512];

	snprintf(command, sizeof(command),
		 "for stat in /proc/[0-9]*/stat; do "
		 "set -- $(sed 's/.*) //' $stat 2>/dev/null); [ \"$3\" = %d ] || continue; "
		 "for task in ${stat%%%%stat}task/*; do "
		 "echo \"$task: $(sed 's/.*) \\(.\\).*/\\1/' $task/stat)\"; cat $task/stack; done; done",
		 (int)group);
	fflush(stdout);
	system(command);
}

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

@if GATED
/* A block device whose I/O takes 3 s; it ends in a timer interrupt. */
static void make_device(void)
{
	FILE *index;
	int number;

	check(system("modprobe -q null_blk nr_devices=0 2>/dev/null; cd /sys/kernel/config/nullb && "
		     "mkdir repro && cd repro && echo 16 >size && echo 1 >memory_backed && "
		     "echo 2 >queue_mode && echo 2 >irqmode && "
		     "echo 3000000000 >completion_nsec && echo 1 >power") == 0,
	      "make a null_blk device");
	index = fopen("/sys/kernel/config/nullb/repro/index", "r");
	check(index && fscanf(index, "%d", &number) == 1, "find the null_blk device");
	fclose(index);
	snprintf(device, sizeof(device), "/dev/nullb%d", number);
	if (access("/sys/block/repro", F_OK) == 0) /* since 6.0 */
		strcpy(device, "/dev/repro");
}

/* Whether the device has I/O to do, and with it the page. */
static int in_flight(void)
{
	char name[128 + 32];
	int reads = 0, writes = 0;
	FILE *counts;

	snprintf(name, sizeof(name), "/sys/class/block/%s/inflight", strrchr(device, '/') + 1);
	counts = fopen(name, "r");
	check(counts && fscanf(counts, "%d %d", &reads, &writes) == 2, "read the device's inflight");
	fclose(counts);
	return reads + writes;
}

@end
@if BLOCK
/* A file's first extent that ends after an offset; 0 if there is none. */
static int extent_at(int in, off_t at, struct fiemap_extent *extent)
{
	union {
		struct fiemap map;
		char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
	} ask = { .map = { .fm_start = at, .fm_length = FIEMAP_MAX_OFFSET - at,
			   .fm_extent_count = 1 } };

	check(ioctl(in, FS_IOC_FIEMAP, &ask) == 0, "FIEMAP");
	*extent = ask.map.fm_extents[0];
	return ask.map.fm_mapped_extents;
}

/* Where on the device a byte of a file is; 0 in a hole. */
static uint64_t block_of(int in, off_t at)
{
	struct fiemap_extent extent;

	return extent_at(in, at, &extent) && extent.fe_logical <= (uint64_t)at ?
		extent.fe_physical + at - extent.fe_logical : 0;
}

@end
@if TAKEN
/* The block as a part of this file: its offset there, or -1. */
static off_t find_block(int in)
{
	struct fiemap_extent extent;

	for (off_t at = 0; extent_at(in, at, &extent); at = extent.fe_logical + extent.fe_length)
		if (block >= extent.fe_physical && block < extent.fe_physical + extent.fe_length)
			return extent.fe_logical + (block - extent.fe_physical);
	return -1;
}

/* The block is another file's now, or free: then a new file gets as much as was freed, or all. */
static void take_block(void)
{
	off_t part = file_size, size = 0;
	char bytes[PAGE];

@if PARTNER
	taker = partner_fd;
	if (taker >= 0 && (taken_at = find_block(taker)) >= 0)
		goto fill;
@end
@if CLONE
	taker = clone_fd;
	if (taker >= 0 && (taken_at = find_block(taker)) >= 0)
		goto fill;
@end
	taker = open(taker_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(taker >= 0, "make a file that takes the block");
	taken_at = -1;
	for (int round = 0; taken_at < 0 && part >= PAGE; round++) {
		if (round == 2)
			part = 256 << 20;
		sync(); /* what is free is used again only when that is on the medium */
		if (fallocate(taker, 0, size, part) == 0)
			size += part;
		else
			part /= 2;
		taken_at = find_block(taker);
	}
	if (taken_at < 0) {
		printf("no other file got the block\n");
		taker = -1;
		return;
	}
@if PARTNER
fill:
@end
@if !PARTNER
@if CLONE
fill:
@end
@end
	memset(bytes, 'T', PAGE);
	check(pwrite(taker, bytes, PAGE, taken_at) == PAGE && fsync(taker) == 0,
	      "write to the file that has the block now");
	if (block_of(taker, taken_at) != block)
		taker = -1; /* the write itself moved it */
}

/* Everything was let go: did that do harm to the file that has the block now? */
static void look_taken(void)
{
	char bytes[PAGE];

	if (taker < 0)
		return;
@if TO_PAGE
	check(pread(taker, bytes, PAGE, taken_at) == PAGE, "read the block");
	for (int i = 0; i < PAGE; i++)
		if (bytes[i] != 'T') {
			show("STRAY WRITE", "the I/O ended, and wrote into another file, "
			     "which has the block now");
			break;
		}
@end
@if !TO_PAGE
	memset(bytes, 'T', PAGE);
	if (received && memcmp(received, bytes, PAGE) == 0)
		show("LEAK", "the holder was given bytes of another file, which has the block now");
@end
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

static char *map_whole(int file)
{
	char *at = NULL;
	int where = 0;

@if HUGE
	const size_t huge = 2 << 20; /* pages must be aligned in memory as they are in the file */

	at = mmap(NULL, file_size + huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	check(at != MAP_FAILED, "find room to map the file");
	at = (char *)(((uintptr_t)at + huge - 1) / huge * huge);
	where = MAP_FIXED;
@end
	at = mmap(at, file_size, @PROTECTION@, @MAP_FLAGS@ | where, file, 0);
	check(at != MAP_FAILED, "mmap the file");
	return at;
}

static void map_file(void)
{
	map = map_whole(fd);
	page = map + page_at;
	for (char *at = page; at < page + pinned; at += PAGE)
@if WRITES
		*(volatile char *)at = *(volatile char *)at; /* fault it in */
@end
@if !WRITES
		(void)*(volatile char *)at; /* fault it in */
@end
@if CLONE_MAPPED
	(void)*(volatile char *)(map_whole(clone_fd) + page_at); /* nobody unmaps this one */
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

	check(pipe(ready) == 0 && pipe(go) == 0, "make pipes");
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

/* A breaker that came back: with what error? EINTR is none, if a signal was sent. */
static int succeeded(void)
{
	if (!ended || killed || !outcome->done || outcome->error == EINTR)
		return 0;
	errno = outcome->error;
	if (errno < 512)
		check(errno == 0, "@BREAKER@");
	else
		show("ERRNO", "@BREAKER@ ended with errno %d, which is the kernel's own affair", errno);
	return errno == 0;
}

/* If the breaker came back: must it not have, yet? */
static void look_early(const char *when)
{
	if (!succeeded())
		return;
@if MAY_RETURN
	say("@BREAKER@ returned %s: it may\n", when);
@end
@if !MAY_RETURN
@if GATED
	if (!in_flight()) {
		printf("this machine is too slow to tell: the I/O was over before @BREAKER@ was\n");
		return;
	}
@end
@end
@if MAYBE
	if (block_of(fd, page_at + pinned - PAGE) == block) {
		printf("@BREAKER@ returned %s: it may, the file has the block still\n", when);
		return;
	}
@end
@if !MAY_RETURN
	show("EARLY", "@BREAKER@ took the block and returned %s, while the page was still held",
	     when);
@end
@if TAKEN
	take_block();
@end
}

@if !OWN
/* Everything was let go, and the breaker still sleeps: what does it wait for? */
static void poke(void)
{
	kill(breaker, SIGUSR1);
	if (returned(2000) && outcome->done && !outcome->error)
		show("LOST WAKEUP", "2 s after the release @BREAKER@ still slept; "
		     "a signal made it look again, and it succeeded");
	else if (ended)
		show("STUCK", "2 s after the release @BREAKER@ still slept; a signal ended it: %s",
		     strerror(outcome->error));
	else if (kill(breaker, SIGKILL) == 0 && returned(2000))
		show("STUCK", "2 s after the release @BREAKER@ still slept; only SIGKILL ended it");
	else
		show("UNKILLABLE", "@BREAKER@ was still there 2 s after SIGKILL");
}

@end
/* The holder: all that is done to the file but the breaking. */
static int holder(void)
{
	setpgid(0, 0); /* with all that it will fork */
	fd = make_file(path, 'A');
@if HOLE
	check(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, @HOLE_AT@, @HOLE_LENGTH@) == 0,
	      "punch the hole in which the page lies");
@end
@if PARTNER
	partner_fd = make_file(partner_path, '@PARTNER_CONTENT@');
@end
@if CLONE
	clone_fd = open(clone_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	check(ioctl(clone_fd, FICLONE, fd) == 0 && fsync(fd) == 0, "share the blocks (FICLONE)");
@end
@if UNNAMED
	unlink(path);
@end
	fork_breaker();
@if BLOCK
	block = block_of(fd, page_at + pinned - PAGE);
@end
@if !OWN
	map_file();
@end
@if WITNESS
	map[PAGE] = 'C'; /* outside the broken range: a control, without a break in between */
	int watched = fsync_flushes();

	if (!watched)
		say("tracefs does not show dax_writeback_one: flushes are not watched\n");
@end
@if !OWN
	hold_page();
@if GATED
	for (int left = 5000; !in_flight(); left--) {
		if (left == 0) {
			/* no more than this: who spins there may have mmap_lock */
			show("HANGS", "the I/O did not come to the device within 5 s");
			return 0;
		}
		usleep(1000);
	}
@end
@if REFUSED
	show("NOT REFUSED", "@PIN@ succeeded");
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
	partner_fd = -1;
@end
@if CLONE
	close(clone_fd);
	clone_fd = -1;
@end
@end
	check(write(go[1], "g", 1) == 1, "start the breaker");
	if (returned(300)) {
		look_early("at once");
	} else {
		say("@BREAKER@ waits\n");
@if DURING
		@DURING@
@end
@if OWN
		if (!returned(2000) && kill(breaker, SIGKILL) == 0 && !returned(2000))
			show("UNKILLABLE", "@BREAKER@ waits for a page that its own task holds");
@end
@if DIES
		if (!returned(2000))
			show("UNKILLABLE", "@BREAKER@ was still there 2 s after SIGKILL");
@end
@if INTERRUPTED
		returned(2000);
@end
		if (returned(100))
			look_early("later");
	}
@if !OWN
	release_page();
	if (!ended && returned(2000))
		succeeded();
	else if (!ended)
		poke();
@end
@if TAKEN
	look_taken();
@end
@if WITNESS
	if (watched && ended && outcome->done && !fsync_flushes())
		show("NOT FLUSHED", "page 1 was stored to before @BREAKER@, which did not concern it, "
		     "and fsync() succeeded after it without flushing the page");
@end
	return 0;
}

/* Waits for the holder, kills what is left of it, and looks at the kernel's log. */
static int watch(pid_t run, int log)
{
	char line[8192], *found;
	int status = 0, left;
	ssize_t got;

	for (left = LIMIT * 100; left && waitpid(run, &status, WNOHANG) != run; left--)
		usleep(10000);
	if (!left) {
		show("HANGS", "the holder did not come to its end within %d s", LIMIT);
		show_tasks(run);
	} else if (WIFSIGNALED(status)) {
		show("KILLED", "signal %d ended the holder", WTERMSIG(status));
	}
	kill(-run, SIGKILL);
	for (left = 500; left && (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD); left--)
		usleep(10000);
	if (!left) {
		show("UNKILLABLE", "not all processes are gone 5 s after SIGKILL");
		show_tasks(run);
	}
	while ((got = read(log, line, sizeof(line) - 1)) > 0) {
		line[got] = '\0';
		if ((found = strstr(line, "WARNING: ")))
			show("WARNING", "%.*s", (int)strcspn(found + 9, "\n"), found + 9);
		else if ((found = strstr(line, "BUG: ")) || (found = strstr(line, "BUG at ")))
			show("BUG", "%.*s", (int)strcspn(found, "\n") - 4, found + 4);
	}
	return left && WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

int main(int argc, char **argv)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), status = 0, rounds = 0;
	pid_t run;

	if (argc < 2) {
		fprintf(stderr, "usage: %s DIR@DEVICE_WORD@\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	check(realpath(argv[1], dir) && chdir("/") == 0, argv[1]);
	snprintf(path, sizeof(path), "%s/repro-file", dir);
@if PARTNER
	snprintf(partner_path, sizeof(partner_path), "%s/repro-partner", dir);
@end
@if CLONE
	snprintf(clone_path, sizeof(clone_path), "%s/repro-clone", dir);
@end
@if TAKEN
	snprintf(taker_path, sizeof(taker_path), "%s/repro-taker", dir);
@end
@if GATED
	if (argc > 2)
		check(realpath(argv[2], device) != NULL, argv[2]);
	else
		make_device();
@end
	outcome = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(outcome != MAP_FAILED && prctl(PR_SET_CHILD_SUBREAPER, 1) == 0, "get ready");
	@PREPARE@
	lseek(log, 0, SEEK_END);
	system("echo 1 2>/dev/null >/sys/kernel/debug/clear_warn_once");
@if TRANSIENT
	/* A matter of chance: again and again, for at most LIMIT seconds. */
	for (time_t begun = time(NULL); !status && !outcome->words[0] && time(NULL) < begun + LIMIT;) {
@end
	quiet = rounds++ > 0;
	outcome->begun = outcome->done = outcome->error = 0;
	run = fork();
	check(run >= 0, "fork");
	if (run == 0)
		exit(holder());
	setpgid(run, run);
	status = watch(run, log);
@if TRANSIENT
	}
	printf("%d rounds\n", rounds);
@end
	@RESTORE@
	if (!strstr(outcome->words, "UNKILLABLE")) { /* who may have a folder locked */
@if !LEAVES
		unlink(path);
@end
@if PARTNER
		unlink(partner_path);
@end
@if CLONE
		unlink(clone_path);
@end
@if TAKEN
		unlink(taker_path);
@end
@if GATED
		rmdir("/sys/kernel/config/nullb/repro");
@end
@if WITNESS
		rmdir("/sys/kernel/tracing/instances/repro");
@end
	}
	if (outcome->words[0])
		printf("shown: %s\n", outcome->words);
	else if (!status)
		puts("nothing wrong");
	return outcome->words[0] ? 1 : status;
}
)c";

}  // namespace daxbreak
