/* mfc_sim.c - the merge of wishes under random engines, streams and interfaces
 *
 * Three made-up engines want (S,G)s at random: some at once, some when they hear that the stream
 * comes in where they want it; and the kernel's own entries of groups. Streams start and stop,
 * interfaces come and go, upcalls wait. After each step the kernel must hold exactly what the
 * wishes imply, computed here in the plainest way, and every engine must have heard of every
 * running stream that it waits for. Some wishes live by their packets, and go no sooner and no
 * later than they may. A seed replays: SEED=n runs that one alone, SEEDS=n that many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"

#define NENGINES 3
#define NSOURCES 3
#define NGROUPS 3
#define NSTREAMS (NSOURCES * NGROUPS)
#define NDEVICES 5
#define NSTEPS 60
#define IDLE SEC(60)
#define WATCH SEC(10)

/* What an engine has in mind for an (S,G). */
struct mind {
	bool cares;
	bool waits; /* only for a stream that it heard of on the iif */
	bool heard;
	struct route route;

	/* What the core was told, and since when it has that, if it is passing. */
	bool told, passing;
	int64_t since;
	bool recalled; /* it may go before its time, if it was silent */
};

/* Its wish for the kernel's own entry of a group from one device: the outgoing ones. */
struct wildcard {
	bool wished;
	struct ifset oifs;
};

struct fake {
	struct engine engine; /* first */
	struct mind mind[NSTREAMS];
	struct wildcard wild[NGROUPS][NDEVICES];
	struct ifset listens;
	bool changed[NSTREAMS];
};

/* What a script knows of an (S,G): where it comes in and goes out; empty if it is not there. */
struct known {
	char iif[16], oifs[64];
};

struct crowd {
	struct clock clock;
	struct log log;
	struct rng rng;
	struct sim_kern *k;
	struct router *r;
	struct fake *fake[NENGINES][NFAMILIES];
	int slot[NDEVICES];
	unsigned ifindex[NDEVICES]; /* 0: absent */
	unsigned next_ifindex;
	int arrival[NFAMILIES][NSTREAMS]; /* device, -1: silent */
	int64_t ran[NFAMILIES][NSTREAMS]; /* when something last kept it from being idle */
	struct known known[NFAMILIES][NSTREAMS];
	bool raced; /* the router may have written a vif that had gone unheard */
	uint64_t seed;
	unsigned step;
};

static struct sg stream(enum af af, unsigned i)
{
	struct sg sg;
	char text[IP_STRLEN];

	snprintf(text, sizeof(text), af == V4 ? "10.0.0.%u" : "fd00::%u", 1 + i % NSOURCES);
	ip_parse(text, &sg.src);
	snprintf(text, sizeof(text), af == V4 ? "239.1.1.%u" : "ff0e::%u", 1 + i / NSOURCES);
	ip_parse(text, &sg.grp);
	return sg;
}

static int stream_of(enum af af, struct sg sg)
{
	for (unsigned i = 0; i < NSTREAMS; i++) {
		if (sg_eq(stream(af, i), sg))
			return i;
	}
	return -1;
}

static struct fake *fake_of(struct engine *e)
{
	return container_of(e, struct fake, engine);
}

static struct engine *fake_create(void)
{
	struct fake *f = xcalloc(1, sizeof(*f));

	return &f->engine;
}

static void fake_destroy(struct engine *e)
{
	free(fake_of(e));
}

static void *fake_conf_new(void)
{
	return xcalloc(1, 1);
}

static void fake_configure(struct engine *e, void *conf, bool keep)
{
	(void)keep;
	(void)e;
	(void)conf;
	(void)keep;
}

/* The bed that the router being made, or at work, belongs to. */
static struct crowd *making;

/* A wish may have gone by itself, but not before its time. */
static void notice(struct fake *f, unsigned i)
{
	struct engine *e = &f->engine;
	struct mind *m = &f->mind[i];
	struct route route;

	if (!m->told || e->host->op->routed(e, stream(e->af, i), &route))
		return;
	assert_true(m->passing && (m->recalled || e->host->clock->now - m->since >= IDLE));
	m->told = false;
	if (f->changed[i])
		return;
	m->heard = false;
	m->cares = m->cares && m->waits;
}

