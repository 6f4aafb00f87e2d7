/* pim_jp_random.c - any Joins and Prunes, in any order, against a slow model of what they mean
 *
 * Two neighbors on eth1 and one on eth2 join and prune (*,G) and two sources, whose data comes in
 * on eth0. After each step, the machines have the states and deadlines of the model, data goes
 * where its macros say, and what was said upstream is what is needed. There may be another router
 * on eth0 that says anything, too: then what is needed is there, at least, when what it pruned had
 * time to be overridden.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/pim_bed.h"

#define NSOURCES 2
#define NIFACES 2
#define NEVER INT64_MAX

/* A machine: of down_state, or of down_rpt_state. */
struct machine {
	int state;
	int64_t et, ppt;
};

/* 0: (*,G), then sources; interfaces: eth1, eth2. */
struct model {
	struct pim_bed *p;
	struct rng rng;
	struct machine down[1 + NSOURCES][NIFACES];
	struct machine rpt[1 + NSOURCES][NIFACES];
	int64_t start;

	/* What the upstream router was told, by whomever; and until when it may be overridden. */
	bool joined[1 + NSOURCES], pruned[1 + NSOURCES];
	bool has_peer;
	int64_t doubt;
};

static const char *const source_name[] = { "*", "s1", "s2" };
static const char *const iface_name[] = { "eth1", "eth2" };

static int64_t now(const struct model *m)
{
	return m->p->bed.clock.now;
}

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static void expire(struct machine *m, struct machine *rpt, int64_t until)
{
	if (m->state && (m->et <= until || (m->state == DOWN_PRUNE_PENDING && m->ppt <= until)))
		m->state = DOWN_NO_INFO;
	if (rpt->state == RPT_PRUNE_PENDING && rpt->ppt < rpt->et && rpt->ppt <= until)
		rpt->state = RPT_PRUNE;
	if (rpt->state && rpt->et <= until)
		rpt->state = RPT_NO_INFO;
}

static void run(struct model *m, int64_t ms)
{
	pim_bed_run(m->p, ms);
	for (unsigned s = 0; s <= NSOURCES; s++) {
		for (unsigned i = 0; i < NIFACES; i++)
			expire(&m->down[s][i], &m->rpt[s][i], now(m));
	}
}

static void rx_down(struct model *m, unsigned s, unsigned i, bool prune, int64_t holdtime)
{
	struct machine *d = &m->down[s][i];
	int64_t end = holdtime == MSG_FOREVER ? NEVER : now(m) + holdtime;

	if (!prune && (d->state || holdtime)) {
		d->et = d->state ? later(d->et, end) : end;
		d->state = DOWN_JOIN;
	} else if (prune && d->state == DOWN_JOIN) {
		d->state = i ? DOWN_NO_INFO : DOWN_PRUNE_PENDING;
		d->ppt = now(m) + 3000;
	}
}

static void rx_rpt(struct model *m, unsigned s, unsigned i, bool prune, int64_t holdtime,
		   bool *reinstated)
{
	struct machine *r = &m->rpt[s][i];
	int64_t end = holdtime == MSG_FOREVER ? NEVER : now(m) + holdtime;

	if (!prune) {
		r->state = RPT_NO_INFO;
	} else if (r->state == RPT_NO_INFO) {
		if (!holdtime)
			return;
		*r = (struct machine){ i ? RPT_PRUNE : RPT_PRUNE_PENDING, end, now(m) + 3000 };
	} else if (r->state == RPT_PRUNE || *reinstated) {
		r->et = later(r->et, end);
	}
	*reinstated = false;
}

/* What a message says of each, by source: 0 nothing, 1 join, 2 prune, 3 both, the join first. */
struct said {
	unsigned down[1 + NSOURCES], rpt[1 + NSOURCES];
	bool is_wrong; /* another RP */
	int64_t holdtime;
};

static void apply(struct model *m, const struct said *s, unsigned i)
{
	bool star = s->down[0] & 1 && !s->is_wrong;
	bool tmp[1 + NSOURCES] = { false };

	if (star) {
		rx_down(m, 0, i, false, s->holdtime);
		for (unsigned k = 1; k <= NSOURCES; k++)
			tmp[k] = m->rpt[k][i].state;
	}
	for (unsigned k = 1; k <= NSOURCES; k++) {
		if (s->rpt[k] & 1 && !tmp[k])
			m->rpt[k][i].state = RPT_NO_INFO;
		if (s->down[k] & 1)
			rx_down(m, k, i, false, s->holdtime);
	}
	for (unsigned k = 0; k <= NSOURCES; k++) {
		if (s->down[k] & 2)
			rx_down(m, k, i, true, s->holdtime);
		if (k && s->rpt[k] & 2)
			rx_rpt(m, k, i, true, s->holdtime, &tmp[k]);
		if (tmp[k])
			m->rpt[k][i].state = RPT_NO_INFO;
	}
}

