/* store_test.c - what survives a restart, over a kernel and a router that are modelled here */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "linux/bridge.h"
#include "linux/join.h"
#include "linux/mrt.h"
#include "linux/state.h"
#include "linux/store.h"

#define MAXHOLDERS 4

/* What the kernel has outlives a process; what the process knows does not. */
static struct {
	bool vif[NFAMILIES][MAXVIFS];
	unsigned entries[NFAMILIES];
	unsigned writes[NFAMILIES];
} kernel;

struct mrt {
	enum af af;
	int fd;
	unsigned ifindex[MAXVIFS];
};

struct joins {
	int fd[MAXHOLDERS];
	unsigned n;
	unsigned inherited, bad;
};

struct router {
	char heard[512]; /* what it was given, in order */
	const char *commands;
	unsigned asked; /* for its commands */
	bool is_slow;	/* to tell them: it waits */
	bool is_busy;	/* it computes */
};

int mrt_fd(const struct mrt *m)
{
	return m->fd;
}

unsigned mrt_vif_ifindex(const struct mrt *m, unsigned vif)
{
	return m->ifindex[vif];
}

const char *mrt_vif_del(struct mrt *m, unsigned vif)
{
	m->ifindex[vif] = 0;
	kernel.vif[m->af][vif] = false;
	return NULL;
}

bool mrt_vif_inherit(struct mrt *m, unsigned vif, unsigned ifindex)
{
	if (!kernel.vif[m->af][vif])
		return false;
	m->ifindex[vif] = ifindex;
	return true;
}

const char *mrt_set(struct mrt *m, const struct mfc_entry *entry)
{
	(void)entry;
	kernel.writes[m->af]++;
	return NULL;
}

const char *mrt_dump(struct mrt *m, void (*each)(void *arg, const struct mfc_entry *entry),
		     void *arg)
{
	for (unsigned i = 0; i < kernel.entries[m->af]; i++)
		each(arg, &(struct mfc_entry){ .parent = i });
	return NULL;
}

static unsigned long long cookie(int fd)
{
	unsigned long long value = 0;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &value, &len), 0);
	return value;
}

void joins_save(struct joins *j, void (*each)(void *arg, int fd, const char *name), void *arg,
		struct buf *text)
{
	for (unsigned i = 0; i < j->n; i++)
		each(arg, j->fd[i], "join");
	for (unsigned i = 0; i < j->n; i++)
		buf_printf(text, "join %llu 0 2 239.1.1.%u exclude\n", cookie(j->fd[i]), i);
}

/* Two lines may be about one socket. */
bool joins_inherit(struct joins *j, int fd, struct words *words)
{
	assert_string_equal(words_next(words), "join");
	assert_int_equal(strtoull(words_next(words), NULL, 10), cookie(fd));
	j->inherited++;
	for (unsigned i = 0; i < j->n; i++) {
		if (j->fd[i] == fd)
			return true;
	}
	j->fd[j->n++] = fd;
	return true;
}

bool joins_drop_unclaimed(struct joins *j, unsigned budget)
{
	(void)budget;
	return j->bad-- > 1;
}

static void hear(struct router *r, const char *fmt, ...)
{
	size_t len = strlen(r->heard);
	va_list args;

	va_start(args, fmt);
	vsnprintf(r->heard + len, sizeof(r->heard) - len, fmt, args);
	va_end(args);
}

void router_inherit_vif(struct router *r, enum af af, unsigned vif, unsigned ifindex)
{
	hear(r, "vif %d %u %u, ", af == V4 ? 4 : 6, vif, ifindex);
}

/* What bridges hear goes where the order of all is seen. */
struct bridges {
	struct router *router; /* not ours */
	const char *lines;     /* to be saved */
};

void bridges_save(const struct bridges *b, struct buf *text)
{
	buf_puts(text, b->lines);
}

bool bridges_inherit(struct bridges *b, struct words *w)
{
	const char *device = words_next(w), *was = words_next(w);

	if (!device || !was)
		return false;
	hear(b->router, "bridge %s %s, ", device, was);
	return true;
}

