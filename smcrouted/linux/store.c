/* store.c - keeps what survives a restart: descriptors, and a text that says what the kernel cannot
 *
 * The text's lines are: how often it was tried to take it over, bridges, vifs, memberships with the
 * cookie of their socket, and behind the line "router" the router's own. A socket of memberships is
 * known to the service manager by its cookie too, since names tell what it shall forget.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "linux/bridge.h"
#include "linux/join.h"
#include "linux/mrt.h"
#include "linux/state.h"
#include "linux/store_own.h"

/* After the text was written anew it rests for so many times the processor's time that it took. */
#define REST 10

const char *store_mroute_name(const struct store *s, enum af af, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "mroute%d-%u", af == V4 ? 4 : 6, s->k->table);
	return name;
}

static const char *socket_name(uint64_t cookie, char name[NAME_LEN])
{
	snprintf(name, NAME_LEN, "join-%llu", (unsigned long long)cookie);
	return name;
}

bool store_has_manager(const struct store *s)
{
	return s->manager->fd >= 0;
}

void store_trouble(struct store *s, const char *what, int error)
{
	log_limited(s->k->log, &s->limit, &s->k->clock, LEVEL_WARNING,
		    "%s: cannot be kept over a restart: %s", what, reason(error));
}

void store_keep(struct store *s, const char *name, int fd)
{
	if (ready_store(s->manager, name, fd))
		store_trouble(s, name, errno);
}

void store_drop(struct store *s, const char *name)
{
	if (ready_unstore(s->manager, name))
		store_trouble(s, name, errno);
}

void store_keep_mroute(struct store *s, enum af af)
{
	char name[NAME_LEN];

	store_keep(s, store_mroute_name(s, af, name), mrt_fd(s->k->mrt[af]));
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
		store_trouble(s, STATE, error);
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

void store_keep_sockets(struct store *s, struct kept *now)
{
	struct kept *old = &s->kept;
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

int store_refresh(struct store *s)
{
	struct kept now = { 0 };
	struct buf none = { 0 };
	int64_t start = microseconds();
	int bad;

	timer_stop(&s->k->clock, &s->refresh);
	buf_free(&s->rest);
	joins_save(s->k->joins, kept_add_fd, &now, &s->rest);
	kept_sort(&now);
	buf_puts(&s->rest, ROUTER);
	router_handover(s->k->router, &s->rest);
	store_keep_sockets(s, &now);
	bad = save(s, &none);
	s->rested = s->k->clock.now + REST * (microseconds() - start) / 1000;
	return bad;
}

static void refresh_is_due(struct timer *timer)
{
	store_refresh(container_of(timer, struct store, refresh));
}

void store_changed(struct store *s)
{
	int64_t now = s->k->clock.now;

	if (store_has_manager(s) && s->restored && !timer_is_running(&s->refresh))
		timer_start(&s->k->clock, &s->refresh, s->rested > now ? s->rested - now : 0);
}

void store_settle(struct store *s)
{
	if (timer_is_running(&s->refresh) && s->rested <= s->k->clock.now)
		store_refresh(s);
}

struct store *store_new(struct linux_kern *k, struct ready *manager, struct passed *passed)
{
	struct store *s = xcalloc(1, sizeof(*s));

	s->k = k;
	s->manager = manager;
	s->passed = *passed;
	*passed = (struct passed){ 0 };
	timer_init(&s->refresh, refresh_is_due);
	timer_init(&s->grace, store_drop_unclaimed);
	s->state = passed_claim(&s->passed, STATE);
	if (s->state >= 0)
		store_read_state(s);
	else if (store_has_manager(s))
		s->state = state_new();
	if (store_has_manager(s) && s->state >= 0)
		store_keep(s, STATE, s->state);
	return s;
}

struct passed_fd *store_pass(struct store *s, unsigned more, unsigned *n, const char **why)
{
	struct passed_fd *list;
	char *name;

	if (s->state < 0)
		s->state = state_new();
	if (s->state < 0 || store_refresh(s)) {
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
		list[(*n)++] = (struct passed_fd){ store_mroute_name(s, af, name),
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
		store_drop(s, store_mroute_name(s, af, name));
	for (unsigned i = 0; i < s->kept.n; i++)
		store_drop(s, socket_name(s->kept.at[i].cookie, name));
	store_drop(s, STATE);
}

void store_leave(struct store *s, bool keep)
{
	if (!keep && store_has_manager(s))
		drop_all(s);
	else if (store_has_manager(s) && s->restored)
		store_refresh(s);
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