static void recall(struct fake *f, struct prefix groups)
{
	struct engine *e = &f->engine;

	for (unsigned i = 0; i < NSTREAMS; i++)
		f->mind[i].recalled |= prefix_has(&groups, stream(e->af, i).grp);
	e->host->op->recall(e, groups);
}

static void fake_upcall(struct engine *e, const struct upcall *upcall)
{
	struct fake *f = fake_of(e);
	int i = stream_of(e->af, upcall->sg);
	struct mind *m = &f->mind[i];

	assert_true(i >= 0);
	making->ran[e->af][i] = e->host->clock->now;
	notice(f, i);
	if (m->cares && m->waits && m->route.iif == upcall->arrival && !m->heard) {
		m->heard = true;
		f->changed[i] = true;
	}
}

static void tell(struct fake *f, unsigned i)
{
	struct engine *e = &f->engine;
	struct mind *m = &f->mind[i];
	struct route was = { 0 };
	bool goes_on = e->host->op->routed(e, m->route.sg, &was) && was.passing &&
		       m->route.passing && was.iif == m->route.iif;

	e->host->op->route(e, &m->route);
	m->told = true;
	m->passing = m->route.passing;
	if (!goes_on)
		m->since = making->ran[e->af][i] = e->host->clock->now;
}

static bool fake_settle(struct engine *e, unsigned budget)
{
	struct fake *f = fake_of(e);

	(void)budget;
	for (unsigned i = 0; i < NSTREAMS; i++) {
		struct mind *m = &f->mind[i];

		if (!f->changed[i])
			continue;
		f->changed[i] = false;
		if (m->cares && (!m->waits || m->heard)) {
			tell(f, i);
		} else {
			e->host->op->unroute(e, stream(e->af, i), NOSLOT);
			m->told = false;
		}
	}
	return false;
}

static struct ifset fake_slots(struct engine *e)
{
	(void)e;
	return (struct ifset){ (1 << NDEVICES) - 1 };
}

static void fake_start(struct engine *e);

#define FAKE(n)                                                                                 \
	{                                                                                       \
		.name = n, .conf_new = fake_conf_new, .conf_free = free, .create = fake_create, \
		.start = fake_start, .destroy = fake_destroy, .configure = fake_configure,      \
		.upcall = fake_upcall, .settle = fake_settle, .slots = fake_slots,              \
	}

static const struct module fakes[NENGINES] = { FAKE("red"), FAKE("green"), FAKE("blue") };

static void fake_start(struct engine *e)
{
	making->fake[e->module - fakes][e->af] = fake_of(e);
	for (unsigned d = 0; d < NDEVICES; d++) {
		char name[16];

		snprintf(name, sizeof(name), "eth%u", d);
		making->slot[d] = e->host->op->slot(e->host, name);
	}
}

static void quiet(struct log *log, enum log_level level, const char *line)
{
	(void)log;
	(void)level;
	(void)line;
}

static bool chance(struct crowd *b, unsigned percent)
{
	return rng_below(&b->rng, 100) < percent;
}

/* Everything that waits is delivered and done. */
static void settle(struct crowd *b)
{
	do {
		sim_deliver(b->k);
	} while (router_work(b->r));
}

static void device_up(struct crowd *b, unsigned d)
{
	char name[16];

	if (b->ifindex[d])
		return;
	b->ifindex[d] = b->next_ifindex++;
	snprintf(name, sizeof(name), "eth%u", d);
	sim_link_up(b->k, b->ifindex[d], name);
}

static void device_gone(struct crowd *b, unsigned d)
{
	if (b->ifindex[d])
		sim_link_gone(b->k, b->ifindex[d]);
	b->ifindex[d] = 0;
	b->raced |= b->k->hold;
}

static struct ifset random_slots(struct crowd *b)
{
	struct ifset set = ifset_none();

	for (unsigned d = 0; d < NDEVICES; d++) {
		if (chance(b, 40))
			set = ifset_with(set, b->slot[d]);
	}
	return set;
}