void bridges_vif_comes(struct bridges *b, enum af af, unsigned vif, unsigned ifindex)
{
	(void)af;
	(void)vif;
	if (*b->lines)
		hear(b->router, "on %u, ", ifindex);
}

void bridges_vif_made(struct bridges *b, enum af af, unsigned vif)
{
	(void)af;
	(void)vif;
	if (*b->lines)
		hear(b->router, "made, ");
}

void bridges_inherited(struct bridges *b)
{
	if (*b->lines)
		hear(b->router, "done, ");
}

void router_inherit_entry(struct router *r, enum af af, const struct mfc_entry *entry)
{
	hear(r, "entry %d %u, ", af == V4 ? 4 : 6, entry->parent);
}

void router_handover(struct router *r, struct buf *text)
{
	clock_t start = clock();

	r->asked++;
	if (r->is_slow)
		usleep(20000);
	while (r->is_busy && clock() - start < CLOCKS_PER_SEC / 50)
		;
	buf_puts(text, r->commands);
}

void router_inherit_text(struct router *r, const char *text, size_t len)
{
	hear(r, "[%.*s]", (int)len, text);
}

/* A process: all that it does not pass on ends with it. */
struct process {
	struct linux_kern k;
	struct log log;
	struct mrt mrt[NFAMILIES];
	struct joins joins;
	struct bridges bridges;
	struct router router;
	struct ready manager;
	unsigned warnings;
};

static void count_warnings(struct log *log, enum log_level level, const char *line)
{
	struct process *p = container_of(log, struct process, log);

	(void)line;
	p->warnings += level <= LEVEL_WARNING;
}

static void begin_with(struct process *p, uint32_t table, struct passed *passed,
		       const char *manager, const char *bridges)
{
	*p = (struct process){ .router.commands = "" };
	p->bridges = (struct bridges){ &p->router, bridges };
	assert_int_equal(ready_open(&p->manager, manager), 0);
	log_init(&p->log, LEVEL_INFO, count_warnings);
	clock_init(&p->k.clock, 0);
	p->k.log = log_area(&p->log, "test");
	p->k.table = table;
	p->k.router = &p->router;
	p->k.joins = &p->joins;
	p->k.bridges = &p->bridges;
	p->k.store = store_new(&p->k, &p->manager, passed);
	for (enum af af = V4; af <= V6; af++) {
		p->mrt[af].af = af;
		p->mrt[af].fd = store_mroute(p->k.store, af);
		if (p->mrt[af].fd < 0) {
			memset(kernel.vif[af], 0, sizeof(kernel.vif[af]));
			p->mrt[af].fd = dup(0);
		}
		p->k.mrt[af] = &p->mrt[af];
		store_keep_mroute(p->k.store, af);
	}
	store_inherit(p->k.store);
}

/* Begins with what was passed on, up to the point where the router is started. */
static void begin(struct process *p, uint32_t table, struct passed *passed, const char *manager)
{
	begin_with(p, table, passed, manager, "");
}

static void end(struct process *p, bool keep)
{
	store_leave(p->k.store, keep);
	store_free(p->k.store);
	for (enum af af = V4; af <= V6; af++)
		close(p->mrt[af].fd);
	for (unsigned i = 0; i < p->joins.n; i++)
		close(p->joins.fd[i]);
	ready_close(&p->manager);
	log_free(&p->log);
	clock_free(&p->k.clock);
}

static void vif_add(struct process *p, enum af af, unsigned vif, unsigned ifindex)
{
	store_vif_comes(p->k.store, af, vif, ifindex);
	p->mrt[af].ifindex[vif] = ifindex;
	kernel.vif[af][vif] = true;
}

static void join(struct process *p)
{
	p->joins.fd[p->joins.n++] = socket(AF_INET, SOCK_DGRAM, 0);
}

/* Copies of what the process would pass on by exec, as the next one gets them. */
static struct passed pass(struct process *p)
{
	struct passed passed = { 0 };
	const char *why = NULL;
	unsigned n;
	struct passed_fd *fd = store_pass(p->k.store, 0, &n, &why);
	struct buf names = { 0 };
	char *at;

