/* pim_hello_random.c - any Hellos, in any order, against a slow model of what follows from them
 *
 * Six routers on eth0 say Hello with any options, or die; our addresses, configuration and carrier
 * change. After each step, neighbors, who is DR and what all agree on are those of the model, and
 * what was said is just what had to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define NROUTERS 6
#define NSECONDARY 5
#define NOWN 5

/* The first router, and the first of their secondary addresses: eth0.2, eth0/50. */
#define ROUTER 2
#define SECONDARY 50

static const char *const own_name[NOWN] = { "eth0.1", "eth0/1", "eth0.31", "eth0/31", "eth0.9" };

struct router_model {
	bool is_there;
	int64_t dies;
	unsigned secondary; /* bits */
	bool has_priority, has_lan_delay, no_suppression;
	unsigned priority, delay, override;
	unsigned genid; /* 0: none */
};

struct model {
	struct pim_bed *p;
	struct rng rng;
	struct router_model router[NROUTERS];
	unsigned own[NOWN], nown; /* of own_name, in their order */
	bool up, passive, track;
	unsigned priority, delay, override, interval;
	bool speaks, spoke, is_fresh; /* nothing was said with this generation ID */
	unsigned genid;
	int64_t owed;  /* a Hello is due until then */
	int64_t first; /* the first periodic one is */
};

static unsigned below(struct model *m, unsigned n)
{
	return rng_below(&m->rng, n);
}

static int64_t now(const struct model *m)
{
	return m->p->bed.clock.now;
}

/* The address from which it speaks; NULL: none. */
static const char *primary(const struct model *m)
{
	for (unsigned i = 0; i < m->nown; i++) {
		const char *name = own_name[m->own[i]];

		if (m->p->af == V4 || ip_is_link_local(pim_bed_ip(m->p, name)))
			return name;
	}
	return NULL;
}

static bool runs(const struct model *m)
{
	return m->up && primary(m);
}

/* A Hello as it has to be now, from that address. */
static void put_hello(struct model *m, const char *from, unsigned holdtime, struct buf *text)
{
	unsigned n = 0;

	if (m->is_fresh)
		m->genid++;
	m->is_fresh = false;
	buf_puts(text, "eth0");
	if (strcmp(from, own_name[0]))
		buf_printf(text, " from %s", from);
	buf_printf(text, " Hello holdtime %u genid %u priority %u delay %u override %u%s", holdtime,
		   m->genid, m->priority, m->delay, m->override, m->track ? " no-suppression" : "");
	for (unsigned i = 0; i < m->nown; i++) {
		if (strcmp(own_name[m->own[i]], from))
			buf_printf(text, "%s %s", n++ ? "" : " secondary", own_name[m->own[i]]);
	}
	buf_puts(text, "\n");
}

/* 3.5 times the interval, in whole seconds that are not less. */
static void put_usual(struct model *m, struct buf *text)
{
	put_hello(m, primary(m), (m->interval * 7 + 1) / 2, text);
	m->spoke = true;
	m->owed = now(m) + SEC(m->interval);
	if (m->owed < m->first)
		m->owed = m->first;
}

static void put_goodbye(struct model *m, const char *from, struct buf *text)
{
	if (m->speaks && m->spoke)
		put_hello(m, from, 0, text);
	m->spoke = false;
}

static void forget_routers(struct model *m)
{
	memset(m->router, 0, sizeof(m->router));
}

/* It stops or starts to run, if it has to. */
static void restart(struct model *m)
{
	forget_routers(m);
	m->speaks = runs(m) && !m->passive;
	m->spoke = false;
	m->is_fresh = true;
	m->owed = m->first = now(m) + PIM_TRIGGERED_HELLO_DELAY;
}

static void expect(struct model *m, struct buf *text)
{
	buf_add(text, "", 1);
	assert_said(m->p, buf_at(text));
	buf_free(text);
}

/* Time goes on: what is said is usual, and not too late. */
static void pass(struct model *m, int64_t ms)
{
	int64_t until = now(m) + ms;

	while (now(m) < until) {
		unsigned n = m->p->nsaid;
		struct buf text = { 0 };

		pim_bed_wait(m->p, until - now(m));
		if (m->p->nsaid != n) {
			assert_true(m->speaks && now(m) <= m->owed);
			put_usual(m, &text);
		}
		expect(m, &text);
	}
	assert_true(!m->speaks || now(m) <= m->owed);
	for (unsigned i = 0; i < NROUTERS; i++) {
		if (m->router[i].dies <= now(m))
			m->router[i] = (struct router_model){ 0 };
	}
}