static void think(struct crowd *b, struct fake *f, unsigned i)
{
	struct engine *e = &f->engine;
	struct mind *m = &f->mind[i];
	struct mind former;
	struct sg sg = stream(e->af, i);

	notice(f, i);
	former = *m;
	m->cares = chance(b, 70);
	m->waits = chance(b, 60);
	m->route = (struct route){
		.sg = sg,
		.oifs = random_slots(b),
		.iif = b->slot[rng_below(&b->rng, NDEVICES)],
		.kind = chance(b, 15) ? ROUTE_BLOCK : ROUTE_WANT,
		.rank = rng_below(&b->rng, RANK_INHERITED),
		.passing = chance(b, 50),
	};
	m->heard = former.cares && former.heard && former.route.iif == m->route.iif;
	f->changed[i] = true;
	e->host->op->wake(e);
	if (m->cares && m->waits && !m->heard) {
		uint8_t len = af_bits(e->af) - rng_below(&b->rng, 9);

		recall(f, (struct prefix){ sg.grp, len });
	}
}

static void want_wildcard(struct crowd *b, struct fake *f, unsigned group, unsigned d)
{
	struct engine *e = &f->engine;
	struct wildcard *w = &f->wild[group][d];
	struct route route = {
		.sg = { ip_any(e->af), stream(e->af, group * NSOURCES).grp },
		.iif = b->slot[d],
		.kind = ROUTE_WANT,
		.rank = RANK_STATIC,
	};

	w->wished = chance(b, 50);
	w->oifs = route.oifs = ifset_without(random_slots(b), route.iif);
	if (w->wished)
		e->host->op->route(e, &route);
	else
		e->host->op->unroute(e, route.sg, route.iif);
	e->host->op->wake(e);
}

static void toggle_listening(struct crowd *b, struct fake *f, unsigned slot)
{
	struct engine *e = &f->engine;
	bool on = chance(b, 80);

	e->host->op->listen(e, slot, LISTEN_DATA, on);
	if (on && !ifset_has(f->listens, slot))
		recall(f, (struct prefix){ ip_any(e->af), 0 });
	f->listens = on ? ifset_with(f->listens, slot) : ifset_without(f->listens, slot);
}

/* One packet of each running stream. */
static void send_all(struct crowd *b)
{
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < NSTREAMS; i++) {
			int d = b->arrival[af][i];
			struct sim_packet packet = {
				.af = af, .sg = stream(af, i), .ttl = 9, .len = 100
			};

			if (d < 0 || !b->ifindex[d])
				continue;
			b->ran[af][i] = b->clock.now;
			sim_packet(b->k, b->ifindex[d], &packet);
		}
	}
}

static void advance(struct crowd *b, int64_t ms)
{
	clock_advance(&b->clock, b->clock.now + ms);
	settle(b);
}

static void random_step(struct crowd *b)
{
	enum af af = rng_below(&b->rng, NFAMILIES);
	struct fake *f = b->fake[rng_below(&b->rng, NENGINES)][af];
	unsigned i = rng_below(&b->rng, NSTREAMS), d = rng_below(&b->rng, NDEVICES);

	switch (rng_below(&b->rng, 13)) {
	case 0:
		device_gone(b, d);
		break;
	case 1:
		device_up(b, d);
		break;
	case 2:
		device_gone(b, d);
		device_up(b, rng_below(&b->rng, NDEVICES));
		device_up(b, d);
		break;
	case 3:
		b->arrival[af][i] = d;
		break;
	case 4:
		b->arrival[af][i] = -1;
		break;
	case 5:
		clock_advance(&b->clock, b->clock.now + rng_below(&b->rng, SEC(150)));
		break;
	case 6:
		toggle_listening(b, f, b->slot[d]);
		break;
	case 7:
		send_all(b);
		break;
	case 8:
		b->k->hold = chance(b, 50);
		break;
	case 9:
		want_wildcard(b, f, i / NSOURCES, d);
		break;
	default:
		think(b, f, i);
		break;
	}
}

/* The slots that exist, as ifindexes by slot: what an expected entry is written in. */
static unsigned ifindex_of(const struct crowd *b, unsigned slot)
{
	for (unsigned d = 0; d < NDEVICES; d++) {
		if (b->slot[d] == (int)slot)
			return b->ifindex[d];
	}
	return 0;
}