/* What the upstream router makes of a thing that it is told. */
static void tell(struct model *m, unsigned k, bool is_rpt, bool prune)
{
	if (!k && !prune)
		memset(m->pruned, 0, sizeof(m->pruned));
	if (is_rpt)
		m->pruned[k] = prune;
	else
		m->joined[k] = !prune;
}

static char *put(char *at, bool prune, const char *what, const char *more)
{
	return at + sprintf(at, " %c(%s,g1%s", prune ? 'P' : 'J', what, more);
}

static void say(struct model *m, const struct said *s, unsigned i)
{
	static const char *const from[NIFACES][2] = { { "eth1.2", "eth1.3" },
						      { "eth2.2", "eth2.2" } };
	const char *rp = s->is_wrong ? ") rp rp2" : ") rp rp1";
	char text[500], *at = text;

	at += sprintf(at, "Join/Prune to %s.1 holdtime ", iface_name[i]);
	if (s->holdtime == MSG_FOREVER)
		at += sprintf(at, "forever:");
	else
		at += sprintf(at, "%d:", (int)(s->holdtime / 1000));
	for (unsigned k = 0; k <= NSOURCES; k++) {
		for (unsigned bit = 1; bit <= 2; bit++) {
			if (s->down[k] & bit)
				at = put(at, bit == 2, source_name[k], k ? ")" : rp);
			if (s->rpt[k] & bit)
				at = put(at, bit == 2, source_name[k], ",rpt)");
		}
	}
	if (at[-1] != ':')
		pim_bed_hear(m->p, from[i][rng_below(&m->rng, 2)], "%s", text);
	apply(m, s, i);
}

static void say_anything(struct model *m)
{
	static const int holdtimes[] = { 0, 1, 2, 3, 5, 20, 100, 210, 210, 210, -1 };
	int n = holdtimes[rng_below(&m->rng, NELEMS(holdtimes))];
	struct said s = {
		.holdtime = n < 0 ? MSG_FOREVER : SEC(n),
		.is_wrong = !rng_below(&m->rng, 8),
	};

	for (unsigned k = 0; k <= NSOURCES; k++) {
		/* rarely both */
		s.down[k] = rng_below(&m->rng, 7) % 4;
		s.rpt[k] = k ? rng_below(&m->rng, 7) % 4 : 0;
	}
	say(m, &s, rng_below(&m->rng, NIFACES));
}

/* The words of a line that the router said upstream, joins of (*,G) first. */
static void told(struct model *m, char *line)
{
	for (char *word = strtok(line, " "); word; word = strtok(NULL, " ")) {
		for (unsigned k = 0; k <= NSOURCES; k++) {
			char sg[40], rpt[40];

			snprintf(sg, sizeof(sg), "(%s,g1)", source_name[k]);
			snprintf(rpt, sizeof(rpt), "(%s,g1,rpt)", source_name[k]);
			if (!strcmp(word + 1, sg) || !strcmp(word + 1, rpt))
				tell(m, k, !strcmp(word + 1, rpt), *word == 'P');
		}
	}
}

/* The other router upstream says a thing to the same neighbor. */
static void say_upstream(struct model *m)
{
	unsigned k = rng_below(&m->rng, 1 + NSOURCES);
	bool is_rpt = k && rng_below(&m->rng, 2), prune = rng_below(&m->rng, 2);
	char text[200], *at = text;

	at += sprintf(at, "Join/Prune to eth0.2 holdtime 210:");
	put(at, prune, source_name[k], is_rpt ? ",rpt)" : k ? ")" : ") rp rp1");
	pim_bed_hear(m->p, "eth0.3", "%s", text);
	tell(m, k, is_rpt, prune);
	m->doubt = now(m) + 2500;
}

static void listen(struct model *m)
{
	char *text = xstrdup(pim_bed_said(m->p)), *end;

	for (char *line = text; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		if (!strncmp(line, "eth0 Join/Prune to eth0.2 ", 26))
			told(m, line);
		else
			assert_non_null(strstr(line, "eth1 Join/Prune to eth1.1 ")); /* an echo */
	}
	free(text);
}

static void check_machine(const struct model *m, const struct machine *want, int state,
			  const struct timer *et, const struct timer *ppt, int pending)
{
	const struct clock *clock = &m->p->bed.clock;

	assert_int_equal(state, want->state);
	if (!state)
		return;
	assert_int_equal(timer_is_running(et), want->et != NEVER);
	if (want->et != NEVER)
		assert_int_equal(now(m) + timer_left(clock, et), want->et);
	assert_int_equal(timer_is_running(ppt), state == pending);
	if (state == pending)
		assert_int_equal(now(m) + timer_left(clock, ppt), want->ppt);
}

