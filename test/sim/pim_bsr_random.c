/* pim_bsr_random.c - any Bootstrap messages, in any order, against a slow model of what they mean
 *
 * Of all groups, and of a zone: of four bootstrap routers, whole or in parts, for all or for new
 * routers, from the way there or another one, while we are a candidate or none. After each step the
 * machines are in the states of the model, and the RPs that it has are mappings.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "sim/pim_bed.h"

#define NZONES 2
#define NRANGES 4
#define NRPS 4

#define IFACES "phyint eth0 pim\nphyint eth1 pim\n"

/* The last two are of the zone; the third is the zone. */
static const char *const ranges[NRANGES] = { "range1", "range2", "zone5", "zone5.1" };

static const struct {
	const char *name, *via;
} routers[] = {
	{ "rp9", "eth0.2" },
	{ "rp8", "eth0.2" },
	{ "rp7", "eth1.2" },
	{ "eth0/2", "eth0.2" },
};

/* RPs of a range as they were said: holdtimes in ms, -1: it was not said. */
struct set {
	bool bidir;
	int64_t holdtime[NRPS];
	uint8_t priority[NRPS];
};

struct message {
	unsigned router;
	struct bsr_weight bsr;
	unsigned tag, zone;
	uint8_t hash_len;
	bool primes;
	bool has[NRANGES];
	unsigned all[NRANGES];
	struct set set[NRANGES];
};

struct zone_model {
	bool there;
	enum bsr_state state;
	struct bsr_weight current;
	int64_t bst, szt; /* of P-BSR the engine's, of E-BSR none */
	uint8_t hash_len;
	bool accepted;
	struct ip primed_by;
	unsigned tag;

	/* What holds until when, 0: it does not; what is stored, or waits for the rest. */
	int64_t until[NRANGES][NRPS];
	struct set said[NRANGES];
	bool is_last[NRANGES];
	struct ip said_by;
	unsigned said_tag;
	struct set part[NRANGES];
	bool has_part[NRANGES];
};

struct model {
	struct pim_bed *p;
	struct rng rng;
	struct zone_model zone[NZONES];
	bool is_candidate;
	struct bsr_weight own;
};

static int64_t now_of(const struct model *m)
{
	return m->p->bed.clock.now;
}

static unsigned any(struct model *m, unsigned n)
{
	return rng_below(&m->rng, n);
}

static struct zone *engine_zone(const struct model *m, unsigned zone)
{
	struct zone *z = TAILQ_FIRST(&m->p->pim->zones);

	return zone ? TAILQ_NEXT(z, link) : z;
}

static int compare(struct bsr_weight a, struct bsr_weight b)
{
	return a.priority != b.priority ? (a.priority > b.priority) - (a.priority < b.priority)
					: ip_cmp(a.ip, b.ip);
}

/* Messages */

static void put_set(struct buf *text, const struct message *msg, unsigned range)
{
	const struct set *set = &msg->set[range];
	unsigned n = 0;

	buf_printf(text, " [%s%s%s", ranges[range], set->bidir ? " bidir" : "",
		   msg->zone && range == 2 ? " zone" : "");
	for (unsigned rp = 0; rp < NRPS; rp++) {
		if (set->holdtime[rp] < 0)
			continue;
		n++;
		buf_printf(text, " rp%u %u holdtime %d", rp + 1, set->priority[rp],
			   (int)(set->holdtime[rp] / 1000));
	}
	if (n < msg->all[range])
		buf_printf(text, " of %u", msg->all[range]);
	buf_puts(text, "]");
}

static void draw_set(struct model *m, struct message *msg, unsigned range)
{
	struct set *set = &msg->set[range];
	unsigned n = 0;

	msg->has[range] = true;
	set->bidir = !any(m, 6);
	for (unsigned rp = 0; rp < NRPS; rp++) {
		set->holdtime[rp] = any(m, 2) ? -1 : SEC(any(m, 5) ? 1 + any(m, 200) : 0);
		set->priority[rp] = any(m, 3);
		n += set->holdtime[rp] >= 0;
	}
	msg->all[range] = n + (any(m, 4) ? 0 : any(m, 3));
}

static struct message draw(struct model *m)
{
	struct message msg = { .router = any(m, NELEMS(routers)) };

