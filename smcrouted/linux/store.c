/* store.c - what survives a restart: descriptors, and a text that says what the kernel cannot
 *
 * The text's lines are: how often it was tried to take it over, bridges, vifs, memberships with the
 * cookie of their socket, and behind the line "router" the router's own. A socket of memberships is
 * known to the service manager by its cookie too, since names tell what it shall forget.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "linux/bridge.h"
#include "linux/join.h"
#include "linux/mrt.h"
#include "linux/state.h"
#include "linux/store.h"

#define STATE "state"
#define ROUTER "router\n"

/* Longest names of descriptors, with their NUL. */
#define NAME_LEN 40

/* A text that could not be taken over so often is given up: it may be why we died. */
#define ATTEMPTS 3

/* After the text was written anew it rests for so many times the processor's time that it took. */
#define REST 10

/* From the start to leaving what nobody claimed, a slice of it. */
#define GRACE SEC(30)
#define SLICE_PAUSE 10
#define SLICE 50

/* A socket of memberships. */
struct kept_socket {
	uint64_t cookie;
	int fd;
};

struct sockets {
	struct kept_socket *at; /* owned, ascending by cookie */
	unsigned n, size;
};

struct store {
	struct linux_kern *k;  /* not ours */
	struct ready *manager; /* not ours */
	struct passed passed;
	int state;	     /* -1 until it is needed */
	struct buf rest;     /* the text behind the vifs */
	struct sockets kept; /* that the service manager has */
	struct timer refresh, grace;
	int64_t rested; /* when the text may be written anew */
	struct log_limit limit;
	char *inherited;      /* the former process's text, owned */
	const char *commands; /* its router's own lines, in @inherited */
	size_t len;	      /* of @inherited */
	bool took[NFAMILIES]; /* multicast routing sockets */
	bool lost[NFAMILIES]; /* a vif: entries may still carry its bit */
	unsigned attempt;
	bool restored; /* the inherited text was handed out */
};

static const char *mroute_name(const struct store *s, enum af af, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "mroute%d-%u", af == V4 ? 4 : 6, s->k->table);
	return name;
}

static const char *socket_name(uint64_t cookie, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "join-%llu", (unsigned long long)cookie);
	return name;
}

static bool has_manager(const struct store *s)
{
	return s->manager->fd >= 0;
}

static void trouble(struct store *s, const char *what, int error)
{
	log_limited(s->k->log, &s->limit, &s->k->clock, LEVEL_WARNING,
		    "%s: cannot be kept over a restart: %s", what, reason(error));
}

void store_keep(struct store *s, const char *name, int fd)
{
	if (ready_store(s->manager, name, fd))
		trouble(s, name, errno);
}

void store_drop(struct store *s, const char *name)
{
	if (ready_unstore(s->manager, name))
		trouble(s, name, errno);
}

void store_keep_mroute(struct store *s, enum af af)
{
	char name[NAME_LEN];

	store_keep(s, mroute_name(s, af, name), mrt_fd(s->k->mrt[af]));
}

static void vif_line(struct buf *text, enum af af, unsigned vif, unsigned ifindex)
{
	buf_printf(text, "vif %d %u %u\n", af == V4 ? 4 : 6, vif, ifindex);
}

/* All vifs that this process has or took over. */
static void vif_lines(const struct store *s, struct buf *text)
{
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned vif = 0; s->k->mrt[af] && vif < MAXVIFS; vif++) {
			unsigned ifindex = mrt_vif_ifindex(s->k->mrt[af], vif);

			if (ifindex)
				vif_line(text, af, vif, ifindex);
		}
	}
}

/*
 * Writes the text; @coming has the line of a vif that is about to be made, and is freed. Bridges
 * come before vifs. 0, or -1 with errno.
 */
static int save(struct store *s, struct buf *coming)
{
	struct buf text = { 0 };
	int bad = 0, error;

	if (s->state >= 0) {
		bridges_save(s->k->bridges, &text);
		buf_add(&text, buf_at(coming), buf_len(coming));
		buf_printf(&text, "attempt %u\n", s->attempt);
		vif_lines(s, &text);
		buf_add(&text, buf_at(&s->rest), buf_len(&s->rest));
		bad = state_write(s->state, buf_at(&text), buf_len(&text));
	}
	error = errno;
	if (bad)
		trouble(s, STATE, error);
	buf_free(coming);
	buf_free(&text);
	errno = error;
	return bad;
}

void store_vif_comes(struct store *s, enum af af, unsigned vif, unsigned ifindex)
{
	struct buf coming = { 0 };

	vif_line(&coming, af, vif, ifindex);
	save(s, &coming);
}

void store_vif_gone(struct store *s)
{
	struct buf none = { 0 };

	save(s, &none);
}

