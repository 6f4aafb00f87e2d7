/* overrun_sim.c - two routers that live through the same, of which one loses news
 *
 * Devices come, go, change and have other addresses, at random. One router hears of each at once,
 * the other late, or not: then it is told all anew. After a while both must be the same, by what
 * they have in their kernels and by what they forward.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mrd/mrd.h"
#include "sim/bed.h"
#include "static/static.h"

#define NNAMES 5
#define NROUNDS 12

static const struct module *const modules[] = { &static_module, &mrd_module, NULL };

static const char conf[] = "mroute from eth0 source 10.0.0.2 group 239.1.1.1 to eth+\n"
			   "mroute from eth+ group 239.2.0.0/16 to eth1 eth3\n"
			   "mroute from eth2 source fd00::2 group ff0e::1 to eth0 lan0\n"
			   "mroute from lan0 group ff0e::/32 to eth+\n"
			   "mgroup from eth1 group 239.1.1.1\n"
			   "mgroup from eth+ group ff0e::1\n"
			   "mgroup from lan0 source 10.0.0.2 group 232.1.1.1\n"
			   "phyint eth+ mrdisc\n"
			   "phyint lan0 mrdisc\n";

static const char *const names[NNAMES] = { "eth0", "eth1", "eth2", "eth3", "lan0" };

struct twins {
	struct bed bed[2]; /* the second loses news */
	struct rng rng;
	unsigned ifindex[NNAMES]; /* by name, 0: there is none */
	unsigned last;
	uint64_t seed;
};

static unsigned below(struct twins *t, unsigned n)
{
	return rng_below(&t->rng, n);
}

static void begin(struct twins *t, uint64_t seed)
{
	*t = (struct twins){ .seed = seed, .last = 100 };
	rng_seed(&t->rng, seed);
	for (unsigned i = 0; i < 4; i++)
		t->ifindex[i] = i + 1;
	for (unsigned i = 0; i < 2; i++) {
		bed_begin(&t->bed[i], modules, conf);
		t->bed[i].k->dad = SEC(1);
		router_start(t->bed[i].r);
	}
}

static void end(struct twins *t)
{
	bed_end(&t->bed[0]);
	bed_end(&t->bed[1]);
}

/* What happens, to both alike */

static void link_comes(struct twins *t, unsigned name)
{
	t->ifindex[name] = ++t->last;
	for (unsigned i = 0; i < 2; i++)
		sim_link_up(t->bed[i].k, t->ifindex[name], names[name]);
}

static void link_goes(struct twins *t, unsigned name)
{
	for (unsigned i = 0; i < 2; i++)
		sim_link_gone(t->bed[i].k, t->ifindex[name]);
	t->ifindex[name] = 0;
}

/* Two change their names, by way of a third one if both are there. */
static void names_change(struct twins *t, unsigned a, unsigned b)
{
	unsigned x = t->ifindex[a], y = t->ifindex[b];
	struct link link;

	for (unsigned i = 0; i < 2; i++) {
		struct sim_kern *k = t->bed[i].k;

		if (y) {
			link = *sim_link_find(k, y);
			link.name = "spare";
			sim_link(k, &link);
		}
		link = *sim_link_find(k, x);
		link.name = names[b];
		sim_link(k, &link);
		if (y) {
			link = *sim_link_find(k, y);
			link.name = names[a];
			sim_link(k, &link);
		}
	}
	t->ifindex[a] = y;
	t->ifindex[b] = x;
}

static void link_changes(struct twins *t, unsigned name)
{
	unsigned ifindex = t->ifindex[name], how = below(t, 4);

	for (unsigned i = 0; i < 2; i++) {
		struct sim_kern *k = t->bed[i].k;
		struct link link = *sim_link_find(k, ifindex);

		if (how == 0)
			sim_link_down(k, ifindex);
		else if (how == 1)
			sim_carrier(k, ifindex, !link.up);
		else if (!link.up)
			sim_link_up(k, ifindex, names[name]);
	}
}

static void address_changes(struct twins *t, unsigned name)
{
	static const char *const addresses[] = { "fe80::1/64", "fd00:0:0:%u::1/64", "10.0.%u.1/24",
						 "10.1.%u.1/24" };
	unsigned which = below(t, NELEMS(addresses)), on = below(t, 3);
	struct prefix prefix;
	char text[PREFIX_STRLEN];

	snprintf(text, sizeof(text), addresses[which], name + 1);
	assert_true(prefix_parse(text, &prefix));
	for (unsigned i = 0; i < 2; i++)
		sim_address(t->bed[i].k, t->ifindex[name], &prefix, on);
}

static void happen(struct twins *t)
{
	unsigned name = below(t, NNAMES), other = below(t, NNAMES), what = below(t, 10);

	if (!t->ifindex[name])
		link_comes(t, name);
	else if (what < 2)
		link_goes(t, name);
	else if (what < 3 && name != other)
		names_change(t, name, other);
	else if (what < 6)
		link_changes(t, name);
	else
		address_changes(t, name);
}