	assert_non_null(fd);
	passed.n = n;
	passed.fd = xcalloc(n, sizeof(*passed.fd));
	for (unsigned i = 0; i < n; i++)
		buf_printf(&names, "%s%c", fd[i].name, '\0');
	at = passed.names = names.data;
	for (unsigned i = 0; i < n; i++, at += strlen(at) + 1)
		passed.fd[i] = (struct passed_fd){ at, dup(fd[i].fd) };
	free(fd);
	return passed;
}

static int setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	return 0;
}

static void nothing_before(void **state)
{
	struct passed none = { 0 };
	struct process a;

	(void)state;
	begin(&a, 0, &none, NULL);
	store_started(a.k.store);
	assert_string_equal(a.router.heard, "");
	assert_int_equal(a.warnings, 0);
	end(&a, false);
}

static void round_trip(void **state)
{
	struct passed passed = { 0 };
	struct process a, b;

	(void)state;
	begin(&a, 7, &passed, NULL);
	store_started(a.k.store);
	vif_add(&a, V4, 0, 2);
	vif_add(&a, V4, 31, 70000);
	vif_add(&a, V6, 5, 3);
	kernel.entries[V4] = 2;
	join(&a);
	join(&a);
	a.router.commands = "add v1 239.1.1.1 v2\nadd v2 239.2.2.2 v1\n";
	passed = pass(&a);
	assert_int_equal(passed.n, 5);

	begin(&b, 7, &passed, NULL);
	assert_string_equal(b.router.heard, "vif 4 0 2, vif 4 31 70000, vif 6 5 3, "
					    "entry 4 0, entry 4 1, "
					    "[add v1 239.1.1.1 v2\nadd v2 239.2.2.2 v1\n]");
	assert_int_equal(b.joins.n, 2);
	assert_int_equal(b.joins.inherited, 2);
	store_started(b.k.store);
	assert_int_equal(b.warnings, 0);

	/* And on to a third, although nothing has changed since. */
	b.router.commands = a.router.commands;
	end(&a, false);
	passed = pass(&b);
	begin(&a, 7, &passed, NULL);
	assert_string_equal(a.router.heard, "vif 4 0 2, vif 4 31 70000, vif 6 5 3, "
					    "entry 4 0, entry 4 1, "
					    "[add v1 239.1.1.1 v2\nadd v2 239.2.2.2 v1\n]");
	assert_int_equal(a.joins.n, 2);
	end(&a, false);
	end(&b, false);
}

/* What a bridge was is known before its vifs are, also when the process dies as one is made. */
static void bridges_first(void **state)
{
	struct passed passed = { 0 };
	struct process a, b;
	size_t len;
	char *text;

	(void)state;
	begin_with(&a, 0, &passed, NULL, "bridge 7 1\nbridge 8 0\n");
	store_started(a.k.store);
	vif_add(&a, V4, 0, 7);
	passed = pass(&a);
	begin_with(&b, 0, &passed, NULL, "bridge 7 1\n");
	assert_string_equal(b.router.heard,
			    "bridge 7 1, bridge 8 0, on 7, made, vif 4 0 7, done, ");
	assert_int_equal(b.warnings, 0);
	store_started(b.k.store);
	end(&a, false);

	passed = pass(&b);
	store_vif_comes(b.k.store, V6, 1, 7);
	text = state_read(passed.fd[0].fd, &len);
	assert_string_equal(text, "bridge 7 1\nvif 6 1 7\nattempt 0\nvif 4 0 7\nrouter\n");
	free(text);
	store_vif_gone(b.k.store);
	text = state_read(passed.fd[0].fd, &len);
	assert_string_equal(text, "bridge 7 1\nattempt 0\nvif 4 0 7\nrouter\n");
	free(text);
	passed_free(&passed);
	end(&b, false);
}