static bool cookie_of(int fd, uint64_t *cookie)
{
	socklen_t len = sizeof(*cookie);

	return !getsockopt(fd, SOL_SOCKET, SO_COOKIE, cookie, &len);
}

static void sockets_add(struct sockets *h, uint64_t cookie, int fd)
{
	if (h->n == h->size) {
		h->size = h->size ? h->size * 2 : 16;
		h->at = xrealloc(h->at, h->size * sizeof(*h->at));
	}
	h->at[h->n++] = (struct kept_socket){ cookie, fd };
}

static int by_cookie(const void *a, const void *b)
{
	const struct kept_socket *x = a, *y = b;

	return (x->cookie > y->cookie) - (x->cookie < y->cookie);
}

static void sockets_sort(struct sockets *h)
{
	if (h->n)
		qsort(h->at, h->n, sizeof(*h->at), by_cookie);
}

static struct kept_socket *sockets_find(const struct sockets *h, uint64_t cookie)
{
	struct kept_socket key = { .cookie = cookie };

	return h->n ? bsearch(&key, h->at, h->n, sizeof(key), by_cookie) : NULL;
}

static void add_socket(void *arg, int fd, const char *name)
{
	uint64_t cookie;

	(void)name;
	if (cookie_of(fd, &cookie))
		sockets_add(arg, cookie, fd);
}

/* Tells the manager which sockets came and went; @now takes the place of those kept. */
static void keep_sockets(struct store *s, struct sockets *now)
{
	struct sockets *old = &s->kept;
	unsigned i = 0, j = 0;
	char name[NAME_LEN];

	while (i < old->n || j < now->n) {
		const struct kept_socket *o = i < old->n ? &old->at[i] : NULL;
		const struct kept_socket *n = j < now->n ? &now->at[j] : NULL;

		if (!n || (o && o->cookie < n->cookie)) {
			store_drop(s, socket_name(o->cookie, name));
			i++;
		} else if (!o || n->cookie < o->cookie) {
			store_keep(s, socket_name(n->cookie, name), n->fd);
			j++;
		} else {
			i++;
			j++;
		}
	}
	free(old->at);
	*old = *now;
}

/* Of the processor: what others kept it from is no reason to save less often. */
static int64_t microseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000) + t.tv_nsec / 1000;
}

/* Brings the text up to date, and the sockets that the manager keeps. 0, or -1 with errno set. */
static int refresh(struct store *s)
{
	struct sockets now = { 0 };
	struct buf none = { 0 };
	int64_t start = microseconds();
	int bad;

	timer_stop(&s->k->clock, &s->refresh);
	buf_free(&s->rest);
	joins_save(s->k->joins, add_socket, &now, &s->rest);
	sockets_sort(&now);
	buf_puts(&s->rest, ROUTER);
	router_handover(s->k->router, &s->rest);
	keep_sockets(s, &now);
	bad = save(s, &none);
	s->rested = s->k->clock.now + REST * (microseconds() - start) / 1000;
	return bad;
}

static void refresh_is_due(struct timer *timer)
{
	refresh(container_of(timer, struct store, refresh));
}

void store_changed(struct store *s)
{
	int64_t now = s->k->clock.now;

	if (has_manager(s) && s->restored && !timer_is_running(&s->refresh))
		timer_start(&s->k->clock, &s->refresh, s->rested > now ? s->rested - now : 0);
}

void store_settle(struct store *s)
{
	if (timer_is_running(&s->refresh) && s->rested <= s->k->clock.now)
		refresh(s);
}

static void drop_unclaimed(struct timer *timer)
{
	struct store *s = container_of(timer, struct store, grace);

	if (joins_drop_unclaimed(s->k->joins, SLICE))
		timer_start(&s->k->clock, timer, SLICE_PAUSE);
	else
		store_changed(s);
}

/* The next line, with its words, up to the router's own; false behind the last. */
static bool next_line(char **at, const char *end, struct words *w)
{
	char *line = *at, *eol = line < end ? memchr(line, '\n', end - line) : NULL;

	if (!eol || !strncmp(line, ROUTER, strlen(ROUTER)))
		return false;
	*at = eol + 1;
	return words_split(w, line, eol - line);
}

/* The router's own lines; NULL if there are none. */
static const char *find_commands(const char *text)
{
	const char *at = strstr(text, "\n" ROUTER);

	if (at)
		at += 1 + strlen(ROUTER);
	return at && *at ? at : NULL;
}

/*
 * Takes the text of the process before, and writes it back with the attempt counted, so that a
 * text that kills us is given up after a while.
 */