static void hear(struct model *m)
{
	unsigned i = below(m, NROUTERS), holdtime = below(m, 5) ? 1 + below(m, 100) : 0;
	struct router_model r = { .is_there = holdtime, .dies = now(m) + SEC(holdtime) };
	struct buf text = { 0 }, nothing = { 0 };
	char from[16];

	snprintf(from, sizeof(from), "eth0.%u", ROUTER + i);
	if (holdtime && !below(m, 10)) {
		r.dies = INT64_MAX;
		buf_puts(&text, "Hello holdtime forever alone");
	} else {
		buf_printf(&text, "Hello holdtime %u alone", holdtime);
	}
	if (below(m, 4)) {
		r.genid = below(m, 4) && m->router[i].genid ? m->router[i].genid : 1 + below(m, 99);
		buf_printf(&text, " genid %u", r.genid);
	}
	if (below(m, 8)) {
		r.has_priority = true;
		r.priority = below(m, 3);
		buf_printf(&text, " priority %u", r.priority);
	}
	if (below(m, 8)) {
		r.has_lan_delay = true;
		r.delay = below(m, 1000);
		r.override = below(m, 5000);
		r.no_suppression = below(m, 4);
		buf_printf(&text, " delay %u override %u%s", r.delay, r.override,
			   r.no_suppression ? " no-suppression" : "");
	}
	if (below(m, 2))
		r.secondary = below(m, 1u << NSECONDARY);
	if (r.secondary)
		buf_puts(&text, " secondary");
	for (unsigned k = 0; k < NSECONDARY; k++) {
		if (r.secondary >> k & 1)
			buf_printf(&text, " eth0/%u", SECONDARY + k);
	}
	buf_add(&text, "", 1);
	pim_bed_hear(m->p, from, "%s", buf_at(&text));
	buf_free(&text);
	expect(m, &nothing);
	if (!m->speaks)
		return;
	if (r.is_there && (!m->router[i].is_there || (r.genid && r.genid != m->router[i].genid)) &&
	    now(m) + PIM_TRIGGERED_HELLO_DELAY < m->owed)
		m->owed = now(m) + PIM_TRIGGERED_HELLO_DELAY;
	for (unsigned k = 0; k < NROUTERS && holdtime; k++)
		m->router[k].secondary &= ~r.secondary;
	m->router[i] = holdtime ? r : (struct router_model){ 0 };
}

static void carrier(struct model *m)
{
	struct buf nothing = { 0 };

	m->up = !m->up;
	pim_bed_link(m->p, "eth0", m->up);
	restart(m);
	expect(m, &nothing);
}

/* An address comes to the end of them, or goes. */
static void change_address(struct model *m)
{
	unsigned which = below(m, NOWN), at = 0;
	const char *was = primary(m), *is;
	bool ran = runs(m);
	struct buf text = { 0 };

	while (at < m->nown && m->own[at] != which)
		at++;
	pim_bed_address(m->p, "eth0", own_name[which], at == m->nown);
	/* what goes is still said by a goodbye */
	if (at == m->nown) {
		m->own[m->nown++] = which;
	} else {
		struct model before = *m;

		memmove(&m->own[at], &m->own[at + 1], (m->nown - at - 1) * sizeof(*m->own));
		m->nown--;
		is = primary(m);
		if (ran && (!is || strcmp(was, is))) {
			put_goodbye(&before, was, &text);
			m->genid = before.genid;
			m->is_fresh = before.is_fresh;
			if (is && m->speaks && m->spoke)
				put_usual(m, &text);
		} else if (ran && m->speaks && m->spoke) {
			put_usual(m, &text);
		}
	}
	if (at == m->nown - 1 && m->own[at] == which && ran && m->speaks && m->spoke)
		put_usual(m, &text);
	if (ran != runs(m))
		restart(m);
	expect(m, &text);
}

static void configure(struct model *m)
{
	struct model before = *m;
	struct buf text = { 0 }, conf = { 0 };

	switch (below(m, 6)) {
	case 0:
		m->priority = below(m, 3);
		break;
	case 1:
		m->delay = 10 * (1 + below(m, 100));
		break;
	case 2:
		m->override = 10 * below(m, 500);
		break;
	case 3:
		m->track = !m->track;
		break;
	case 4:
		m->interval = 1 + below(m, 40);
		break;
	default:
		m->passive = !m->passive;
	}
	buf_printf(&conf,
		   "phyint eth0 pim dr-priority %u propagation-delay %u.%02u override-interval "
		   "%u.%02u hello-interval %u%s%s\n",
		   m->priority, m->delay / 1000, m->delay % 1000 / 10, m->override / 1000,
		   m->override % 1000 / 10, m->interval, m->track ? " track-joins" : "",
		   m->passive ? " passive" : "");
	buf_add(&conf, "", 1);
	pim_bed_reload(m->p, buf_at(&conf));
	buf_free(&conf);
	if (m->passive != before.passive && runs(m)) {
		put_goodbye(&before, primary(m), &text);
		m->genid = before.genid;
		restart(m);
	} else if (m->speaks && m->spoke &&
		   (m->priority != before.priority || m->delay != before.delay ||
		    m->override != before.override || m->track != before.track ||
		    m->interval != before.interval)) {
		put_usual(m, &text);
	}
	expect(m, &text);
}