static void what_is_gone_or_unknown(void **state)
{
	struct passed passed = { 0 };
	struct process a, b;

	(void)state;
	begin(&a, 0, &passed, NULL);
	store_started(a.k.store);
	vif_add(&a, V4, 0, 2);
	vif_add(&a, V4, 1, 3);
	vif_add(&a, V6, 0, 2);
	passed = pass(&a);
	kernel.vif[V4][1] = false;
	kernel.vif[V4][9] = true;
	kernel.vif[V6][9] = true;
	kernel.entries[V4] = kernel.entries[V6] = 2;

	begin(&b, 0, &passed, NULL);
	assert_string_equal(b.router.heard, "vif 4 0 2, vif 6 0 2, entry 4 0, entry 4 1, "
					    "entry 6 0, entry 6 1, ");
	assert_int_equal(b.warnings, 1);
	/* the bit of the vif that is gone is not left for the next device of that number */
	assert_int_equal(kernel.writes[V4], 2);
	assert_int_equal(kernel.writes[V6], 0);
	assert_true(kernel.vif[V4][0] && kernel.vif[V6][0]);
	assert_false(kernel.vif[V4][9]);
	assert_false(kernel.vif[V6][9]);
	store_started(b.k.store);
	end(&a, false);
	end(&b, false);
}

static void other_table(void **state)
{
	struct passed passed = { 0 };
	struct process a, b;

	(void)state;
	begin(&a, 0, &passed, NULL);
	store_started(a.k.store);
	vif_add(&a, V4, 0, 2);
	passed = pass(&a);
	begin(&b, 100, &passed, NULL);
	assert_string_equal(b.router.heard, "");
	store_started(b.k.store);

	/* The sockets of the other table are of no use. */
	assert_int_equal(b.warnings, 2);
	end(&a, false);
	end(&b, false);
}

/* A word that is damaged: the sockets are used, but what is in the kernel goes. */
static void damaged(void **state)
{
	struct passed passed = { 0 };
	struct process a, b;

	(void)state;
	begin(&a, 0, &passed, NULL);
	store_started(a.k.store);
	vif_add(&a, V4, 0, 2);
	join(&a);
	a.router.commands = "add v1 239.1.1.1 v2\n";
	passed = pass(&a);
	assert_string_equal(passed.fd[0].name, "state");
	assert_int_equal(pwrite(passed.fd[0].fd, "?", 1, 50), 1);

	begin(&b, 0, &passed, NULL);
	store_started(b.k.store);
	assert_string_equal(b.router.heard, "");
	assert_int_equal(b.warnings, 1);
	assert_int_equal(b.joins.n, 0);
	assert_false(kernel.vif[V4][0]);
	end(&a, false);
	end(&b, false);
}

/* A text that is not understood in parts. */
static void nonsense(void **state)
{
	static const char text[] = "vif 4 32 2\nvif 5 0 2\nvif 4 1\nvif 4 1 0\nvif four 1 1\n"
				   "what 1 2 3\njoin\njoin 99999999 1\n\nvif 4 3 4\nvif 4 3 5\n"
				   "router\nrouter\nvif 4 1 2\n";
	struct passed passed = { .n = 2, .fd = xcalloc(2, sizeof(*passed.fd)) };
	struct process a;

	(void)state;
	passed.fd[0] = (struct passed_fd){ "state", state_new() };
	passed.fd[1] = (struct passed_fd){ "mroute4-0", dup(0) };
	assert_int_equal(state_write(passed.fd[0].fd, text, strlen(text)), 0);
	kernel.vif[V4][1] = kernel.vif[V4][3] = true;
	begin(&a, 0, &passed, NULL);
	assert_string_equal(a.router.heard, "vif 4 3 4, [router\nvif 4 1 2\n]");
	store_started(a.k.store);
	end(&a, false);
}

/* As a service manager gives what it keeps to each new process. */
static struct passed copy_of(const struct passed *p)
{
	struct passed copy = { .n = p->n, .fd = xcalloc(p->n, sizeof(*p->fd)) };

	for (unsigned i = 0; i < p->n; i++)
		copy.fd[i] = (struct passed_fd){ p->fd[i].name, dup(p->fd[i].fd) };
	return copy;
}