static void read_state(struct store *s)
{
	const char *count = "attempt ";
	char *text = state_read(s->state, &s->len), *at;
	struct buf again = { 0 };

	if (!text) {
		log_warning(s->k->log,
			    "restart: the process before left no word, or a damaged one");
		return;
	}
	at = strstr(text, count);
	s->attempt = at ? strtoul(at + strlen(count), NULL, 10) : 0;
	if (s->attempt >= ATTEMPTS) {
		log_warning(s->k->log,
			    "restart: what the process before left is given up, "
			    "it was tried %u times",
			    s->attempt);
		free(text);
		s->attempt = 0;
		return;
	}
	buf_printf(&again, "attempt %u\n", ++s->attempt);
	buf_puts(&again, text);
	if (state_write(s->state, buf_at(&again), buf_len(&again)))
		trouble(s, STATE, errno);
	buf_free(&again);
	s->inherited = text;
	s->commands = find_commands(text);
}

struct store *store_new(struct linux_kern *k, struct ready *manager, struct passed *passed)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->k = k;
	s->manager = manager;
	s->passed = *passed;
	*passed = (struct passed){ 0 };
	timer_init(&s->refresh, refresh_is_due);
	timer_init(&s->grace, drop_unclaimed);
	s->state = passed_claim(&s->passed, STATE);
	if (s->state >= 0)
		read_state(s);
	else if (has_manager(s))
		s->state = state_new();
	if (has_manager(s) && s->state >= 0)
		store_keep(s, STATE, s->state);
	return s;
}

int store_claim(struct store *s, const char *name)
{
	return passed_claim(&s->passed, name);
}

int store_mroute(struct store *s, enum af af)
{
	char name[NAME_LEN];
	int fd = store_claim(s, mroute_name(s, af, name));

	s->took[af] = fd >= 0;
	return fd;
}

static void inherit_vif(struct store *s, struct words *w)
{
	struct linux_kern *k = s->k;
	int64_t family, vif, ifindex;
	enum af af;

	if (words_number(w, "family", 4, 6, &family) || words_number(w, "vif", 0, 31, &vif) ||
	    words_number(w, "device", 1, INT32_MAX, &ifindex)) {
		log_warning(k->log, "restart: a vif is not understood: %s", w->error);
		return;
	}
	af = family == 4 ? V4 : V6;
	if (!s->took[af] || !k->mrt[af] || mrt_vif_ifindex(k->mrt[af], vif))
		return;
	if (mrt_vif_inherit(k->mrt[af], vif, ifindex)) {
		bridges_vif_comes(k->bridges, af, vif, ifindex);
		bridges_vif_made(k->bridges, af, vif);
		router_inherit_vif(k->router, af, vif, ifindex);
		return;
	}
	s->lost[af] = true;
	log_warning(k->log, "restart: %s vif %d is gone from the kernel", af_name(af), (int)vif);
}

static void inherit_bridge(struct store *s, struct words *w)
{
	if (!bridges_inherit(s->k->bridges, w))
		log_warning(s->k->log, "restart: a bridge is not understood: %s", w->error);
}

static void inherit_join(struct store *s, const struct sockets *passed, struct words *w)
{
	uint64_t cookie = w->n > 1 ? strtoull(w->word[1], NULL, 10) : 0;
	struct kept_socket *h = sockets_find(passed, cookie);

	if (h && !joins_inherit(s->k->joins, h->fd, w))
		log_warning(s->k->log, "restart: a membership is not understood");
}

/* What is in the kernel's table. */
struct found {
	struct linux_kern *k;
	enum af af;
	bool rewrite; /* the next device to have a vif's number would be sent to, unless we do */
	unsigned entries;
};

static void inherit_entry(void *arg, const struct mfc_entry *entry)
{
	struct found *found = arg;

	if (found->rewrite)
		mrt_set(found->k->mrt[found->af], entry);
	router_inherit_entry(found->k->router, found->af, entry);
	found->entries++;
}

/* Vifs that the text does not name are taken out, and with them the entries that they feed. */
static void inherit_table(struct store *s, enum af af)
{
	struct linux_kern *k = s->k;
	struct found found = { .k = k, .af = af, .rewrite = s->lost[af] };
	unsigned vifs = 0;
	const char *why;

	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (mrt_vif_ifindex(k->mrt[af], vif))
			vifs++;
		else
			mrt_vif_del(k->mrt[af], vif);
	}
	why = mrt_dump(k->mrt[af], inherit_entry, &found);
	if (why)
		log_warning(k->log, "restart: %s entries cannot be read: %s", af_name(af), why);
	log_info(k->log, "restart: %s: took over %u vifs and %u entries", af_name(af), vifs,
		 found.entries);
}