	msg.bsr.ip = pim_bed_ip(m->p, routers[msg.router].name);
	msg.bsr.priority = 62 + any(m, 5);
	msg.tag = any(m, 6);
	msg.zone = any(m, 2);
	msg.hash_len = 20 + any(m, 2);
	msg.primes = !any(m, 5);
	for (unsigned range = 0; range < NRANGES; range++) {
		if ((msg.zone && range == 2) || any(m, 2))
			draw_set(m, &msg, range);
	}
	return msg;
}

static bool say(struct model *m, const struct message *msg)
{
	const char *from = any(m, 8) ? routers[msg->router].via : "eth0.3";
	struct buf text = { 0 };

	buf_printf(&text, "Bootstrap bsr %s priority %u tag %u hash %u%s",
		   routers[msg->router].name, msg->bsr.priority, msg->tag, msg->hash_len,
		   msg->primes ? " no-forward" : "");
	if (msg->zone)
		put_set(&text, msg, 2);
	for (unsigned range = 0; range < NRANGES; range++) {
		if (msg->has[range] && !(msg->zone && range == 2))
			put_set(&text, msg, range);
	}
	buf_add(&text, "", 1);
	pim_bed_hear(m->p, from, "%s", buf_at(&text));
	buf_free(&text);
	return !strcmp(from, routers[msg->router].via);
}

/* What they mean */

static void forget_last(struct zone_model *z)
{
	memset(z->is_last, 0, sizeof(z->is_last));
	memset(z->has_part, 0, sizeof(z->has_part));
}

static unsigned size_of(const struct set *set)
{
	unsigned n = 0;

	for (unsigned rp = 0; rp < NRPS; rp++)
		n += set->holdtime[rp] >= 0;
	return n;
}

static void hold(struct model *m, struct zone_model *z, unsigned range)
{
	for (unsigned rp = 0; rp < NRPS; rp++) {
		int64_t holdtime = z->said[range].holdtime[rp];

		z->until[range][rp] = holdtime > 0 ? now_of(m) + holdtime : 0;
	}
}

static void take_set(struct model *m, struct zone_model *z, const struct message *msg,
		     unsigned range)
{
	struct set set = msg->set[range];

	if (size_of(&set) < msg->all[range]) {
		if (!size_of(&set))
			return;
		for (unsigned rp = 0; z->has_part[range] && rp < NRPS; rp++) {
			const struct set *part = &z->part[range];

			if (part->holdtime[rp] < 0)
				continue;
			set.holdtime[rp] = part->holdtime[rp];
			set.priority[rp] = part->priority[rp];
		}
		z->has_part[range] = true;
		z->part[range] = set;
		if (size_of(&set) < msg->all[range])
			return;
	}
	z->has_part[range] = false;
	z->said[range] = set;
	z->is_last[range] = true;
	hold(m, z, range);
}

static bool is_empty(const struct message *msg)
{
	unsigned n = 0;

	for (unsigned range = 0; range < NRANGES; range++)
		n += msg->has[range];
	return !n || (msg->zone && n == 1 && !msg->all[2]);
}

static void store(struct model *m, struct zone_model *z, const struct message *msg)
{
	if (is_empty(msg))
		return;
	if (!ip_eq(z->said_by, msg->bsr.ip) || z->said_tag != msg->tag)
		forget_last(z);
	z->said_by = msg->bsr.ip;
	z->said_tag = msg->tag;
	z->hash_len = msg->hash_len;
	for (unsigned range = msg->zone ? 2 : 0; range < NRANGES; range++) {
		if (msg->has[range])
			take_set(m, z, msg, range);
	}
}

static void refresh(struct model *m, struct zone_model *z)
{
	for (unsigned range = 0; range < NRANGES; range++) {
		if (z->is_last[range])
			hold(m, z, range);
	}
	forget_last(z);
	z->said_by = z->current.ip = ip_any(m->p->af);
}

static bool is_candidate(const struct model *m, const struct zone_model *z)
{
	return m->is_candidate && z == &m->zone[0];
}

static void pend(struct model *m, struct zone_model *z)
{
	z->state = BSR_PENDING;
	z->bst = engine_zone(m, z != &m->zone[0])->bst.due;
	assert_in_range(z->bst - now_of(m), SEC(5), SEC(23));
}

static void adopt(struct model *m, struct zone_model *z, const struct message *msg)
{
	z->state = is_candidate(m, z) ? BSR_CANDIDATE : BSR_ACCEPT_PREFERRED;
	z->current = msg->bsr;
	z->bst = now_of(m) + SEC(130);
	z->szt = 0;
	store(m, z, msg);
}