/* A process that dies of what it takes over: after some attempts it is let be. */
static void attempts(void **state)
{
	struct passed passed = { 0 }, kept;
	struct process a;

	(void)state;
	begin(&a, 0, &passed, NULL);
	store_started(a.k.store);
	vif_add(&a, V4, 0, 2);
	kept = pass(&a);
	end(&a, false);
	for (int i = 0; i < 4; i++) {
		passed = copy_of(&kept);
		begin(&a, 0, &passed, NULL);
		assert_string_equal(a.router.heard, i < 3 ? "vif 4 0 2, " : "");
		assert_int_equal(kernel.vif[V4][0], i < 3);
		end(&a, true);
	}
	passed_free(&kept);
}

static void attempts_end_with_success(void **state)
{
	struct passed passed = { 0 };
	struct process p[2];

	(void)state;
	begin(&p[0], 0, &passed, NULL);
	store_started(p[0].k.store);
	vif_add(&p[0], V4, 0, 2);
	for (int i = 1; i < 10; i++) {
		passed = pass(&p[(i + 1) % 2]);
		begin(&p[i % 2], 0, &passed, NULL);
		assert_string_equal(p[i % 2].router.heard, "vif 4 0 2, ");
		store_started(p[i % 2].k.store);
		end(&p[(i + 1) % 2], false);
	}
	end(&p[1], false);
}

/* A service manager, and what it has: the text's descriptor. */
struct manager {
	int fd, text;
	char name[64];
};

static void manager_open(struct manager *m)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int len = snprintf(m->name, sizeof(m->name), "@smckit-store-test-%d", getpid());

	memcpy(address.sun_path + 1, m->name + 1, len - 1);
	m->fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	m->text = -1;
	assert_int_equal(bind(m->fd, (struct sockaddr *)&address,
			      offsetof(struct sockaddr_un, sun_path) + len),
			 0);
}

/* The messages that came, as "+name" and "-name". */
static void expect(struct manager *m, const char *want)
{
	char all[512] = "";

	for (;;) {
		char got[256] = "", space[CMSG_SPACE(sizeof(int))], name[100] = "";
		struct iovec iov = { got, sizeof(got) - 1 };
		struct msghdr msg = { .msg_iov = &iov,
				      .msg_iovlen = 1,
				      .msg_control = space,
				      .msg_controllen = sizeof(space) };
		struct cmsghdr *c;
		int fd = -1;

		if (recvmsg(m->fd, &msg, MSG_DONTWAIT) < 0)
			break;
		c = CMSG_FIRSTHDR(&msg);
		if (c)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		if (sscanf(got, "FDSTORE=1\nFDNAME=%99s", name) == 1) {
			assert_true(fd >= 0);
			strcat(strcat(all, " +"), name);
		} else if (sscanf(got, "FDSTOREREMOVE=1\nFDNAME=%99s", name) == 1) {
			strcat(strcat(all, " -"), name);
		}
		if (!strcmp(name, "state") && fd >= 0 && m->text < 0)
			m->text = fd;
		else if (fd >= 0)
			close(fd);
	}
	assert_string_equal(all, want);
}

static void expect_text(struct manager *m, const char *want)
{
	size_t len;
	char *got = state_read(m->text, &len);

	assert_non_null(got);
	assert_string_equal(got, want);
	free(got);
}

static void advance(struct process *p, int64_t ms)
{
	clock_advance(&p->k.clock, p->k.clock.now + ms);
}