#define check(b, cond)                                                                        \
	do {                                                                                  \
		if (!(cond)) {                                                                \
			print_error("SEED=%llu step %u: %s\n", (unsigned long long)(b)->seed, \
				    (b)->step, #cond);                                        \
			fail();                                                               \
		}                                                                             \
	} while (0)

static bool declared(const struct mind *m)
{
	return m->cares && (!m->waits || m->heard);
}

/* Who owns the stream: the least rank, of equals the first engine. */
static const struct mind *owner_of(const struct crowd *b, enum af af, unsigned i)
{
	const struct mind *owner = NULL;

	for (unsigned e = 0; e < NENGINES; e++) {
		const struct mind *m = &b->fake[e][af]->mind[i];

		if (declared(m) && (!owner || m->route.rank < owner->route.rank))
			owner = m;
	}
	return owner;
}

/* The interfaces that a wildcard takes in or sends to, none if nobody wants it; and who owns it. */
static struct ifset wild_slots(const struct crowd *b, enum af af, unsigned group, unsigned d,
			       unsigned *owner)
{
	struct ifset set = ifset_none();

	for (unsigned e = NENGINES; e-- > 0;) {
		const struct wildcard *w = &b->fake[e][af]->wild[group][d];

		if (!w->wished)
			continue;
		set = ifset_with(ifset_or(set, w->oifs), b->slot[d]);
		*owner = e;
	}
	return set;
}

/* Whether the kernel has to have the wildcard. */
static bool wild_holds(const struct crowd *b, enum af af, unsigned group, unsigned d)
{
	unsigned owner = NENGINES, ignored;
	struct ifset set = wild_slots(b, af, group, d, &owner);

	if (ifset_empty(set) || !b->ifindex[d])
		return false;
	for (unsigned e = 0; e < NENGINES; e++) {
		if (e != owner && ifset_meet(b->fake[e][af]->listens, set))
			return false;
	}
	for (unsigned other = 0; other < NDEVICES; other++) {
		struct ifset its = wild_slots(b, af, group, other, &ignored);

		if (other != d && !ifset_empty(its) &&
		    (ifset_has(its, b->slot[d]) || ifset_has(set, b->slot[other])))
			return false;
	}
	return true;
}

/* Whether a wildcard does what is wanted for the stream, which then has no entry of its own. */
static bool is_covered(const struct crowd *b, enum af af, unsigned i)
{
	const struct mind *owner = owner_of(b, af, i);

	for (unsigned d = 0; owner && owner->route.rank == RANK_LEARNED && d < NDEVICES; d++) {
		if (b->slot[d] == owner->route.iif && wild_holds(b, af, i / NSOURCES, d))
			return true;
	}
	return false;
}

struct wild_count {
	const struct crowd *b;
	enum af af;
	unsigned n;
};

static void check_wildcard(void *arg, const struct sim_entry *entry)
{
	struct wild_count *count = arg;
	const struct crowd *b = count->b;
	struct ifset set = ifset_none();
	unsigned group = 0, d = 0, owner;

	if (!ip_is_any(entry->sg.src))
		return;
	count->n++;
	while (!ip_eq(stream(count->af, group * NSOURCES).grp, entry->sg.grp))
		group++;
	while (d < NDEVICES && (!b->ifindex[d] || b->ifindex[d] != entry->iif))
		d++;
	check(b, d < NDEVICES && wild_holds(b, count->af, group, d));
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		for (unsigned o = 0; entry->ttl[vif] && o < NDEVICES; o++) {
			if (b->ifindex[o] && b->ifindex[o] == entry->oif[vif])
				set = ifset_with(set, b->slot[o]);
		}
	}
	for (unsigned o = 0; o < NDEVICES; o++) {
		struct ifset all = wild_slots(b, count->af, group, d, &owner);

		check(b,
		      ifset_has(set, b->slot[o]) == (b->ifindex[o] && ifset_has(all, b->slot[o])));
	}
}

/* Each wildcard that can be right is in the kernel, and no other. */
static void check_wildcards(const struct crowd *b, enum af af)
{
	struct wild_count count = { b, af, 0 };
	unsigned n = 0;

	for (unsigned group = 0; group < NGROUPS; group++) {
		for (unsigned d = 0; d < NDEVICES; d++)
			n += wild_holds(b, af, group, d);
	}
	sim_entries(b->k, af, check_wildcard, &count);
	check(b, count.n == n);
}

