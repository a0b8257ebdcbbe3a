// SPDX-License-Identifier: GPL-2.0
/*
 * Hold a page of a device-dax device, take the driver from the device, let go of the page.
 *
 * memunmap_pages() (mm/memremap.c) of 5.10 waits until everybody has let go: each page holds a
 * reference on the page map. Since 5.18 pages hold none (27674ef6c73f): the struct pages are
 * unmapped under who holds one, and the put that comes later is a use after free.
 *
 * cc -O1 -o repro device_unbind.c
 * ./repro /dev/dax0.0   (root; the device is without a driver afterwards)
 *
 * Exit status: 0 nothing wrong, 1 shown, 2 could not run. Ends by itself in half a minute.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define HUGE (2L << 20)

static void check(int good, const char *doing)
{
	if (good)
		return;
	fprintf(stderr, "could not %s: %s\n", doing, strerror(errno));
	_exit(2);
}

/* The page goes into a pipe, and nobody maps it any more. */
static void hold_page(const char *device, int into)
{
	int fd = open(device, O_RDWR);
	char *map = mmap(NULL, HUGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	struct iovec part = { map, PAGE };

	check(fd >= 0 && map != MAP_FAILED, device);
	*map = 'A';
	check(vmsplice(into, &part, 1, 0) == PAGE, "vmsplice the page");
	check(munmap(map, HUGE) == 0 && close(fd) == 0, "unmap it");
}

static void unbind(const char *device)
{
	const char *name = strrchr(device, '/') + 1;
	char link[256], file[4200], *real;
	int control;

	snprintf(link, sizeof(link), "/sys/bus/dax/devices/%s/driver", name);
	real = realpath(link, NULL);
	check(real != NULL, link);
	snprintf(file, sizeof(file), "%s/unbind", real);
	control = open(file, O_WRONLY);
	check(control >= 0 && write(control, name, strlen(name)) > 0, file);
	_exit(0);
}

/* The last one to have the pipe lets go of the page: when it is read, or else with the pipe. */
static void drain(const int *hold)
{
	char bytes[PAGE];

	if (read(hold[0], bytes, PAGE) != PAGE)
		printf("the page cannot be read: %s\n", strerror(errno));
	close(hold[0]);
	close(hold[1]);
	_exit(0);
}

/* Whether a process ended, within a time. */
static int ended(pid_t process, int milliseconds, int *status)
{
	while (waitpid(process, status, WNOHANG) != process) {
		if (milliseconds-- <= 0)
			return 0;
		usleep(1000);
	}
	return 1;
}

int main(int argc, char **argv)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK), hold[2], status = 0, early, shown = 0;
	char line[8192], *found;
	pid_t unbinder, reader;
	ssize_t got;

	if (argc < 2 || !strchr(argv[1], '/')) {
		fprintf(stderr, "usage: %s /dev/daxX.Y\n", argv[0]);
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	lseek(log, 0, SEEK_END);
	check(pipe(hold) == 0, "make a pipe");
	hold_page(argv[1], hold[1]);
	unbinder = fork();
	if (unbinder == 0) {
		close(hold[0]);
		close(hold[1]);
		unbind(argv[1]);
	}
	early = ended(unbinder, 5000, &status);
	if (early && status != 0)
		return 2;
	puts(early ? "EARLY: the unbind returned while a page was held" : "the unbind waits");
	reader = fork();
	if (reader == 0)
		drain(hold);
	close(hold[0]);
	close(hold[1]);
	if (!ended(reader, 5000, &status))
		shown = !!puts("HANGS: the put of the page does not come back");
	else if (WIFSIGNALED(status))
		shown = !!puts("KILLED: the kernel ended the process that let go of the page");
	if (!early && !ended(unbinder, 5000, &status))
		shown = !!puts("HANGS: nobody holds a page and the unbind still waits");
	usleep(100000);
	while ((got = read(log, line, sizeof(line) - 1)) > 0) {
		line[got] = '\0';
		if ((found = strstr(line, "BUG: ")) || (found = strstr(line, "Oops: ")))
			shown = printf("%.*s\n", (int)strcspn(found, "\n"), found);
	}
	if (early || shown)
		printf("shown: %s\n", !shown ? "EARLY" : early ? "EARLY, OOPS" : "HANGS");
	else
		puts("nothing wrong");
	_exit(early || shown);
}
