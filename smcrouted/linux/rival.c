/* rival.c - which process may have the multicast routing that cannot be had
 *
 * The kernel does not tell who owns a table. Its owner has a raw socket for IGMP or ICMPv6, which
 * /proc/net/raw and raw6 list by inode, and /proc/PID/fd by process, as far as we may look. It is
 * the daemon's start that waits, so the search has an end.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "linux/rival.h"

#define MAXSOCKETS 64
#define MAXNAMED 4

/* ms that a search may take. */
#define SEARCH_TIME 200

struct search {
	unsigned long inode[MAXSOCKETS];
	unsigned nsockets;
	unsigned nfound;
	int64_t until;
	struct buf found; /* owned */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * A line is: number, local and remote ADDRESS:PORT, six other words, inode. The local port is the
 * protocol.
 */
static void list_sockets(struct search *s, enum af af)
{
	FILE *f = fopen(af == V4 ? "/proc/self/net/raw" : "/proc/self/net/raw6", "re");
	unsigned wanted = af == V4 ? IPPROTO_IGMP : IPPROTO_ICMPV6, protocol;
	unsigned long inode;
	char line[512];

	if (!f)
		return;
	while (s->nsockets < MAXSOCKETS && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*s %*[^:]:%x %*s %*s %*s %*s %*s %*s %*s %lu", &protocol,
			   &inode) == 2 &&
		    protocol == wanted)
			s->inode[s->nsockets++] = inode;
	}
	fclose(f);
}

static bool is_listed(const struct search *s, const char *link)
{
	unsigned long inode;

	if (sscanf(link, "socket:[%lu]", &inode) != 1)
		return false;
	for (unsigned i = 0; i < s->nsockets; i++) {
		if (s->inode[i] == inode)
			return true;
	}
	return false;
}

/* Whether the process of that name in /proc has one of the sockets. */
static bool has_one(const struct search *s, const char *pid)
{
	char path[64], link[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	dir = opendir(path);
	while (dir && !found && (entry = readdir(dir)) && now_ms() < s->until) {
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof(link) - 1);

		link[n > 0 ? n : 0] = '\0';
		found = is_listed(s, link);
	}
	if (dir)
		closedir(dir);
	return found;
}

static void add_name(struct search *s, const char *pid)
{
	char path[64], name[32] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%.16s/comm", pid);
	f = fopen(path, "re");
	if (f && fgets(name, sizeof(name), f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	buf_printf(&s->found, "%s%s (process %s)", s->nfound ? ", " : "", name, pid);
	s->nfound++;
}

static void search(struct search *s)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && s->nfound < MAXNAMED && (entry = readdir(proc)) && now_ms() < s->until) {
		int pid = atoi(entry->d_name);

		if (pid > 0 && pid != getpid() && has_one(s, entry->d_name))
			add_name(s, entry->d_name);
	}
	if (proc)
		closedir(proc);
}

void rival_name(enum af af, struct buf *text)
{
	struct search s = { .until = now_ms() + SEARCH_TIME };

	list_sockets(&s, af);
	if (s.nsockets)
		search(&s);
	if (s.nfound)
		buf_printf(text, ": %s%.*s", s.nfound > 1 ? "one of " : "", (int)buf_len(&s.found),
			   buf_at(&s.found));
	buf_free(&s.found);
}
