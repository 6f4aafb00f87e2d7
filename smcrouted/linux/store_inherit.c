/* store_inherit.c - takes over what a former process kept, and lets go what of it nobody wants */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "linux/bridge.h"
#include "linux/join.h"
#include "linux/mrt.h"
#include "linux/state.h"
#include "linux/store_own.h"

/* A text that could not be taken over so often is given up: it may be why we died. */
#define ATTEMPTS 3

/* From the start to leaving what nobody claimed, a slice of it. */
#define GRACE SEC(30)
#define SLICE_PAUSE 10
#define SLICE 50

void store_drop_unclaimed(struct timer *timer)
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

void store_read_state(struct store *s)
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
		store_trouble(s, STATE, errno);
	buf_free(&again);
	s->inherited = text;
	s->commands = find_commands(text);
}

int store_claim(struct store *s, const char *name)
{
	return passed_claim(&s->passed, name);
}

int store_mroute(struct store *s, enum af af)
{
	char name[NAME_LEN];
	int fd = store_claim(s, store_mroute_name(s, af, name));

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

static void inherit_join(struct store *s, const struct kept *passed, struct words *w)
{
	uint64_t cookie = w->n > 1 ? strtoull(w->word[1], NULL, 10) : 0;
	struct kept_socket *h = kept_find(passed, cookie);

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
static void claim_sockets(struct store *s, struct kept *h)
{
	for (unsigned i = 0; i < s->passed.n; i++) {
		struct passed_fd *p = &s->passed.fd[i];
		uint64_t cookie;

		if (p->fd < 0 || strncmp(p->name, "join-", 5) || !kept_cookie(p->fd, &cookie))
			continue;
		kept_add(h, cookie, p->fd);
		p->fd = -1;
	}
	kept_sort(h);
}

/* Those that no membership was taken over from are closed, and no longer kept. */
static void drop_sockets(struct store *s, struct kept *passed)
{
	struct kept now = { 0 };
	struct buf unused = { 0 };

	joins_save(s->k->joins, kept_add_fd, &now, &unused);
	kept_sort(&now);
	for (unsigned i = 0; i < passed->n; i++) {
		if (!kept_find(&now, passed->at[i].cookie))
			close(passed->at[i].fd);
	}
	s->kept = *passed;
	store_keep_sockets(s, &now);
	buf_free(&unused);
}

void store_inherit(struct store *s)
{
	struct kept passed = { 0 };
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
	if (store_has_manager(s))
		store_refresh(s);
}
