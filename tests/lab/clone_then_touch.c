// SPDX-License-Identifier: GPL-2.0
/*
 * Clone a file whose 2 MiB page is mapped, touch one 4 KiB page of it, unlink it: a kernel BUG.
 *
 * The layout break of FICLONE unmaps the source and leaves its 2 MiB entry in the page cache (up to
 * 6.14). The fault that follows is for 4 KiB and finds a block that is shared: dax_insert_entry()
 * (fs/dax.c) then puts a 4 KiB entry in the place of that 2 MiB entry. Whoever deletes it subtracts
 * 1 from nrpages, where 512 had been added, and clear_inode() (fs/inode.c) finds 511 left over:
 * BUG_ON(inode->i_data.nrpages). The task that unlinks dies of it, whoever it is.
 *
 * cc -O1 -o repro clone_then_touch.c
 * ./repro DIR [read|write]   (DIR on XFS with reflink, mounted with DAX, on 2 MiB extents)
 *
 * With "write" the last touch stores: 6.1 takes the shared path for those only.
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
#include <sys/wait.h>
#include <unistd.h>

#define HUGE (2L << 20)

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

/* At a place where 2 MiB pages fit. */
static char *map_file(int fd)
{
	char *room = mmap(NULL, 2 * HUGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check(room != MAP_FAILED, "find room to map the file");
	room = (char *)(((uintptr_t)room + HUGE - 1) / HUGE * HUGE);
	room = mmap(room, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	check(room != MAP_FAILED, "mmap the file");
	return room;
}

static void clone_and_touch(const char *path, const char *clone_path, int write)
{
	int fd = make_file(path), clone = open(clone_path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *map = map_file(fd);

	(void)*(volatile char *)map; /* a 2 MiB entry */
	check(clone >= 0 && ioctl(clone, FICLONE, fd) == 0, "share the blocks (FICLONE)");
	check(madvise(map, HUGE, MADV_NOHUGEPAGE) == 0, "ask for small pages");
	if (write)
		*(volatile char *)map = 'B';
	else
		(void)*(volatile char *)map;
	munmap(map, HUGE);
	close(fd);
	close(clone);
	unlink(path);
	_exit(0);
}

int main(int argc, char **argv)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), status = 0, left = 2000, bug = 0;
	char path[4200], clone_path[4200], line[8192], *found;
	ssize_t got;
	pid_t child;

	if (argc < 2) {
		fprintf(stderr, "usage: %s DIR [read|write]\n", argv[0]);
		return 2;
	}
	snprintf(path, sizeof(path), "%s/repro-file", argv[1]);
	snprintf(clone_path, sizeof(clone_path), "%s/repro-clone", argv[1]);
	lseek(log, 0, SEEK_END);
	child = fork();
	check(child >= 0, "fork");
	if (child == 0)
		clone_and_touch(path, clone_path, argc > 2 && strcmp(argv[2], "write") == 0);
	while (left && waitpid(child, &status, WNOHANG) != child && left--)
		usleep(10000);
	kill(child, SIGKILL);
	unlink(clone_path);
	while ((got = read(log, line, sizeof(line) - 1)) > 0) {
		line[got] = '\0';
		if ((found = strstr(line, "kernel BUG "))) {
			printf("%.*s\n", (int)strcspn(found, "\n"), found);
			bug = 1;
		}
	}
	if (bug || !left || WIFSIGNALED(status))
		puts(bug ? "shown: BUG" : left ? "shown: KILLED" : "shown: HANGS");
	else if (WEXITSTATUS(status) == 0)
		puts("nothing wrong");
	return bug || !left || WIFSIGNALED(status) ? 1 : WEXITSTATUS(status);
}
