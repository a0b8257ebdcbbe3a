// SPDX-License-Identifier: GPL-2.0
/*
 * Hold a page of a file whose blocks are shared, and touch it through a second mapping.
 *
 * A fault on a shared block always puts a new entry in the place of the old one: dax_insert_entry()
 * (7.2, fs/dax.c) unmaps the page, lets dax_disassociate_entry() drop the old entry and associates
 * the new one. If the file is the only one of its clones that has the page mapped, the old entry was
 * the folio's last, and dax_folio_put() resets the folio, though somebody holds it:
 * WARN_ON_ONCE(folio_ref_count()). A folio of 2 MiB is taken apart by that (dax_folio_reset_order())
 * while a reference to one of its tail pages is held; if the second fault is for 4 KiB nobody puts
 * it together again, and the reference, taken on the head, is put on a page that has none.
 *
 * cc -O1 -o repro shared_refault.c
 * ./repro DIR [2m|4k]   (DIR on XFS with reflink, mounted with DAX, on 2 MiB extents)
 *
 * Says WARN if the kernel warned, and STUCK if the file cannot be cut though everything was let go.
 * Exit status: 0 nothing wrong, 1 shown, 2 could not run. Ends by itself in half a minute.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define SMALL 4096L
#define HUGE (2L << 20)
#define HELD (5 * SMALL) /* a tail page of the folio, if the folio is of 2 MiB */

static void check(int good, const char *doing)
{
	if (good)
		return;
	fprintf(stderr, "could not %s: %s\n", doing, strerror(errno));
	_exit(2);
}

static int make_file(const char *name)
{
	char *bytes = malloc(HUGE);
	int made = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);

	check(bytes && made >= 0 && fallocate(made, 0, 0, HUGE) == 0, name);
	memset(bytes, 'A', HUGE);
	check(pwrite(made, bytes, HUGE, 0) == HUGE && fsync(made) == 0, "write the file");
	return made;
}

/* At a place where 2 MiB pages fit; small ones if asked for. */
static char *map_file(int fd, int small)
{
	char *room = mmap(NULL, 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(room != MAP_FAILED, "find room to map the file");
	room = (char *)(((uintptr_t)room + HUGE - 1) / HUGE * HUGE);
	room = mmap(room, HUGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0);
	check(room != MAP_FAILED, "mmap the file");
	check(!small || madvise(room, HUGE, MADV_NOHUGEPAGE) == 0, "ask for small pages");
	return room;
}

static void hold_and_touch(const char *path, const char *clone_path, int small)
{
	int fd = make_file(path), clone = open(clone_path, O_RDWR | O_CREAT | O_TRUNC, 0600), ends[2];
	char *map, *second;
	struct iovec page;

	check(clone >= 0 && ioctl(clone, FICLONE, fd) == 0, "share the blocks (FICLONE)");
	map = map_file(fd, small);
	(void)*(volatile char *)(map + HELD);
	check(pipe(ends) == 0, "make a pipe");
	page.iov_base = map + HELD;
	page.iov_len = SMALL;
	check(vmsplice(ends[1], &page, 1, 0) == SMALL, "hold the page (vmsplice)");
	second = map_file(fd, 1);
	(void)*(volatile char *)(second + HELD);
	close(ends[0]);
	close(ends[1]);
	munmap(map, HUGE);
	munmap(second, HUGE);
	check(ftruncate(fd, 0) == 0, "cut the file");
	_exit(0);
}

int main(int argc, char **argv)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), status = 0, left = 2000, warned = 0;
	char path[4200], clone_path[4200], line[8192], *found;
	ssize_t got;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "usage: %s DIR [2m|4k]\n", argv[0]);
		return 2;
	}
	snprintf(path, sizeof(path), "%s/refault-file", argv[1]);
	snprintf(clone_path, sizeof(clone_path), "%s/refault-clone", argv[1]);
	check(log >= 0, "read the kernel's log");
	lseek(log, 0, SEEK_END);
	child = fork();
	check(child >= 0, "fork");
	if (child == 0)
		hold_and_touch(path, clone_path, argc > 2 && strcmp(argv[2], "4k") == 0);
	while (left && waitpid(child, &status, WNOHANG) != child && left--)
		usleep(10000);
	kill(child, SIGKILL);
	/* EPIPE: lines were lost, those that are left come next. */
	while ((got = read(log, line, sizeof(line) - 1)) > 0 || (got < 0 && errno == EPIPE)) {
		line[got < 0 ? 0 : got] = '\0';
		if ((found = strstr(line, "WARNING: ")) || (found = strstr(line, "kernel BUG "))) {
			printf("%.*s\n", (int)strcspn(found, "\n"), found);
			warned = 1;
		}
	}
	if (warned || !left || WIFSIGNALED(status))
		printf("shown:%s%s%s\n", warned ? " WARN" : "", left ? "" : " STUCK",
		       left && WIFSIGNALED(status) ? " KILLED" : "");
	else if (WEXITSTATUS(status) == 0)
		puts("nothing wrong");
	return warned || !left || WIFSIGNALED(status) ? 1 : WEXITSTATUS(status);
}