static void hear(struct model *m)
{
	const struct message msg = draw(m);
	struct zone_model *z = &m->zone[msg.zone];
	bool is_rpf = say(m, &msg), is_current;

	if (!msg.primes && !is_rpf)
		return;
	if (msg.primes &&
	    (now_of(m) - m->p->pim->began > SEC(60) ||
	     (z->accepted && (!ip_eq(z->primed_by, msg.bsr.ip) || z->tag != msg.tag))))
		return;
	z->there = z->accepted = true;
	z->primed_by = msg.primes ? msg.bsr.ip : ip_any(m->p->af);
	is_current = ip_eq(z->current.ip, msg.bsr.ip);
	switch (z->state) {
	case BSR_ACCEPT_ANY:
		break;
	case BSR_ACCEPT_PREFERRED:
		if (!is_current && compare(msg.bsr, z->current) < 0)
			return;
		break;
	case BSR_CANDIDATE:
		if (is_current && compare(msg.bsr, m->own) < 0) {
			z->current = msg.bsr;
			pend(m, z);
			return;
		}
		if (!is_current && compare(msg.bsr, z->current) < 0)
			return;
		break;
	case BSR_PENDING:
	case BSR_ELECTED:
		if (compare(msg.bsr, m->own) < 0)
			return;
		break;
	}
	z->tag = msg.tag;
	adopt(m, z, &msg);
}

static void accept_any(struct model *m, struct zone_model *z)
{
	z->state = BSR_ACCEPT_ANY;
	z->bst = 0;
	refresh(m, z);
	if (z != &m->zone[0])
		z->szt = now_of(m) + SEC(1300);
}

static void zone_reset(struct model *m, struct zone_model *z)
{
	*z = (struct zone_model){ .current.ip = ip_any(m->p->af),
				  .said_by = ip_any(m->p->af),
				  .primed_by = ip_any(m->p->af) };
	z->there = z == &m->zone[0];
}

static void expire(struct model *m, struct zone_model *z)
{
	int64_t now = now_of(m);

	for (unsigned range = 0; range < NRANGES; range++) {
		for (unsigned rp = 0; rp < NRPS; rp++) {
			if (z->until[range][rp] <= now)
				z->until[range][rp] = 0;
		}
	}
	if (z->szt && z->szt <= now)
		zone_reset(m, z);
	if (!z->bst || z->bst > now)
		return;
	if (z->state == BSR_ACCEPT_PREFERRED) {
		accept_any(m, z);
	} else if (z->state == BSR_CANDIDATE) {
		refresh(m, z);
		pend(m, z);
	} else if (z->state == BSR_PENDING) {
		z->state = BSR_ELECTED;
		z->current = m->own;
		z->bst = 0;
	}
}

/* By seconds: the deadlines of all but P-BSR are whole ones. */
static void run(struct model *m, unsigned seconds)
{
	for (; seconds; seconds--) {
		pim_bed_run(m->p, SEC(1));
		for (unsigned zone = 0; zone < NZONES; zone++)
			expire(m, &m->zone[zone]);
	}
}

/* Other configurations */

static void configure(struct model *m)
{
	struct zone_model *z = &m->zone[0];
	bool was = m->is_candidate;
	uint8_t priority = 63 + any(m, 3);
	char text[100];

	m->is_candidate = any(m, 3);
	snprintf(text, sizeof(text), IFACES "bsr-candidate own priority %u\n", priority);
	pim_bed_reload(m->p, m->is_candidate ? text : IFACES);
	if (!m->is_candidate) {
		if (z->state == BSR_ELECTED || (was && ip_is_any(z->current.ip))) {
			accept_any(m, z);
		} else if (was) {
			z->bst = z->state == BSR_PENDING ? now_of(m) + SEC(130) : z->bst;
			z->state = BSR_ACCEPT_PREFERRED;
		}
		return;
	}
	m->own.ip = pim_bed_ip(m->p, "own");
	if (was && m->own.priority == priority)
		return;
	m->own.priority = priority;
	if (z->state == BSR_ELECTED)
		z->current = m->own;
	else if (!was || z->state == BSR_PENDING || compare(z->current, m->own) < 0)
		pend(m, z);
}

/* Checks */