static void check_entry(const struct crowd *b, enum af af, unsigned i)
{
	const struct mind *owner = is_covered(b, af, i) ? NULL : owner_of(b, af, i);
	struct sim_entry entry;
	bool there = sim_entry(b->k, af, stream(af, i), &entry);
	unsigned iif = owner ? ifindex_of(b, owner->route.iif) : 0;
	struct ifset oifs = ifset_none();
	unsigned n = 0;

	if (iif) {
		check(b, there);
		check(b, entry.iif == iif);
		for (unsigned e = 0; e < NENGINES; e++) {
			const struct mind *m = &b->fake[e][af]->mind[i];

			if (declared(m) && m->route.kind == ROUTE_WANT &&
			    m->route.iif == owner->route.iif)
				oifs = ifset_or(oifs, m->route.oifs);
		}
		oifs = ifset_without(oifs, owner->route.iif);
		if (owner->route.kind == ROUTE_BLOCK)
			oifs = ifset_none();
	}
	ifset_foreach(slot, oifs) {
		unsigned oif = ifindex_of(b, slot);

		n += oif != 0;
		check(b, !oif || sim_forwards(b->k, stream(af, i), iif, oif));
	}
	for (unsigned vif = 0; there && vif < MAXVIFS; vif++)
		n -= entry.ttl[vif] != 0;
	check(b, n == 0); /* not one outgoing interface more, nor a bit of a vif that is gone */
}

/* One line that a script was told. It has to fit what it was told before. */
static void learn(struct crowd *b, char *line)
{
	char *kind = strsep(&line, " ("), *src, *grp, *iif, *oifs;
	struct sg sg;
	struct known *k;

	strsep(&line, "(");
	src = strsep(&line, ",");
	grp = strsep(&line, ")");
	check(b, ip_parse(src, &sg.src) && ip_parse(grp, &sg.grp));
	k = &b->known[ip_family(sg.grp)][stream_of(ip_family(sg.grp), sg)];
	line += strlen(" from ");
	iif = strsep(&line, " ");
	line += strlen("to ");
	oifs = line;
	*strstr(line, " by ") = '\0';
	if (!strcmp(kind, "install")) {
		check(b, strcmp(k->iif, iif));
	} else {
		check(b, !strcmp(k->iif, iif));
		check(b, !strcmp(kind, "remove") == !strcmp(k->oifs, oifs));
	}
	snprintf(k->iif, sizeof(k->iif), "%s", strcmp(kind, "remove") ? iif : "");
	snprintf(k->oifs, sizeof(k->oifs), "%s", oifs);
}

static void learn_all(struct crowd *b)
{
	char *eol;

	while (buf_len(&b->k->hooks)) {
		eol = memchr(buf_at(&b->k->hooks), '\n', buf_len(&b->k->hooks));
		*eol = '\0';
		learn(b, b->k->hooks.data + b->k->hooks.start);
		buf_take(&b->k->hooks, eol + 1 - buf_at(&b->k->hooks));
	}
}

/* A script knows all routes but exact ones, as the kernel has them. */
static void check_known(struct crowd *b, enum af af, unsigned i)
{
	const struct mind *owner = is_covered(b, af, i) ? NULL : owner_of(b, af, i);
	const struct known *known = &b->known[af][i];
	struct known is = { "", "" };

	if (owner && owner->route.kind == ROUTE_WANT && owner->route.rank != RANK_STATIC &&
	    ifindex_of(b, owner->route.iif)) {
		for (unsigned d = 0; d < NDEVICES; d++) {
			if (b->slot[d] == owner->route.iif)
				snprintf(is.iif, sizeof(is.iif), "eth%u", d);
			else if (b->ifindex[d] &&
				 sim_forwards(b->k, stream(af, i), ifindex_of(b, owner->route.iif),
					      b->ifindex[d]))
				snprintf(is.oifs + strlen(is.oifs),
					 sizeof(is.oifs) - strlen(is.oifs), "%seth%u",
					 *is.oifs ? " " : "", d);
		}
	}
	check(b, !strcmp(known->iif, is.iif));
	check(b, !*is.iif || !strcmp(known->oifs, is.oifs));
}

