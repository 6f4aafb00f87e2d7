/* rules_sim.c - configured routes under random rules, reloads, commands and streams
 *
 * Rules come from a file that is read anew now and then, and from commands; they name interfaces
 * or all of them by a pattern, and may ask for entries of the kernel's own. Interfaces come and go,
 * streams come in here and there, and now and then another router takes over, which must not be
 * felt. After each step a packet of each stream must leave by just those interfaces that the rules
 * imply, which is computed here in the plainest way. SEED=n replays one alone, SEEDS=n runs that
 * many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

#define MAXRULES 48
#define NSTREAMS 6
#define NSTEPS 40

/* Interfaces eth0 to eth3, and what stands for all of them. */
#define NIFS 4
#define EVERY NIFS

/* A rule as it was written; outgoing interfaces are bits. */
struct written {
	struct prefix source, group; /* source.len 0: every source */
	unsigned iif, oifs;
	bool kernel;
};

struct rules {
	struct written rule[MAXRULES];
	unsigned n;
	bool asks_kernel;
};

struct world {
	struct bed bed;
	struct rng rng;
	enum af af;
	struct rules file, read, command; /* the file, what was read of it, and commands */
	unsigned ifindex[NIFS];		  /* 0: there is none */
	int arrival[NSTREAMS];		  /* interface plus 1, 0: silent */
	uint64_t seed;
	unsigned step;
};

static unsigned any(struct world *w, unsigned n)
{
	return rng_below(&w->rng, n);
}

static struct ip source_of(const struct world *w, unsigned i)
{
	struct ip ip = bed_ip(w->af == V4 ? "10.0.0.0" : "fd00::");

	ip.b[15] = 1 + i % 3;
	return ip;
}

static struct ip group_of(const struct world *w, unsigned i)
{
	struct ip ip = bed_ip(w->af == V4 ? "239.1.1.0" : "ff0e::");

	ip.b[15] = 1 + i / 3;
	return ip;
}

/* Prefix lengths that divide the few sources and groups. */
static uint8_t random_len(struct world *w)
{
	return af_bits(w->af) - (any(w, 2) ? 0 : any(w, 4));
}

static struct written random_rule(struct world *w)
{
	struct written r = { .iif = any(w, 8) ? any(w, NIFS) : EVERY };

	r.group = (struct prefix){ group_of(w, any(w, NSTREAMS)), random_len(w) };
	r.source = (struct prefix){ ip_any(w->af), 0 };
	if (any(w, 3))
		r.source = (struct prefix){ source_of(w, any(w, NSTREAMS)), random_len(w) };
	r.oifs = any(w, 6) ? any(w, 1 << NIFS) : 0;
	if (!any(w, 8))
		r.oifs |= 1 << EVERY;
	r.kernel = !any(w, 3) && !r.source.len && r.group.len == af_bits(w->af) && r.oifs;
	return r;
}

static const char *ifname(unsigned i)
{
	static const char *const name[] = { "eth0", "eth1", "eth2", "eth3", "eth+" };

	return name[i];
}

static bool same_rule(const struct written *a, const struct written *b)
{
	return a->iif == b->iif && a->source.len == b->source.len && a->group.len == b->group.len &&
	       ip_eq(a->source.ip, b->source.ip) && ip_eq(a->group.ip, b->group.ip);
}

static struct written *find(struct rules *rules, const struct written *r)
{
	for (unsigned i = 0; i < rules->n; i++) {
		if (same_rule(&rules->rule[i], r))
			return &rules->rule[i];
	}
	return NULL;
}

/* Whether both are the same text, read. */
static bool same_rules(const struct rules *a, const struct rules *b)
{
	bool same = a->n == b->n;

	for (unsigned i = 0; same && i < a->n; i++)
		same = same_rule(&a->rule[i], &b->rule[i]) && a->rule[i].oifs == b->rule[i].oifs;
	return same;
}

/* What is said twice adds up. */
static void add(struct rules *rules, const struct written *r)
{
	struct written *old = find(rules, r);

	if (old)
		old->oifs |= r->oifs;
	else if (rules->n < MAXRULES)
		rules->rule[rules->n++] = *r;
}

static bool drop(struct rules *rules, const struct written *r)
{
	struct written *old = find(rules, r);

	if (old)
		*old = rules->rule[--rules->n];
	return old;
}

static void put_oifs(struct buf *text, unsigned oifs, const char *before)
{
	for (unsigned i = 0; i <= EVERY; i++) {
		if (oifs >> i & 1)
			buf_printf(text, "%s %s", before, ifname(i)), before = "";
	}
}

static void write_file(struct world *w, bool kernel)
{
	struct buf text = { 0 };

	w->file.n = 0;
	w->file.asks_kernel = false;
	for (unsigned n = any(w, 9); n; n--) {
		struct written r = random_rule(w), *old;

		old = find(&w->file, &r);
		if (old && !old->oifs != !r.oifs)
			continue; /* one line would contradict the other */
		add(&w->file, &r);
		buf_printf(&text, "mroute group %s from %s", prefix_str(&r.group), ifname(r.iif));
		if (r.source.len)
			buf_printf(&text, " source %s", prefix_str(&r.source));
		if (kernel && r.kernel) {
			buf_puts(&text, " kernel");
			w->file.asks_kernel = true;
		}
		put_oifs(&text, r.oifs, " to");
		buf_puts(&text, "\n");
	}
	buf_add(&text, "", 1);
	sim_file(w->bed.k, BED_CONF, buf_at(&text));
	buf_free(&text);
}