/* "eth0.2 [eth0/50 eth0/51] eth0.3", as it is, and as it should be. */
static void check_routers(struct model *m, const struct pim_iface *i)
{
	struct buf is = { 0 }, should = { 0 };
	const struct neighbor *n;

	TAILQ_FOREACH(n, &i->neighbors, link) {
		buf_puts(&is, pim_bed_name(m->p, n->address));
		for (unsigned k = 0; k < n->nsecondary; k++)
			buf_printf(&is, " [%s]", pim_bed_name(m->p, n->secondary[k]));
		buf_puts(&is, " ");
	}
	for (unsigned r = 0; r < NROUTERS; r++) {
		if (!m->router[r].is_there)
			continue;
		buf_printf(&should, "eth0.%u", ROUTER + r);
		for (unsigned k = 0; k < NSECONDARY; k++) {
			if (m->router[r].secondary >> k & 1)
				buf_printf(&should, " [eth0/%u]", SECONDARY + k);
		}
		buf_puts(&should, " ");
	}
	buf_add(&is, "", 1);
	buf_add(&should, "", 1);
	assert_string_equal(buf_at(&is), buf_at(&should));
	buf_free(&is);
	buf_free(&should);
}

/* RFC 7761 4.3.2, as it is written: nobody is better. */
static void check_dr(struct model *m, const struct pim_iface *i)
{
	bool by_priority = true;
	struct ip dr = pim_bed_ip(m->p, primary(m));
	unsigned priority = m->priority;

	for (unsigned r = 0; r < NROUTERS; r++)
		by_priority &= !m->router[r].is_there || m->router[r].has_priority;
	for (unsigned r = 0; r < NROUTERS; r++) {
		char name[16];
		struct ip ip;

		snprintf(name, sizeof(name), "eth0.%u", ROUTER + r);
		ip = pim_bed_ip(m->p, name);
		if (!m->router[r].is_there || (by_priority && m->router[r].priority < priority))
			continue;
		if ((by_priority && m->router[r].priority > priority) || ip_cmp(ip, dr) > 0) {
			dr = ip;
			priority = m->router[r].priority;
		}
	}
	assert_string_equal(pim_bed_name(m->p, i->dr), pim_bed_name(m->p, dr));
	assert_int_equal(i->is_dr, ip_eq(dr, pim_bed_ip(m->p, primary(m))));
}

static void check_delays(struct model *m, const struct pim_iface *i)
{
	unsigned delay = m->delay, override = m->override;
	bool all = true, suppress = !m->track;

	for (unsigned k = 0; k < NROUTERS; k++) {
		const struct router_model *r = &m->router[k];

		if (!r->is_there)
			continue;
		all &= r->has_lan_delay;
		suppress |= !r->no_suppression;
		delay = r->delay > delay ? r->delay : delay;
		override = r->override > override ? r->override : override;
	}
	assert_int_equal(i->has_lan_delay, all);
	assert_int_equal(i->has_suppression, suppress || !all);
	assert_int_equal(i->propagation_delay, all ? delay : PIM_PROPAGATION_DELAY);
	assert_int_equal(i->override_interval, all ? override : PIM_OVERRIDE_INTERVAL);
}

static void check(struct model *m)
{
	const struct pim_iface *i = pim_bed_iface(m->p, "eth0");

	assert_int_equal(i->state == PIM_RUNS, runs(m));
	check_routers(m, i);
	if (!runs(m)) {
		assert_true(ip_is_any(i->dr));
		assert_false(i->is_dr);
		return;
	}
	check_dr(m, i);
	check_delays(m, i);
}

static void step(struct model *m)
{
	unsigned what = below(m, 100);

	if (what < 55)
		hear(m);
	else if (what < 80)
		pass(m, below(m, 4) ? below(m, 5000) : below(m, 60000));
	else if (what < 84)
		carrier(m);
	else if (what < 92)
		change_address(m);
	else
		configure(m);
	check(m);
}

static void run_family(enum af af, uint64_t seed)
{
	struct model m = {
		.p = pim_bed_new(af, "phyint eth0 pim\n"),
		.own = { 0, 1 },
		.nown = 2,
		.up = true,
		.priority = 1,
		.delay = PIM_PROPAGATION_DELAY,
		.override = PIM_OVERRIDE_INTERVAL,
		.interval = PIM_HELLO_INTERVAL / SEC(1),
	};

	rng_seed(&m.rng, seed);
	m.p->hellos = true;
	restart(&m);
	for (unsigned n = 0; n < 200; n++)
		step(&m);
	pim_bed_free(m.p);
}

static void run(uint64_t seed)
{
	print_message("seed %llu\n", (unsigned long long)seed);
	run_family(V4, seed);
	run_family(V6, seed);
}

static void any_hellos(void **state)
{
	(void)state;
	bed_seeds(run, 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-28, PIM-38, PIM-44, PIM-48: any Hellos", any_hellos, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_hello_random", tests, NULL, NULL);
}