static void kept_by_a_manager(void **state)
{
	struct passed passed = { 0 };
	struct manager m;
	struct process a;
	char want[256];

	(void)state;
	manager_open(&m);
	begin(&a, 0, &passed, m.name);
	expect(&m, " +state +mroute4-0 +mroute6-0");
	store_started(a.k.store);
	expect(&m, "");
	expect_text(&m, "attempt 0\nrouter\n");

	/* A vif is there before it is, until it is gone. */
	store_vif_comes(a.k.store, V4, 3, 12);
	expect_text(&m, "vif 4 3 12\nattempt 0\nrouter\n");
	store_vif_gone(a.k.store);
	expect_text(&m, "attempt 0\nrouter\n");
	vif_add(&a, V6, 1, 4);

	/* Memberships and commands are there when the turn ends. */
	advance(&a, SEC(1));
	join(&a);
	join(&a);
	a.router.commands = "add v1 239.1.1.1 v2\n";
	store_changed(a.k.store);
	store_changed(a.k.store);
	expect(&m, "");
	store_settle(a.k.store);
	snprintf(want, sizeof(want), " +join-%llu +join-%llu", cookie(a.joins.fd[0]),
		 cookie(a.joins.fd[1]));
	expect(&m, want);
	snprintf(want, sizeof(want),
		 "attempt 0\nvif 6 1 4\njoin %llu 0 2 239.1.1.0 exclude\n"
		 "join %llu 0 2 239.1.1.1 exclude\nrouter\nadd v1 239.1.1.1 v2\n",
		 cookie(a.joins.fd[0]), cookie(a.joins.fd[1]));
	expect_text(&m, want);
	advance(&a, SEC(10));
	expect(&m, "");

	/* One socket is closed. */
	snprintf(want, sizeof(want), " -join-%llu", cookie(a.joins.fd[0]));
	close(a.joins.fd[0]);
	a.joins.fd[0] = a.joins.fd[--a.joins.n];
	store_changed(a.k.store);
	advance(&a, SEC(1));
	expect(&m, want);

	/* The end of the process is not the end of what is kept, unless it shall be. */
	store_leave(a.k.store, true);
	expect(&m, "");
	end(&a, true);
	expect(&m, "");
	close(m.text);
	close(m.fd);
}

/* What costs much is done less often; what others kept us from is no cost. */
static void a_costly_text_rests(void **state)
{
	struct passed passed = { 0 };
	struct manager m;
	struct process a;

	(void)state;
	manager_open(&m);
	begin(&a, 0, &passed, m.name);
	store_started(a.k.store);
	advance(&a, SEC(1));
	a.router.asked = 0;
	a.router.is_slow = true;
	for (unsigned i = 1; i <= 2; i++) {
		store_changed(a.k.store);
		advance(&a, 19);
		assert_int_equal(a.router.asked, i);
	}
	a.router.is_slow = false;
	a.router.is_busy = true;
	advance(&a, SEC(1));
	store_changed(a.k.store);
	store_settle(a.k.store);
	assert_int_equal(a.router.asked, 3);
	store_changed(a.k.store);
	advance(&a, 199);
	store_settle(a.k.store);
	assert_int_equal(a.router.asked, 3);
	advance(&a, SEC(10));
	assert_int_equal(a.router.asked, 4);
	end(&a, false);
	close(m.text);
	close(m.fd);
}

static void forgotten_by_a_manager(void **state)
{
	struct passed passed = { 0 };
	struct manager m;
	struct process a;
	char want[256];

	(void)state;
	manager_open(&m);
	begin(&a, 5, &passed, m.name);
	store_started(a.k.store);
	join(&a);
	store_changed(a.k.store);
	advance(&a, SEC(1));
	snprintf(want, sizeof(want), " +state +mroute4-5 +mroute6-5 +join-%llu",
		 cookie(a.joins.fd[0]));
	expect(&m, want);
	snprintf(want, sizeof(want), " -mroute4-5 -mroute6-5 -join-%llu -state",
		 cookie(a.joins.fd[0]));
	end(&a, false);
	expect(&m, want);
	close(m.text);
	close(m.fd);
}

/* What a manager kept that is of no use any more is forgotten. */
static void useless_descriptors(void **state)
{
	struct passed passed = { .n = 3, .fd = xcalloc(3, sizeof(*passed.fd)) };
	struct manager m;
	struct process a;
	char want[256], name[40];

	(void)state;
	manager_open(&m);
	passed.fd[0] = (struct passed_fd){ "mroute4-9", dup(0) };
	passed.fd[1] = (struct passed_fd){ "other", dup(0) };
	passed.fd[2] = (struct passed_fd){ name, socket(AF_INET, SOCK_DGRAM, 0) };
	snprintf(name, sizeof(name), "join-%llu", cookie(passed.fd[2].fd));
	begin(&a, 0, &passed, m.name);
	snprintf(want, sizeof(want), " +state +mroute4-0 +mroute6-0 -%s", name);
	expect(&m, want);
	assert_int_equal(a.warnings, 0);
	store_started(a.k.store);
	expect(&m, " -mroute4-9 -other");
	assert_int_equal(a.warnings, 2);
	end(&a, false);
	close(m.text);
	close(m.fd);
}