/* Whether it was done: only what the kernel cannot do by itself may be refused. */
static bool request(struct world *w, const char *verb, const struct written *r, bool kernel,
		    bool good)
{
	struct buf text = { 0 };
	bool ok, is_objection;
	const char *reply;

	buf_printf(&text, "%s%s %s %s %s", verb, kernel ? " kernel" : "", ifname(r->iif),
		   r->source.len ? prefix_str(&r->source) : "", prefix_str(&r->group));
	put_oifs(&text, r->oifs, "");
	buf_add(&text, "", 1);
	reply = bed_ask(&w->bed, buf_at(&text));
	ok = strstr(reply, "{\"ok\":true}");
	is_objection = kernel && strstr(reply, "the kernel cannot forward");
	if (ok != good && !is_objection) {
		print_error("SEED=%llu step %u: %s: %s", (unsigned long long)w->seed, w->step,
			    buf_at(&text), reply);
		fail();
	}
	buf_free(&text);
	return ok;
}

static void add_by_command(struct world *w)
{
	struct written r = random_rule(w);

	if (w->command.n == MAXRULES / 2)
		return;
	if (request(w, "add -w", &r, r.kernel, true))
		add(&w->command, &r);
}

/* Of a rule that is there, mostly. */
static void remove_by_command(struct world *w)
{
	struct rules *from = any(w, 2) ? &w->command : &w->read;
	struct written r = from->n ? from->rule[any(w, from->n)] : random_rule(w), *old;
	bool known = find(&w->read, &r) || find(&w->command, &r);

	r.oifs = any(w, 2) ? 0 : any(w, 2 << NIFS);
	request(w, "remove", &r, false, known);
	if (!r.oifs) {
		drop(&w->read, &r);
		drop(&w->command, &r);
		return;
	}
	old = find(&w->read, &r);
	if (old)
		old->oifs &= ~r.oifs;
	old = find(&w->command, &r);
	if (old)
		old->oifs &= ~r.oifs;
}

static void reload(struct world *w)
{
	bool keep = any(w, 3);

	bed_work(&w->bed); /* the one before has its own file */
	if (any(w, 2))
		write_file(w, true);
	if (!w->file.asks_kernel && any(w, 2)) {
		router_reload(w->bed.r);
		keep = false;
	} else {
		while (!strstr(bed_ask(&w->bed, keep ? "reload keep" : "reload"),
			       "{\"ok\":true}\n"))
			write_file(w, false);
	}
	if (!keep)
		w->command.n = 0;
	w->read = w->file;
	/* slices of it, with other things between */
	for (unsigned n = any(w, 4); n; n--)
		router_work(w->bed.r);
}

/* Goes, or comes with another index. */
static void flap(struct world *w)
{
	unsigned i = any(w, NIFS);

	if (w->ifindex[i]) {
		sim_link_gone(w->bed.k, w->ifindex[i]);
		w->ifindex[i] = 0;
	} else {
		w->ifindex[i] = 1 + i + NIFS * any(w, 3);
		sim_link_up(w->bed.k, w->ifindex[i], ifname(i));
	}
}

static void complain(const struct world *w, unsigned stream, unsigned got, unsigned want)
{
	struct sg sg = { source_of(w, stream), group_of(w, stream) };

	print_error("SEED=%llu step %u: %s from eth%d leaves by %x, not %x\n",
		    (unsigned long long)w->seed, w->step, sg_str(&sg), w->arrival[stream] - 1, got,
		    want);
	fail();
}

/* The interfaces to which the kernel forwards the stream without a word, as bits. */
static unsigned forwarded(const struct world *w, unsigned stream)
{
	struct sg sg = { source_of(w, stream), group_of(w, stream) };
	unsigned oifs = 0;

	for (unsigned i = 0; w->arrival[stream] && i < NIFS; i++) {
		unsigned iif = w->ifindex[w->arrival[stream] - 1];

		if (iif && w->ifindex[i])
			oifs |= sim_forwards(w->bed.k, sg, iif, w->ifindex[i]) << i;
	}
	return oifs;
}

/* Another process goes on: what both say alike is not disturbed. */
static void restart(struct world *w)
{
	unsigned before[NSTREAMS];

	bed_work(&w->bed);
	for (unsigned i = 0; i < NSTREAMS; i++)
		before[i] = forwarded(w, i);
	bed_restart(&w->bed, modules);
	for (unsigned i = 0; i < NSTREAMS && same_rules(&w->read, &w->file); i++) {
		if (forwarded(w, i) != before[i])
			complain(w, i, forwarded(w, i), before[i]);
	}
	w->read = w->file;
}