static void check_zone(struct model *m, unsigned zone)
{
	const struct zone_model *want = &m->zone[zone];
	const struct zone *z = engine_zone(m, zone);

	assert_int_equal(want->there, !!z);
	if (!z)
		return;
	assert_int_equal(z->state, want->state);
	assert_true(ip_eq(z->current.ip, want->current.ip));
	if (!ip_is_any(want->current.ip))
		assert_int_equal(z->current.priority, want->current.priority);
	if (want->state != BSR_ELECTED)
		assert_int_equal(timer_is_running(&z->bst) ? z->bst.due : 0, want->bst);
	else
		assert_in_range(z->bst.due - now_of(m), 0, SEC(60));
	assert_int_equal(timer_is_running(&z->szt) ? z->szt.due : 0, want->szt);
	assert_true(want->state >= BSR_CANDIDATE || !z->is_candidate);
}

static const struct rp_mapping *find(const struct model *m, unsigned range, unsigned rp)
{
	const struct tree_node *node = tree_min(&m->p->pim->rps.mappings.tree);
	char name[16], number[16];

	snprintf(number, sizeof(number), "rp%u", rp + 1);
	for (; node; node = tree_next(node)) {
		const struct rp_mapping *mapping = container_of(node, struct rp_mapping, order);
		bool is_zone = mapping->range.len == 16 && m->p->af == V6;
		const uint8_t *b = mapping->range.ip.b;
		unsigned n = m->p->af == V4 ? b[13] : b[3];

		if (m->p->af == V4 ? b[12] == 0xe1 : b[1] == 0xe)
			snprintf(name, sizeof(name), "range%u", n);
		else if (m->p->af == V4 ? mapping->range.len == 16 : is_zone)
			snprintf(name, sizeof(name), "zone5");
		else
			snprintf(name, sizeof(name), "zone5.1");
		if (!strcmp(name, ranges[range]) && ip_eq(mapping->rp, pim_bed_ip(m->p, number)))
			return mapping;
	}
	return NULL;
}

static void check_mappings(struct model *m)
{
	unsigned n = 0;

	for (unsigned range = 0; range < NRANGES; range++) {
		for (unsigned rp = 0; rp < NRPS; rp++) {
			unsigned zone = m->zone[1].until[range][rp] ? 1 : 0;
			const struct zone_model *z = &m->zone[zone];
			const struct rp_mapping *mapping = find(m, range, rp);

			assert_int_equal(!!mapping, z->until[range][rp] > 0);
			if (!mapping)
				continue;
			n++;
			assert_int_equal(mapping->priority, z->said[range].priority[rp]);
			assert_int_equal(mapping->hash_len, z->hash_len);
			assert_int_equal(mapping->mode == RP_BIDIR, z->said[range].bidir);
		}
	}
	assert_int_equal(m->p->pim->rps.nmappings, n);
}

static void play(uint64_t seed)
{
	static const char *const neighbors[] = { "eth0.2", "eth0.3", "eth1.2" };
	struct model m = { 0 };

	rng_seed(&m.rng, seed);
	m.p = pim_bed_new(any(&m, 2), IFACES);
	pim_bed_hear(m.p, "eth0.2", "Hello holdtime forever genid 1 secondary eth0/2");
	for (unsigned i = 1; i < NELEMS(neighbors); i++)
		pim_bed_hear(m.p, neighbors[i], "Hello holdtime forever genid 1");
	for (unsigned i = 0; i < 3; i++)
		pim_bed_route(m.p, routers[i].name, routers[i].via);
	for (unsigned zone = 0; zone < NZONES; zone++)
		zone_reset(&m, &m.zone[zone]);
	for (unsigned i = 0; i < 200; i++) {
		unsigned what = any(&m, 20);

		if (!what)
			configure(&m);
		else if (what < 12)
			hear(&m);
		else
			run(&m, what == 12   ? any(&m, 1500)
				: what == 13 ? any(&m, 150)
					     : any(&m, 9));
		for (unsigned zone = 0; zone < NZONES; zone++)
			check_zone(&m, zone);
		check_mappings(&m);
	}
	pim_bed_free(m.p);
}

static void any_messages(void **state)
{
	(void)state;
	bed_seeds(play, 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-147, PIM-148, PIM-149, PIM-150, PIM-157, PIM-158: any Bootstrap messages",
		  any_messages, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_bsr_random", tests, NULL, NULL);
}