static void check_machines(const struct model *m)
{
	static const struct branch nothing;
	static const struct down_rpt no_rpt;
	static const struct pending no_pending;

	for (unsigned s = 0; s <= NSOURCES; s++) {
		for (unsigned i = 0; i < NIFACES; i++) {
			const struct branch *b = pim_bed_branch(m->p, source_name[s], "g1",
								iface_name[i]);
			const struct down_rpt *rpt = b && b->rpt ? b->rpt : &no_rpt;
			const struct pending *pending;

			b = b ? b : &nothing;
			pending = b->pending ? b->pending : &no_pending;
			check_machine(m, &m->down[s][i], b->down, &b->et, &pending->ppt,
				      DOWN_PRUNE_PENDING);
			check_machine(m, &m->rpt[s][i], rpt->state, &rpt->et, &rpt->ppt,
				      RPT_PRUNE_PENDING);
		}
	}
}

/* RFC 7761 4.1.5: joins(*,G) (-) prunes(S,G,rpt) (+) joins(S,G) */
static bool is_out(const struct model *m, unsigned s, unsigned i)
{
	bool star = m->down[0][i].state && m->rpt[s][i].state != RPT_PRUNE;

	return star || m->down[s][i].state;
}

static bool is_joined(const struct model *m, unsigned s)
{
	return m->down[s][0].state || m->down[s][1].state;
}

static void check_data(struct model *m, unsigned s)
{
	const char *want[] = { "", "eth1", "eth2", "eth1 eth2" };

	assert_string_equal(pim_bed_data(m->p, "eth0", source_name[s], "g1"),
			    want[is_out(m, s, 0) + 2 * is_out(m, s, 1)]);
	listen(m);
}

static void check_upstream(const struct model *m)
{
	if (now(m) < m->doubt)
		return;
	assert_true(m->joined[0] >= is_joined(m, 0));
	for (unsigned s = 1; s <= NSOURCES; s++) {
		bool comes = m->joined[s] || (m->joined[0] && !m->pruned[s]);
		bool needed = is_out(m, s, 0) || is_out(m, s, 1);

		assert_true(m->joined[s] >= is_joined(m, s));
		assert_true(comes >= needed);
		assert_true(m->has_peer || (comes == needed && m->joined[0] == is_joined(m, 0)));
	}
}

/* Several messages are heard within one turn. */
static void say_much(struct model *m)
{
	m->p->holds = true;
	for (unsigned n = 2 + rng_below(&m->rng, 3); n; n--) {
		if (m->has_peer && rng_below(&m->rng, 2))
			say_upstream(m);
		else
			say_anything(m);
	}
	m->p->holds = false;
	run(m, 0);
}

static void step(struct model *m)
{
	static const int64_t times[] = { 1, 500, 999, 1000, 2999, 3000, 20000, 70000 };

	if (!rng_below(&m->rng, 5))
		say_much(m);
	else if (m->has_peer && !rng_below(&m->rng, 4))
		say_upstream(m);
	else if (rng_below(&m->rng, 3))
		say_anything(m);
	else
		run(m, times[rng_below(&m->rng, NELEMS(times))]);
	listen(m);
	check_machines(m);
	check_upstream(m);
	if (rng_below(&m->rng, 2))
		check_data(m, 1 + rng_below(&m->rng, NSOURCES));
	check_upstream(m);
}

/* All is pruned, or runs out; nothing is left. */
static void end(struct model *m)
{
	const struct said prunes = { .down = { 2, 2, 2 }, .holdtime = SEC(210) };
	const struct said joins = { .rpt = { 0, 1, 1 }, .holdtime = SEC(210) };

	for (unsigned i = 0; i < NIFACES; i++) {
		say(m, &prunes, i);
		say(m, &joins, i);
	}
	run(m, SEC(1000));
	listen(m);
	check_machines(m);
	check_upstream(m);
	assert_int_equal(m->p->pim->nentries, 0);
	pim_bed_run(m->p, SEC(100));
	assert_said(m->p, "");
}

static void hello(struct pim_bed *p, const char *name)
{
	pim_bed_hear(p, name, "Hello holdtime forever genid 1 priority 1 delay 500 override 2500");
}

static void play(uint64_t seed)
{
	static const char *const neighbors[] = { "eth0.2", "eth1.2", "eth1.3", "eth2.2" };
	static const char *const to[] = { "rp1", "s1", "s2" };
	struct model m = { 0 };

	rng_seed(&m.rng, seed);
	m.p = pim_bed_new(rng_below(&m.rng, 2),
			  "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address rp1\n");
	for (unsigned i = 0; i < NELEMS(neighbors); i++)
		hello(m.p, neighbors[i]);
	m.has_peer = rng_below(&m.rng, 2);
	if (m.has_peer)
		hello(m.p, "eth0.3");
	for (unsigned i = 0; i < NELEMS(to); i++)
		pim_bed_route(m.p, to[i], "eth0.2");
	for (unsigned i = 0; i < 200; i++)
		step(&m);
	end(&m);
	pim_bed_free(m.p);
}

static void any_joins_and_prunes(void **state)
{
	(void)state;
	bed_seeds(play, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-81, PIM-84, PIM-92, PIM-97, PIM-99, PIM-100, PIM-101: any Joins and Prunes",
		  any_joins_and_prunes, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_jp_random", tests, NULL, NULL);
}