/* The sockets of memberships that were passed on. */
static void claim_sockets(struct store *s, struct sockets *h)
{
	for (unsigned i = 0; i < s->passed.n; i++) {
		struct passed_fd *p = &s->passed.fd[i];
		uint64_t cookie;

		if (p->fd < 0 || strncmp(p->name, "join-", 5) || !cookie_of(p->fd, &cookie))
			continue;
		sockets_add(h, cookie, p->fd);
		p->fd = -1;
	}
	sockets_sort(h);
}

/* Those that no membership was taken over from are closed, and no longer kept. */
static void drop_sockets(struct store *s, struct sockets *passed)
{
	struct sockets now = { 0 };
	struct buf unused = { 0 };

	joins_save(s->k->joins, add_socket, &now, &unused);
	sockets_sort(&now);
	for (unsigned i = 0; i < passed->n; i++) {
		if (!sockets_find(&now, passed->at[i].cookie))
			close(passed->at[i].fd);
	}
	s->kept = *passed;
	keep_sockets(s, &now);
	buf_free(&unused);
}

void store_inherit(struct store *s)
{
	struct sockets passed = { 0 };
	struct words w = { 0 };
	char *at = s->inherited;

	claim_sockets(s, &passed);
	while (at && next_line(&at, s->inherited + s->len, &w)) {
		if (words_accept(&w, "vif"))
			inherit_vif(s, &w);
		else if (words_accept(&w, "bridge"))
			inherit_bridge(s, &w);
		else if (words_peek(&w) && !strcmp(words_peek(&w), "join"))
			inherit_join(s, &passed, &w);
	}
	words_free(&w);
	bridges_inherited(s->k->bridges);
	drop_sockets(s, &passed);
	for (enum af af = V4; af <= V6; af++) {
		if (s->took[af] && s->k->mrt[af])
			inherit_table(s, af);
	}
	/* Until the router has them again, the text goes on holding its lines. */
	buf_puts(&s->rest, ROUTER);
	if (!s->commands)
		return;
	buf_puts(&s->rest, s->commands);
	router_inherit_text(s->k->router, s->commands, strlen(s->commands));
}

void store_started(struct store *s)
{
	for (unsigned i = 0; i < s->passed.n; i++) {
		if (s->passed.fd[i].fd < 0)
			continue;
		log_warning(s->k->log, "restart: descriptor %s is of no use", s->passed.fd[i].name);
		store_drop(s, s->passed.fd[i].name);
	}
	passed_free(&s->passed);
	if (s->inherited)
		timer_start(&s->k->clock, &s->grace, GRACE);
	free(s->inherited);
	s->inherited = NULL;
	s->commands = NULL;
	s->attempt = 0;
	s->restored = true;
	if (has_manager(s))
		refresh(s);
}

struct passed_fd *store_pass(struct store *s, unsigned more, unsigned *n, const char **why)
{
	struct passed_fd *list;
	char *name;

	if (s->state < 0)
		s->state = state_new();
	if (s->state < 0 || refresh(s)) {
		*why = reason(errno);
		return NULL;
	}

	/* The names stand behind the array. */
	*n = 0;
	list = xcalloc(1, (s->kept.n + NFAMILIES + 1 + more) * (sizeof(*list) + NAME_LEN));
	name = (char *)(list + s->kept.n + NFAMILIES + 1 + more);
	list[(*n)++] = (struct passed_fd){ STATE, s->state };
	for (enum af af = V4; af <= V6; af++) {
		if (!s->k->mrt[af])
			continue;
		list[(*n)++] = (struct passed_fd){ mroute_name(s, af, name),
						   mrt_fd(s->k->mrt[af]) };
		name += NAME_LEN;
	}
	for (unsigned i = 0; i < s->kept.n; i++) {
		list[(*n)++] = (struct passed_fd){ socket_name(s->kept.at[i].cookie, name),
						   s->kept.at[i].fd };
		name += NAME_LEN;
	}
	return list;
}

static void drop_all(struct store *s)
{
	char name[NAME_LEN];

	for (enum af af = V4; af <= V6; af++)
		store_drop(s, mroute_name(s, af, name));
	for (unsigned i = 0; i < s->kept.n; i++)
		store_drop(s, socket_name(s->kept.at[i].cookie, name));
	store_drop(s, STATE);
}

void store_leave(struct store *s, bool keep)
{
	if (!keep && has_manager(s))
		drop_all(s);
	else if (has_manager(s) && s->restored)
		refresh(s);
	timer_stop(&s->k->clock, &s->refresh);
	timer_stop(&s->k->clock, &s->grace);
	s->restored = false;
	if (s->state >= 0)
		close(s->state);
	s->state = -1;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	store_leave(s, true);
	passed_free(&s->passed);
	buf_free(&s->rest);
	free(s->kept.at);
	free(s->inherited);
	free(s);
}