static void random_step(struct world *w)
{
	unsigned i = any(w, NSTREAMS);

	switch (any(w, 10)) {
	case 9:
		restart(w);
		break;
	case 0:
	case 1:
		add_by_command(w);
		break;
	case 2:
	case 3:
		remove_by_command(w);
		break;
	case 4:
		reload(w);
		break;
	case 5:
		w->arrival[i] = any(w, NIFS + 1);
		break;
	case 7:
		flap(w);
		break;
	case 6:
		bed_ask(&w->bed, "flush");
		break;
	default:
		clock_advance(&w->bed.clock, w->bed.clock.now + any(w, SEC(150)));
		break;
	}
}

static bool matches(const struct written *r, struct sg sg, unsigned iif)
{
	return (r->iif == iif || r->iif == EVERY) && prefix_has(&r->group, sg.grp) &&
	       (!r->source.len || prefix_has(&r->source, sg.src));
}

/* How special a rule is: by its group first, then by its source. */
static unsigned special(const struct written *r)
{
	return r->group.len * 256 + r->source.len;
}

/* All rules of both origins, those that are written alike made one. */
static struct rules all_rules(const struct world *w)
{
	static const struct rules none;
	struct rules all = none;
	struct written sum[2 * MAXRULES];
	unsigned n = 0;

	for (unsigned i = 0; i < w->read.n + w->command.n; i++) {
		struct written r = i < w->read.n ? w->read.rule[i] : w->command.rule[i - w->read.n];
		unsigned j = 0;

		while (j < n && !same_rule(&sum[j], &r))
			j++;
		if (j == n)
			sum[n++] = r;
		else
			sum[j].oifs |= r.oifs;
	}
	assert_true(n <= MAXRULES);
	memcpy(all.rule, sum, n * sizeof(*sum));
	all.n = n;
	return all;
}

/* The rules that match, of those less special than @above the most special: 0 if none is left. */
static unsigned next_level(const struct rules *all, struct sg sg, unsigned iif, unsigned above)
{
	unsigned level = 0;

	for (unsigned i = 0; i < all->n; i++) {
		const struct written *r = &all->rule[i];

		if (matches(r, sg, iif) && special(r) < above && special(r) > level)
			level = special(r);
	}
	return level;
}

/* Where the stream has to go: level by level, until one that has a stop filter. */
static unsigned expected(const struct rules *all, struct sg sg, unsigned iif)
{
	unsigned level = UINT32_MAX, oifs = 0;
	bool stop = false;

	while (!stop && (level = next_level(all, sg, iif, level))) {
		for (unsigned i = 0; i < all->n; i++) {
			const struct written *r = &all->rule[i];

			if (!matches(r, sg, iif) || special(r) != level)
				continue;
			oifs |= r->oifs;
			stop |= !r->oifs;
		}
	}
	if (oifs >> EVERY & 1)
		oifs = (1u << NIFS) - 1;
	return oifs & ~(1u << iif);
}

/* The interfaces by which the last packet left. */
static unsigned departed(const struct world *w)
{
	unsigned oifs = 0;

	for (unsigned i = 0; i < NIFS; i++)
		oifs |= (w->ifindex[i] && w->bed.out[w->ifindex[i]]) << i;
	return oifs;
}

static unsigned present(const struct world *w)
{
	unsigned set = 0;

	for (unsigned i = 0; i < NIFS; i++)
		set |= (w->ifindex[i] != 0) << i;
	return set;
}

static void check(struct world *w)
{
	struct rules all = all_rules(w);

	for (unsigned i = 0; i < NSTREAMS; i++) {
		struct sg sg = { source_of(w, i), group_of(w, i) };
		unsigned iif = w->arrival[i] - 1, got, want;

		if (!w->arrival[i] || !w->ifindex[iif])
			continue;
		/* news that it comes in elsewhere may be held back for 3 s */
		for (int n = 0; n < 2; n++) {
			bed_send(&w->bed, w->ifindex[iif], ip_str(sg.src), ip_str(sg.grp));
			bed_advance(&w->bed, 3100);
		}
		bed_send(&w->bed, w->ifindex[iif], ip_str(sg.src), ip_str(sg.grp));
		got = departed(w);
		want = expected(&all, sg, iif) & present(w);
		if (got != want)
			complain(w, i, got, want);
	}
	assert_int_equal(w->bed.k->noops, 0);
}

static void run_seed(uint64_t seed)
{
	struct world *w = xcalloc(1, sizeof(*w));

	w->seed = seed;
	w->af = seed % NFAMILIES;
	rng_seed(&w->rng, seed);
	bed_begin(&w->bed, modules, "");
	for (unsigned i = 0; i < NIFS; i++)
		w->ifindex[i] = i + 1;
	write_file(w, false);
	w->read = w->file;
	router_start(w->bed.r);
	for (w->step = 0; w->step < NSTEPS; w->step++) {
		for (unsigned n = any(w, 4); n; n--)
			random_step(w);
		bed_work(&w->bed);
		check(w);
	}
	bed_end(&w->bed);
	free(w);
}

static void streams_go_where_the_rules_say(void **state)
{
	(void)state;
	bed_seeds(run_seed, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(streams_go_where_the_rules_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