static void advance(struct twins *t, int64_t ms)
{
	bed_advance(&t->bed[0], ms);
	bed_advance(&t->bed[1], ms);
}

/* How a router is, in words */

struct text {
	char *end, *limit;
	struct sim_kern *k;
	const char *device;
};

static void PRINTF(2, 3) say(struct text *text, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(text->end, text->limit - text->end, fmt, args);
	va_end(args);
	assert_true(len < text->limit - text->end);
	text->end += len;
}

static void say_member(void *arg, const struct membership *m)
{
	struct text *text = arg;

	say(text, "%s member of %s %d %u\n", text->device, ip_str(m->group), m->mode, m->nsources);
}

static const char *name_of(const struct sim_kern *k, unsigned ifindex)
{
	const struct link *link = sim_link_find(k, ifindex);

	return link ? link->name : "nowhere";
}

/* By the numbers of devices: those of vifs need not be the same. */
static void say_entry(void *arg, const struct sim_entry *entry)
{
	struct text *text = arg;

	say(text, "%s from %s to", sg_str(&entry->sg), name_of(text->k, entry->iif));
	for (unsigned i = 0; i < NNAMES; i++) {
		unsigned vif = sim_vif_of(text->k, ip_family(entry->sg.grp),
					  sim_link_index(text->k, names[i]));

		if (vif != NOVIF && entry->ttl[vif])
			say(text, " %s", names[i]);
	}
	say(text, "\n");
}

static void forget_sent(struct bed *b)
{
	struct sim_sent *sent;

	while ((sent = sim_sent(b->k)))
		free(sent);
}

/* From where each speaks, whenever it does. */
static void say_sources(struct text *text, struct bed *b)
{
	struct ip src[NNAMES][NFAMILIES] = { 0 };
	struct sim_sent *sent;

	while ((sent = sim_sent(b->k))) {
		for (unsigned i = 0; i < NNAMES; i++) {
			if (sim_link_index(b->k, names[i]) == sent->ifindex)
				src[i][sent->af] = sent->packet.src;
		}
		free(sent);
	}
	for (unsigned i = 0; i < NNAMES; i++)
		say(text, "%s %s %s\n", names[i], ip_str(src[i][V4]), ip_str(src[i][V6]));
}

static void describe(struct bed *b, char *buf, size_t size)
{
	struct text text = { buf, buf + size, b->k, NULL };

	for (unsigned i = 0; i < NNAMES; i++) {
		unsigned ifindex = sim_link_index(b->k, names[i]);

		text.device = names[i];
		for (enum af af = V4; af < NFAMILIES; af++) {
			if (!ifindex)
				continue;
			say(&text, "%s %s%s", names[i],
			    sim_vif_of(b->k, af, ifindex) != NOVIF ? "vif" : "",
			    sim_listens(b->k, af, ifindex, LISTEN_MRD) ? " heard\n" : "\n");
			sim_members(b->k, ifindex, af, say_member, &text);
		}
	}
	for (enum af af = V4; af < NFAMILIES; af++)
		sim_entries(b->k, af, say_entry, &text);
	say_sources(&text, b);
}

static void check(struct twins *t, unsigned round)
{
	static char text[2][16384];

	forget_sent(&t->bed[0]);
	forget_sent(&t->bed[1]);
	advance(t, SEC(30));
	describe(&t->bed[0], text[0], sizeof(text[0]));
	describe(&t->bed[1], text[1], sizeof(text[1]));
	if (!strcmp(text[0], text[1]))
		return;
	print_error("SEED=%llu round %u: who heard all has\n%swho lost news has\n%s",
		    (unsigned long long)t->seed, round, text[0], text[1]);
	fail();
}

static void round_of(struct twins *t, unsigned round)
{
	struct sim_kern *k = t->bed[1].k;

	k->hold = true;
	k->max_news = below(t, 2) ? 5000 : 1 + below(t, 10);
	for (unsigned n = 1 + below(t, 12); n; n--) {
		happen(t);
		if (!below(t, 4))
			bed_work(&t->bed[1]);
		if (!below(t, 6))
			sim_overrun(k);
		if (!below(t, 6))
			sim_deliver(k);
		if (!below(t, 4))
			advance(t, below(t, 1500));
	}
	sim_deliver(k);
	k->hold = false;
	advance(t, SEC(60));
	check(t, round);
}

static void run(uint64_t seed)
{
	struct twins t;

	begin(&t, seed);
	for (unsigned round = 0; round < NROUNDS; round++)
		round_of(&t, round);
	end(&t);
}

static void who_loses_news_ends_like_who_does_not(void **state)
{
	(void)state;
	bed_seeds(run, 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_loses_news_ends_like_who_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