/* The wishes that stand are those that should. */
static void check_wishes(const struct crowd *b, enum af af, unsigned i)
{
	for (unsigned e = 0; e < NENGINES; e++) {
		struct fake *f = b->fake[e][af];
		const struct mind *m = &f->mind[i];

		notice(f, i);
		check(b, m->told == declared(m));
		check(b,
		      !m->told || !m->passing || b->clock.now - b->ran[af][i] <= 3 * IDLE + WATCH);
	}
}

static void check_kernel(struct crowd *b)
{
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < NSTREAMS; i++)
			check_wishes(b, af, i);
	}
	learn_all(b);
	for (enum af af = V4; af <= V6; af++) {
		check_wildcards(b, af);
		for (unsigned i = 0; i < NSTREAMS; i++) {
			check_entry(b, af, i);
			check_known(b, af, i);
		}
	}
	check(b, b->k->noops == 0 || b->raced);
	b->k->noops = 0;
	b->raced = false;
}

/* Whether it has asked the kernel to say nothing of the group's streams there. */
static bool has_wildcard(const struct crowd *b, const struct fake *f, unsigned i, unsigned slot)
{
	for (unsigned d = 0; d < NDEVICES; d++) {
		const struct wildcard *w = &f->wild[i / NSOURCES][d];

		if (w->wished && (b->slot[d] == (int)slot || ifset_has(w->oifs, slot)))
			return true;
	}
	return false;
}

/* Who waits for a stream that runs, and listens where it comes in, has heard of it. */
static void check_heard(const struct crowd *b)
{
	for (enum af af = V4; af <= V6; af++) {
		for (unsigned i = 0; i < NSTREAMS; i++) {
			int d = b->arrival[af][i];

			if (d < 0 || !b->ifindex[d])
				continue;
			for (unsigned e = 0; e < NENGINES; e++) {
				const struct fake *f = b->fake[e][af];
				const struct mind *m = &f->mind[i];

				check(b, !m->cares || !m->waits || m->heard ||
						 has_wildcard(b, f, i, b->slot[d]) ||
						 m->route.iif != b->slot[d] ||
						 !ifset_has(f->listens, b->slot[d]));
			}
		}
	}
}

/* Lets streams run for longer than news of them can be held back. */
static void run_streams(struct crowd *b)
{
	for (unsigned n = 0; n < 8; n++) {
		send_all(b);
		settle(b);
		advance(b, 3100);
	}
}

static void run_seed(uint64_t seed)
{
	static const struct module *const modules[] = { &fakes[0], &fakes[1], &fakes[2], NULL };
	struct router_options options = {
		.config = "none", .cache_idle = IDLE, .modules = modules, .version = "test"
	};
	struct crowd bed = { .seed = seed, .next_ifindex = 1 }, *b = &bed;

	options.hooks = true;
	rng_seed(&b->rng, seed);
	clock_init(&b->clock, 1000);
	log_init(&b->log, LEVEL_NONE, quiet);
	memset(b->arrival, -1, sizeof(b->arrival));
	b->k = sim_kern_new(&b->clock);
	making = b;
	b->r = router_new(&b->k->kern, &b->clock, &b->log, &options);
	b->k->router = b->r;
	sim_file(b->k, "none", "");
	router_start(b->r);
	for (b->step = 0; b->step < NSTEPS; b->step++) {
		for (unsigned n = rng_below(&b->rng, 4); n; n--)
			random_step(b);
		settle(b);
		check_kernel(b);
		run_streams(b);
		check_kernel(b);
		check_heard(b);
	}
	router_free(b->r);
	b->k->router = NULL;
	check(b, sim_nentries(b->k, V4) == 0 && sim_nentries(b->k, V6) == 0);
	sim_kern_free(b->k);
	check(b, clock_next(&b->clock) == CLOCK_NEVER);
	clock_free(&b->clock);
	log_free(&b->log);
}

static void the_kernel_holds_what_the_wishes_imply(void **state)
{
	(void)state;
	bed_seeds(run_seed, 3000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_holds_what_the_wishes_imply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