/* Without a manager the text is of no use until somebody asks for a restart. */
static void nobody_keeps_anything(void **state)
{
	struct passed none = { 0 };
	struct process a;

	(void)state;
	begin(&a, 0, &none, NULL);
	store_started(a.k.store);
	store_changed(a.k.store);
	advance(&a, SEC(10));
	assert_int_equal(a.router.asked, 0);
	none = pass(&a);
	assert_int_equal(a.router.asked, 1);
	passed_free(&none);
	end(&a, false);
}

/* Without its word the next process would take all out of the kernel: it is not started. */
static void a_word_that_cannot_be_left(void **state)
{
	const struct rlimit nothing = { .rlim_max = RLIM_INFINITY };
	const struct rlimit anything = { RLIM_INFINITY, RLIM_INFINITY };
	struct passed none = { 0 };
	const char *why = NULL;
	struct process a;
	unsigned n;

	(void)state;
	begin(&a, 0, &none, NULL);
	store_started(a.k.store);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &nothing), 0);
	assert_null(store_pass(a.k.store, 0, &n, &why));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &anything), 0);
	assert_string_equal(why, "File too large");
	none = pass(&a);
	passed_free(&none);
	end(&a, false);
}

/* Killed in the middle of its start, a process leaves what it was given. */
static void killed_while_starting(void **state)
{
	struct passed passed = { 0 };
	struct manager m;
	struct process a, b;

	(void)state;
	manager_open(&m);
	begin(&a, 0, &passed, NULL);
	store_started(a.k.store);
	vif_add(&a, V4, 0, 2);
	a.router.commands = "add v1 239.1.1.1 v2\n";
	passed = pass(&a);
	begin(&b, 0, &passed, m.name);
	vif_add(&b, V4, 1, 3);
	expect(&m, " +state +mroute4-0 +mroute6-0");
	expect_text(&m, "vif 4 1 3\nattempt 1\nvif 4 0 2\nrouter\nadd v1 239.1.1.1 v2\n");
	end(&b, true);
	end(&a, false);
	close(m.text);
	close(m.fd);
}

/* Memberships that nobody asked for again are left in slices, after a while. */
static void unclaimed_memberships(void **state)
{
	struct passed passed = { 0 };
	struct process a, b;

	(void)state;
	begin(&a, 0, &passed, NULL);
	store_started(a.k.store);
	join(&a);
	passed = pass(&a);
	begin(&b, 0, &passed, NULL);
	store_started(b.k.store);
	b.joins.bad = 3;
	advance(&b, SEC(29));
	assert_int_equal(b.joins.bad, 3);
	advance(&b, SEC(1));
	assert_int_equal(b.joins.bad, 2);
	advance(&b, SEC(1));
	assert_int_equal(b.joins.bad, 0);
	end(&a, false);
	end(&b, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nothing_before, setup),
		cmocka_unit_test_setup(round_trip, setup),
		cmocka_unit_test_setup(bridges_first, setup),
		cmocka_unit_test_setup(what_is_gone_or_unknown, setup),
		cmocka_unit_test_setup(other_table, setup),
		cmocka_unit_test_setup(damaged, setup),
		cmocka_unit_test_setup(nonsense, setup),
		cmocka_unit_test_setup(attempts, setup),
		cmocka_unit_test_setup(attempts_end_with_success, setup),
		cmocka_unit_test_setup(kept_by_a_manager, setup),
		cmocka_unit_test_setup(a_costly_text_rests, setup),
		cmocka_unit_test_setup(forgotten_by_a_manager, setup),
		cmocka_unit_test_setup(useless_descriptors, setup),
		cmocka_unit_test_setup(nobody_keeps_anything, setup),
		cmocka_unit_test_setup(a_word_that_cannot_be_left, setup),
		cmocka_unit_test_setup(killed_while_starting, setup),
		cmocka_unit_test_setup(unclaimed_memberships, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
