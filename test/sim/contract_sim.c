/* contract_sim.c - the calls of module.h that configured routes do not use, by two made-up engines
 *
 * "teller" says what listeners want, as the engine of IGMP and MLD will; "follower" follows it,
 * listens, sends, joins, and can refuse a configuration.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sim/bed.h"
#include "sim/datagram.h"

#define MAXKNOWN 2048

/* What the teller says of a group. */
struct known {
	unsigned slot;
	struct membership m;
};

struct probe {
	struct engine engine;	      /* first */
	char heard[2048];	      /* what the core called, a line each */
	struct known known[MAXKNOWN]; /* the teller's, by slot and group */
	unsigned nknown;
	bool querier;
	struct iface iface; /* of the last event */
	uint8_t last[128];  /* that came out of the tunnel */
};

struct pair {
	struct bed bed;
	struct sim_kern *k; /* the bed's */
	struct probe *teller[NFAMILIES], *follower[NFAMILIES];
	int eth0, eth1, eth2, tunnel;
};

static struct pair *making;

static struct probe *probe_of(struct engine *e)
{
	return container_of(e, struct probe, engine);
}

static void note(struct engine *e, const char *fmt, ...) PRINTF(2, 3);

static void note(struct engine *e, const char *fmt, ...)
{
	struct probe *p = probe_of(e);
	size_t len = strlen(p->heard);
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->heard + len, sizeof(p->heard) - len, fmt, args);
	va_end(args);
}

static struct engine *probe_create(void)
{
	struct probe *p = xcalloc(1, sizeof(*p));

	return &p->engine;
}

static void probe_destroy(struct engine *e)
{
	free(probe_of(e));
}

static void teller_start(struct engine *e)
{
	making->teller[e->af] = probe_of(e);
	making->eth0 = e->host->op->slot(e->host, "eth0");
	making->eth1 = e->host->op->slot(e->host, "eth1");
	making->eth2 = e->host->op->slot(e->host, "eth2");
	making->tunnel = e->host->op->slot(e->host, TUNNEL_NAME);
}

static void follower_start(struct engine *e)
{
	making->follower[e->af] = probe_of(e);
}

static void *conf_new(void)
{
	return xcalloc(1, sizeof(bool));
}

static int parse_contradict(struct reader *r, void *conf)
{
	*(bool *)conf = true;
	return words_end(&r->words);
}

static const struct statement follower_statements[] = {
	{ "contradict", "", "makes the whole refused", parse_contradict },
	{ 0 },
};

static int follower_check(struct reader *r, void *conf)
{
	bool *wrong = conf;

	if (!*wrong)
		return 0;
	*wrong = false;
	return words_error(&r->words, "lines contradict one another");
}

static void probe_configure(struct engine *e, void *conf, bool keep)
{
	(void)keep;
	(void)conf;
	(void)keep;
	note(e, "configured\n");
}

static void follower_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	probe_of(e)->iface = *iface;
	note(e, "%s %s %s %u\n", e->host->op->ifname(e->host, slot),
	     iface->present ? "there" : "gone", iface->up ? "up" : "down", iface->naddresses);
}

static void follower_packet(struct engine *e, const struct packet *p)
{
	note(e, "packet %u from %s on %s\n", p->proto, ip_str(p->src),
	     e->host->op->ifname(e->host, p->slot));
	if (p->proto == PROTO_IP && p->len <= sizeof(probe_of(e)->last))
		memcpy(probe_of(e)->last, p->data, p->len);
}

static void follower_upcall(struct engine *e, const struct upcall *u)
{
	static const char *const kind[] = { "no route", "wrong interface", "recalled" };

	note(e, "%s %s on %s\n", kind[u->kind], sg_str(&u->sg),
	     e->host->op->ifname(e->host, u->arrival));
}

/* It declares routes, and needs no upcall for it. */
static void teller_upcall(struct engine *e, const struct upcall *u)
{
	(void)e;
	(void)u;
}

static const char *mode_name(const struct membership *m)
{
	return m->mode == FILTER_EXCLUDE ? "exclude" : "include";
}

/* What it is told is what it finds if it looks. */
static void follower_member(struct engine *e, unsigned slot, const struct membership *m)
{
	struct membership now;

	note(e, "%s %s %s %u\n", e->host->op->ifname(e->host, slot), ip_str(m->group), mode_name(m),
	     m->nsources);
	e->host->op->membership(e, slot, m->group, &now);
	assert_int_equal(now.mode, m->mode);
	assert_int_equal(now.nsources, m->nsources);
}

static void follower_querier(struct engine *e, unsigned slot, bool on)
{
	note(e, "%s %s\n", e->host->op->ifname(e->host, slot), on ? "querier" : "not querier");
	assert_int_equal(e->host->op->is_querier(e, slot), on);
	assert_int_equal(e->host->op->querying(e, slot).robustness, on ? 2 : 3);
}

static void teller_followed(struct engine *e, unsigned slot, bool on)
{
	note(e, "%s %s\n", e->host->op->ifname(e->host, slot), on ? "followed" : "not followed");
}

static void teller_membership(struct engine *e, unsigned slot, struct ip group,
			      struct membership *m)
{
	struct probe *p = probe_of(e);

	for (unsigned i = 0; i < p->nknown; i++) {
		if (p->known[i].slot == slot && ip_eq(p->known[i].m.group, group))
			*m = p->known[i].m;
	}
}

static bool teller_next_group(struct engine *e, unsigned slot, struct ip after, struct ip *group)
{
	struct probe *p = probe_of(e);
	bool found = false;

	for (unsigned i = 0; i < p->nknown; i++) {
		struct ip ip = p->known[i].m.group;

		if (p->known[i].slot != slot || ip_cmp(ip, after) <= 0 ||
		    (found && ip_cmp(ip, *group) > 0))
			continue;
		*group = ip;
		found = true;
	}
	return found;
}

static struct querying teller_querying(struct engine *e, unsigned slot)
{
	(void)slot;
	return (struct querying){ SEC(125), probe_of(e)->querier ? 2 : 3 };
}

static bool teller_is_querier(struct engine *e, unsigned slot)
{
	(void)slot;
	return probe_of(e)->querier;
}

static void teller_learn(struct probe *p, unsigned slot, const struct membership *m)
{
	unsigned i = 0;

	while (i < p->nknown && (p->known[i].slot != slot || !ip_eq(p->known[i].m.group, m->group)))
		i++;
	if (m->mode == FILTER_INCLUDE && !m->nsources) {
		if (i < p->nknown)
			p->known[i] = p->known[--p->nknown];
		return;
	}
	assert_true(i < MAXKNOWN);
	p->known[i] = (struct known){ slot, *m };
	if (i == p->nknown)
		p->nknown++;
}

static struct ifset all_slots(struct engine *e)
{
	(void)e;
	return (struct ifset){ 15 };
}

static const struct module teller = {
	.name = "teller",
	.conf_new = conf_new,
	.conf_free = free,
	.create = probe_create,
	.start = teller_start,
	.destroy = probe_destroy,
	.configure = probe_configure,
	.upcall = teller_upcall,
	.followed = teller_followed,
	.membership = teller_membership,
	.next_group = teller_next_group,
	.is_querier = teller_is_querier,
	.querying = teller_querying,
	.slots = all_slots,
};

static const struct module follower = {
	.name = "follower",
	.statements = follower_statements,
	.conf_new = conf_new,
	.conf_free = free,
	.check = follower_check,
	.create = probe_create,
	.start = follower_start,
	.destroy = probe_destroy,
	.configure = probe_configure,
	.iface = follower_iface,
	.packet = follower_packet,
	.upcall = follower_upcall,
	.member = follower_member,
	.querier = follower_querier,
};

static struct pair *pair_new(void)
{
	static const struct module *const modules[] = { &teller, &follower, NULL };
	struct pair *b = xcalloc(1, sizeof(*b));

	making = b;
	bed_begin(&b->bed, modules, "");
	b->k = b->bed.k;
	router_start(b->bed.r);
	for (enum af af = V4; af <= V6; af++)
		*b->follower[af]->heard = *b->teller[af]->heard = '\0';
	return b;
}

static void pair_free(struct pair *b)
{
	bed_end(&b->bed);
	free(b);
}

static void work(struct pair *b)
{
	bed_work(&b->bed);
}

/* What the engine heard since the last question. */
static const char *heard(struct probe *p)
{
	static char text[sizeof(p->heard)];

	memcpy(text, p->heard, sizeof(text));
	*p->heard = '\0';
	return text;
}

static void tell(struct pair *b, int slot, const char *group, enum filter_mode mode,
		 unsigned nsources)
{
	static struct ip source[2];
	struct ip grp = bed_ip(group);
	struct engine *e = &b->teller[ip_family(grp)]->engine;
	struct membership m = { grp, mode, source, nsources };

	source[0] = bed_ip("10.0.0.1");
	source[1] = bed_ip("10.0.0.2");
	teller_learn(b->teller[ip_family(grp)], slot, &m);
	e->host->op->member(e, slot, &m);
	work(b);
}

static void a_follower_hears_each_change_of_its_interfaces(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;

	(void)state;
	e->host->op->members(e, b->eth0, true);
	tell(b, b->eth0, "239.1.1.1", FILTER_EXCLUDE, 0);
	assert_string_equal(heard(b->follower[V4]), "eth0 239.1.1.1 exclude 0\n");
	tell(b, b->eth0, "239.1.1.1", FILTER_INCLUDE, 2);
	tell(b, b->eth0, "239.1.1.1", FILTER_INCLUDE, 0);
	assert_string_equal(heard(b->follower[V4]), "eth0 239.1.1.1 include 2\n"
						    "eth0 239.1.1.1 include 0\n");
	tell(b, b->eth1, "239.1.1.1", FILTER_EXCLUDE, 0);
	tell(b, b->eth0, "ff0e::1", FILTER_EXCLUDE, 0);
	assert_string_equal(heard(b->follower[V4]), "");
	assert_string_equal(heard(b->follower[V6]), "");
	pair_free(b);
}

static void who_follows_later_hears_what_is_known(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;

	(void)state;
	tell(b, b->eth0, "239.1.1.2", FILTER_EXCLUDE, 1);
	tell(b, b->eth0, "239.1.1.1", FILTER_INCLUDE, 2);
	tell(b, b->eth0, "239.1.1.3", FILTER_EXCLUDE, 0);
	tell(b, b->eth0, "239.1.1.3", FILTER_INCLUDE, 0);
	tell(b, b->eth1, "239.1.1.9", FILTER_EXCLUDE, 0);
	e->host->op->members(e, b->eth0, true);
	assert_string_equal(heard(b->follower[V4]), ""); /* not from within the call */
	work(b);
	assert_string_equal(heard(b->follower[V4]), "eth0 239.1.1.1 include 2\n"
						    "eth0 239.1.1.2 exclude 1\n");
	e->host->op->members(e, b->eth1, true);
	e->host->op->members(e, b->eth1, false);
	work(b);
	assert_string_equal(heard(b->follower[V4]), "");
	pair_free(b);
}

static void the_database_hears_who_is_followed(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;

	(void)state;
	e->host->op->members(e, b->eth0, true);
	e->host->op->members(e, b->eth1, true);
	assert_string_equal(heard(b->teller[V4]), ""); /* not from within the call */
	work(b);
	assert_string_equal(heard(b->teller[V4]), "eth0 followed\neth1 followed\n");
	e->host->op->members(e, b->eth1, true);
	e->host->op->members(e, b->eth0, false);
	e->host->op->members(e, b->eth0, true);
	work(b);
	assert_string_equal(heard(b->teller[V4]), "");
	e->host->op->members(e, b->eth1, false);
	work(b);
	assert_string_equal(heard(b->teller[V4]), "eth1 not followed\n");
	assert_string_equal(heard(b->teller[V6]), "");
	pair_free(b);
}

static void a_follower_hears_who_is_querier(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine, *t = &b->teller[V4]->engine;

	(void)state;
	e->host->op->members(e, b->eth0, true);
	b->teller[V4]->querier = true;
	t->host->op->querier(t, b->eth0);
	t->host->op->querier(t, b->eth1);
	assert_string_equal(heard(b->follower[V4]), "eth0 querier\n");
	b->teller[V4]->querier = false;
	t->host->op->querier(t, b->eth0);
	assert_string_equal(heard(b->follower[V4]), "eth0 not querier\n");
	pair_free(b);
}

/*
 * What changes while the rest is still on its way is heard once, and as it is; of what ends, an
 * engine that follows anew may know, so that it hears of that at once.
 */
static void a_change_during_the_replay_is_heard_once(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	char group[IP_STRLEN];

	(void)state;
	for (unsigned i = 1; i < 5; i++) {
		snprintf(group, sizeof(group), "239.1.1.%u", i);
		tell(b, b->eth0, group, FILTER_EXCLUDE, 0);
	}
	e->host->op->members(e, b->eth0, true);
	teller_learn(b->teller[V4], b->eth0,
		     &(struct membership){ bed_ip("239.1.1.3"), FILTER_INCLUDE, NULL, 0 });
	e->host->op->member(&b->teller[V4]->engine, b->eth0,
			    &(struct membership){ bed_ip("239.1.1.3"), FILTER_INCLUDE, NULL, 0 });
	e->host->op->member(&b->teller[V4]->engine, b->eth0,
			    &(struct membership){ bed_ip("239.1.1.4"), FILTER_EXCLUDE, NULL, 0 });
	assert_string_equal(heard(b->follower[V4]), "eth0 239.1.1.3 include 0\n");
	work(b);
	assert_string_equal(heard(b->follower[V4]), "eth0 239.1.1.1 exclude 0\n"
						    "eth0 239.1.1.2 exclude 0\n"
						    "eth0 239.1.1.4 exclude 0\n");
	pair_free(b);
}

static void thousands_of_groups_are_replayed_in_slices(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	unsigned slices = 0;
	char group[IP_STRLEN];

	(void)state;
	for (unsigned i = 0; i < 2000; i++) {
		snprintf(group, sizeof(group), "239.1.%u.%u", i / 200, 1 + i % 200);
		tell(b, b->eth0, group, FILTER_EXCLUDE, 0);
	}
	e->host->op->members(e, b->eth0, true);
	do {
		heard(b->follower[V4]);
		slices++;
	} while (router_work(b->bed.r));
	assert_in_range(slices, 5, 50);
	pair_free(b);
}

static void a_module_can_refuse_the_whole(void **state)
{
	struct pair *b = pair_new();

	(void)state;
	sim_file(b->k, BED_CONF, "contradict\n");
	assert_false(bed_reload(&b->bed));
	assert_string_equal(heard(b->follower[V4]), "");
	sim_file(b->k, BED_CONF, "\n");
	assert_true(bed_reload(&b->bed));
	assert_string_equal(heard(b->follower[V4]), "configured\n");
	pair_free(b);
}

static void an_engine_hears_of_its_interfaces(void **state)
{
	struct pair *b = pair_new();
	struct prefix v4 = { bed_ip("10.0.0.1"), 24 }, v6 = { bed_ip("fd00::1"), 64 };

	(void)state;
	sim_address(b->k, 1, &v4, true);
	assert_string_equal(heard(b->follower[V4]), "eth0 there up 1\n");
	assert_string_equal(heard(b->follower[V6]), "eth0 there up 0\n");
	sim_address(b->k, 1, &v6, true);
	assert_string_equal(heard(b->follower[V6]), "eth0 there up 1\n");
	heard(b->follower[V4]);
	sim_link(b->k, &(struct link){ .ifindex = 1, .name = "eth0", .multicast = true });
	assert_string_equal(heard(b->follower[V4]), "eth0 there down 1\n");
	sim_link_gone(b->k, 1); /* an address of IPv6 first, then ours, then itself */
	assert_string_equal(heard(b->follower[V4]),
			    "eth0 there down 1\neth0 there down 0\neth0 gone down 0\n");
	sim_link_up(b->k, 7, "eth9"); /* nobody's */
	assert_string_equal(heard(b->follower[V4]), "");
	pair_free(b);
}

static void address(struct pair *b, const char *text, bool on)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	sim_address(b->k, 1, &p, on);
}

/* Of eth0, as engines see it. */
static const char *address_at(struct pair *b, enum af af, unsigned i)
{
	static char text[IP_STRLEN];
	struct engine *e = &b->follower[af]->engine;
	struct iface iface = e->host->op->iface(e, b->eth0);

	return i < iface.naddresses ? ip_format(text, iface.address[i].ip) : "none";
}

/* The oldest stands first, whether it was heard of or listed when news were lost. */
static void addresses_keep_their_order_when_news_are_lost(void **state)
{
	struct pair *b = pair_new();

	(void)state;
	address(b, "10.0.0.1/24", true);
	address(b, "10.0.1.1/24", true);
	address(b, "10.0.2.1/24", true);
	address(b, "fe80::1/64", true);
	address(b, "fe80::2/64", true);
	assert_string_equal(address_at(b, V4, 0), "10.0.0.1");
	assert_string_equal(address_at(b, V6, 0), "fe80::1");
	sim_overrun(b->k);
	assert_string_equal(address_at(b, V4, 0), "10.0.0.1");
	assert_string_equal(address_at(b, V6, 0), "fe80::1");

	b->k->hold = true;
	address(b, "10.0.0.1/24", false);
	address(b, "10.0.0.1/24", true);
	address(b, "10.0.2.1/24", false);
	address(b, "10.0.3.1/24", true);
	address(b, "fe80::1/64", false);
	address(b, "fe80::3/64", true);
	address(b, "fe80::1/64", true);
	sim_overrun(b->k);
	sim_deliver(b->k);
	assert_non_null(strstr(heard(b->follower[V4]), "eth0 there up 3\n"));
	assert_string_equal(address_at(b, V4, 3), "none");
	assert_string_equal(address_at(b, V6, 3), "none");
	assert_string_equal(address_at(b, V4, 0), "10.0.1.1");
	assert_string_equal(address_at(b, V6, 0), "fe80::2");
	assert_string_equal(address_at(b, V4, 1), "10.0.0.1");
	assert_string_equal(address_at(b, V6, 1), "fe80::3");
	pair_free(b);
}

/* Two devices change their names, be it told in one listing or step by step. */
static void swapped_names_keep_what_each_is_wanted_for(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct ip group = bed_ip("239.1.1.1");

	(void)state;
	for (int slot = b->eth0; slot <= b->eth1; slot++)
		e->host->op->join(e, slot, &(struct membership){ group, FILTER_EXCLUDE, NULL, 0 });
	e->host->op->listen(e, b->eth0, LISTEN_PIM, true);
	work(b);
	for (unsigned i = 0; i < 4; i++) {
		unsigned eth0 = sim_link_index(b->k, "eth0"), eth1 = 3 - eth0;

		b->k->hold = true;
		sim_link_up(b->k, eth0, "spare");
		sim_link_up(b->k, eth1, "eth0");
		sim_link_up(b->k, eth0, "eth1");
		if (i < 2)
			sim_overrun(b->k);
		sim_deliver(b->k);
		work(b);
		assert_non_null(sim_member(b->k, 1, group));
		assert_non_null(sim_member(b->k, 2, group));
		assert_true(sim_listens(b->k, V4, eth1, LISTEN_PIM));
		assert_false(sim_listens(b->k, V4, eth0, LISTEN_PIM));
	}
	b->k->hold = false;
	pair_free(b);
}

static void packets_come_where_they_are_listened_for(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct packet in = { .proto = PROTO_IGMP,
			     .src = bed_ip("10.0.0.9"),
			     .dst = bed_ip("239.1.1.1") };

	(void)state;
	sim_receive(b->k, 1, &in);
	assert_string_equal(heard(b->follower[V4]), "");
	e->host->op->listen(e, b->eth0, LISTEN_MEMBERS, true);
	work(b);
	assert_int_not_equal(sim_vif_of(b->k, V4, 1), NOVIF);
	assert_true(sim_receive(b->k, 1, &in));
	assert_string_equal(heard(b->follower[V4]), "packet 2 from 10.0.0.9 on eth0\n");
	in.proto = PROTO_PIM;
	sim_receive(b->k, 1, &in);
	assert_string_equal(heard(b->follower[V4]), "");

	/* a device that is made again is listened on again */
	sim_link_gone(b->k, 1);
	sim_link_up(b->k, 5, "eth0");
	work(b);
	heard(b->follower[V4]);
	in.proto = PROTO_IGMP;
	assert_true(sim_receive(b->k, 5, &in));
	assert_string_equal(heard(b->follower[V4]), "packet 2 from 10.0.0.9 on eth0\n");

	/* where it could not be, it is tried again when the device changes */
	sim_link_gone(b->k, 5);
	sim_refuse(b->k, SIM_LISTEN, "no room", 1);
	sim_link_up(b->k, 5, "eth0");
	work(b);
	assert_false(sim_receive(b->k, 5, &in));
	sim_address(b->k, 5, &(struct prefix){ bed_ip("10.0.0.1"), 24 }, true);
	work(b);
	assert_true(sim_receive(b->k, 5, &in));
	heard(b->follower[V4]);
	e->host->op->listen(e, b->eth0, LISTEN_MEMBERS, false);
	work(b);
	assert_false(sim_receive(b->k, 5, &in));
	assert_int_equal(sim_vif_of(b->k, V4, 5), NOVIF);
	pair_free(b);
}

static void a_device_with_another_name_is_let_go(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct ip group = bed_ip("239.1.1.1");

	(void)state;
	e->host->op->listen(e, b->eth0, LISTEN_MEMBERS, true);
	e->host->op->join(e, b->eth0, &(struct membership){ group, FILTER_EXCLUDE, NULL, 0 });
	work(b);
	sim_link_up(b->k, 1, "lan0");
	work(b);
	assert_false(sim_listens(b->k, V4, 1, LISTEN_MEMBERS));
	assert_null(sim_member(b->k, 1, group));
	assert_int_equal(sim_vif_of(b->k, V4, 1), NOVIF);
	assert_string_equal(e->host->op->joined(e, b->eth0, group), "no such interface");
	sim_link_up(b->k, 2, "eth0");
	work(b);
	assert_true(sim_listens(b->k, V4, 2, LISTEN_MEMBERS));
	assert_non_null(sim_member(b->k, 2, group));
	pair_free(b);
}

static void packets_leave_by_the_slots_device(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct packet out = { .proto = PROTO_PIM,
			      .slot = b->eth1,
			      .dst = bed_ip("224.0.0.13"),
			      .ttl = 1,
			      .data = "hi",
			      .len = 2 };
	struct sim_sent *sent;

	(void)state;
	assert_int_equal(e->host->op->send(e, &out, NULL), SENT);
	sent = sim_sent(b->k);
	assert_int_equal(sent->ifindex, 2);
	assert_memory_equal(sent->packet.data, "hi", 2);
	free(sent);
	sim_link_gone(b->k, 2);
	assert_int_equal(e->host->op->send(e, &out, NULL), SEND_FAILED);
	out.slot = NOSLOT;
	assert_int_equal(e->host->op->send(e, &out, NULL), SENT);
	sent = sim_sent(b->k);
	assert_int_equal(sent->ifindex, 0);
	free(sent);
	pair_free(b);
}

static void memberships_of_two_engines_do_not_mix(void **state)
{
	struct pair *b = pair_new();
	struct engine *x = &b->teller[V4]->engine, *y = &b->follower[V4]->engine;
	struct ip group = bed_ip("239.1.1.1"), source = bed_ip("10.0.0.1");

	(void)state;
	x->host->op->join(x, b->eth0, &(struct membership){ group, FILTER_EXCLUDE, NULL, 0 });
	y->host->op->join(y, b->eth0, &(struct membership){ group, FILTER_INCLUDE, &source, 1 });
	work(b);
	assert_null(x->host->op->joined(x, b->eth0, group));
	assert_int_equal(sim_member(b->k, 1, group)->mode, FILTER_EXCLUDE);
	x->host->op->join(x, b->eth0, &(struct membership){ group, FILTER_INCLUDE, NULL, 0 });
	work(b);
	assert_non_null(x->host->op->joined(x, b->eth0, group));
	assert_int_equal(sim_member(b->k, 1, group)->mode, FILTER_INCLUDE);
	sim_refuse(b->k, SIM_JOIN, "No buffer space available", 1);
	group = bed_ip("239.1.1.2");
	y->host->op->join(y, b->eth0, &(struct membership){ group, FILTER_EXCLUDE, NULL, 0 });
	work(b);
	assert_string_equal(y->host->op->joined(y, b->eth0, group), "No buffer space available");

	/* and tried again */
	sim_refuse(b->k, SIM_JOIN, "No buffer space available", 1);
	for (unsigned i = 0; i < 2; i++) {
		assert_null(sim_member(b->k, 1, group));
		bed_advance(&b->bed, SEC(10));
	}
	assert_null(y->host->op->joined(y, b->eth0, group));
	assert_int_equal(sim_member(b->k, 1, group)->mode, FILTER_EXCLUDE);
	pair_free(b);
}

static bool forwards(struct pair *b, const char *source, unsigned iif, unsigned oif)
{
	return sim_forwards(b->k, (struct sg){ bed_ip(source), bed_ip("239.1.1.1") }, iif, oif);
}

static void arrive(struct pair *b, const char *source, unsigned ifindex)
{
	struct sim_packet packet = {
		.af = V4, .sg = { bed_ip(source), bed_ip("239.1.1.1") }, .ttl = 9, .len = 100
	};

	sim_packet(b->k, ifindex, &packet);
	work(b);
}

/* The teller's wish for (10.0.0.1,239.1.1.1) from eth0 to these. */
static void want(struct pair *b, struct ifset oifs)
{
	struct engine *e = &b->teller[V4]->engine;

	e->host->op->route(e, &(struct route){ .sg = bed_sg("10.0.0.1", "239.1.1.1"),
					       .iif = b->eth0,
					       .oifs = oifs });
	work(b);
}

/* Whether a packet of it that comes in there is told of. */
static bool is_told(struct pair *b, unsigned ifindex)
{
	arrive(b, "10.0.0.1", ifindex);
	return *heard(b->follower[V4]);
}

static void a_new_outgoing_interface_is_told_of_at_once(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct counters c;

	(void)state;
	e->host->op->listen(e, b->eth1, LISTEN_DATA, true);
	e->host->op->listen(e, b->eth2, LISTEN_DATA, true);
	want(b, ifset_of(b->eth1));
	arrive(b, "10.0.0.1", 1);
	assert_true(is_told(b, 3) && !is_told(b, 3) && !is_told(b, 2));
	want(b, ifset_of(b->eth1));
	assert_false(is_told(b, 3));
	want(b, ifset_of(b->eth2));
	assert_true(is_told(b, 3) && !is_told(b, 2));
	want(b, ifset_none());
	assert_false(is_told(b, 3));

	/* what was counted stays so */
	assert_true(e->host->op->counters(e, bed_sg("10.0.0.1", "239.1.1.1"), &c));
	assert_int_equal(c.packets, 1);
	assert_int_equal(c.wrong, 7);
	pair_free(b);
}

static void an_alert_makes_the_kernel_tell_again(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct sim_entry entry;

	(void)state;
	e->host->op->listen(e, b->eth2, LISTEN_DATA, true);
	want(b, ifset_of(b->eth1));
	assert_true(is_told(b, 3) && !is_told(b, 3));
	e->host->op->alert(e, bed_sg("10.0.0.2", "239.1.1.1"));
	e->host->op->alert(e, bed_sg("0.0.0.0", "239.1.1.2"));
	work(b);
	assert_false(is_told(b, 3));
	e->host->op->alert(e, bed_sg("10.0.0.1", "239.1.1.1"));
	work(b);
	assert_true(is_told(b, 3) && !is_told(b, 3));
	e->host->op->alert(e, bed_sg("0.0.0.0", "239.1.1.1"));
	work(b);
	assert_true(forwards(b, "10.0.0.1", 1, 2));

	/* it is left alone as long as it would tell anyway */
	e->host->op->alert(e, bed_sg("10.0.0.1", "239.1.1.1"));
	arrive(b, "10.0.0.1", 1);
	e->host->op->alert(e, bed_sg("10.0.0.1", "239.1.1.1"));
	work(b);
	assert_true(sim_entry(b->k, V4, bed_sg("10.0.0.1", "239.1.1.1"), &entry));
	assert_int_equal(entry.counters.packets, 1);
	assert_true(is_told(b, 3));
	pair_free(b);
}

/* The teller's wish for a wildcard; to @oif < 0 it is taken back. */
static void wild(struct pair *b, int iif, int oif)
{
	struct engine *e = &b->teller[V4]->engine;
	struct route route = { .sg = { bed_ip("0.0.0.0"), bed_ip("239.1.1.1") }, .iif = iif };

	if (oif >= 0) {
		route.oifs = ifset_of(oif);
		e->host->op->route(e, &route);
	} else {
		e->host->op->unroute(e, route.sg, iif);
	}
	work(b);
}

static void a_wildcard_forwards_every_source_without_an_upcall(void **state)
{
	struct pair *b = pair_new();

	(void)state;
	wild(b, b->eth0, b->eth1);
	assert_true(forwards(b, "10.0.0.1", 1, 2) && forwards(b, "10.0.0.2", 1, 2));
	arrive(b, "10.0.0.1", 1);
	assert_string_equal(heard(b->follower[V4]), "");
	assert_int_equal(sim_nentries(b->k, V4), 1);

	/* what comes in the wrong way is told, and does not stop the source where it is right */
	arrive(b, "10.0.0.1", 2);
	assert_string_equal(heard(b->follower[V4]),
			    "wrong interface (10.0.0.1,239.1.1.1) on eth1\n");
	assert_int_equal(sim_nentries(b->k, V4), 1);
	assert_true(forwards(b, "10.0.0.1", 1, 2));
	wild(b, b->eth0, -1);
	assert_int_equal(sim_nentries(b->k, V4), 0);
	pair_free(b);
}

static void a_wildcard_is_left_out_where_another_engine_listens(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;

	(void)state;
	wild(b, b->eth0, b->eth1);
	e->host->op->listen(e, b->eth1, LISTEN_DATA, true);
	work(b);
	assert_int_equal(sim_nentries(b->k, V4), 0);
	arrive(b, "10.0.0.1", 2);
	arrive(b, "10.0.0.2", 1);
	assert_string_equal(heard(b->follower[V4]), "no route (10.0.0.1,239.1.1.1) on eth1\n"
						    "no route (10.0.0.2,239.1.1.1) on eth0\n");
	assert_int_equal(sim_nentries(b->k, V4), 2);

	/* back, and in the place of the entries that kept unwanted sources quiet */
	e->host->op->listen(e, b->eth1, LISTEN_DATA, false);
	work(b);
	assert_int_equal(sim_nentries(b->k, V4), 1);
	assert_true(forwards(b, "10.0.0.2", 1, 2));
	pair_free(b);
}

static void wildcards_of_a_group_must_not_send_to_one_another(void **state)
{
	struct pair *b = pair_new();

	(void)state;
	wild(b, b->eth0, b->eth2);
	wild(b, b->eth1, b->eth2);
	assert_int_equal(sim_nentries(b->k, V4), 2);
	assert_true(forwards(b, "10.0.0.1", 1, 3) && forwards(b, "10.0.0.1", 2, 3));
	wild(b, b->eth1, b->eth0);
	assert_int_equal(sim_nentries(b->k, V4), 0);
	wild(b, b->eth1, b->eth2);
	assert_int_equal(sim_nentries(b->k, V4), 2);
	wild(b, b->eth1, -1);
	assert_int_equal(sim_nentries(b->k, V4), 1);
	assert_true(forwards(b, "10.0.0.1", 1, 3));
	assert_int_equal(b->k->noops, 0);
	pair_free(b);
}

static void a_wildcard_follows_a_device_that_is_made_again(void **state)
{
	struct pair *b = pair_new();

	(void)state;
	wild(b, b->eth0, b->eth1);
	sim_link_gone(b->k, 1);
	work(b);
	assert_int_equal(sim_nentries(b->k, V4), 0);
	sim_link_up(b->k, 9, "eth0");
	work(b);
	assert_int_equal(sim_nentries(b->k, V4), 1);
	assert_true(forwards(b, "10.0.0.1", 9, 2));
	pair_free(b);
}

static void a_wildcard_is_inherited(void **state)
{
	struct pair *b = pair_new();
	struct mfc_entry entry = { .sg = { bed_ip("0.0.0.0"), bed_ip("239.1.1.1") }, .parent = 0 };

	(void)state;
	b->k->kern.op->vif_add(&b->k->kern, V4, 0, 1);
	b->k->kern.op->vif_add(&b->k->kern, V4, 1, 2);
	entry.ttl[0] = entry.ttl[1] = 1;
	b->k->kern.op->mfc_set(&b->k->kern, V4, &entry);
	router_inherit_vif(b->bed.r, V4, 0, 1);
	router_inherit_vif(b->bed.r, V4, 1, 2);
	router_inherit_entry(b->bed.r, V4, &entry);
	b->k->writes = 0;
	wild(b, b->eth0, b->eth1);
	clock_advance(&b->bed.clock, b->bed.clock.now + SEC(40));
	work(b);
	assert_int_equal(b->k->writes, 0);
	assert_true(forwards(b, "10.0.0.1", 1, 2));
	wild(b, b->eth0, -1);
	assert_int_equal(sim_nentries(b->k, V4), 0);
	pair_free(b);
}

static void tunnel(struct pair *b, enum af af, bool on)
{
	struct engine *e = &b->follower[af]->engine;

	e->host->op->tunnel(e, on);
	work(b);
	bed_advance(&b->bed, 0);
}

/* One tunnel for all engines, as long as one of them wants it. */
static void a_tunnel_is_there_while_an_engine_wants_it(void **state)
{
	struct pair *b = pair_new();

	(void)state;
	tunnel(b, V4, true);
	assert_string_equal(heard(b->follower[V4]), "pimreg there down 0\npimreg there up 0\n");
	tunnel(b, V6, true);
	tunnel(b, V4, false);
	assert_int_not_equal(sim_link_index(b->k, TUNNEL_NAME), 0);
	heard(b->follower[V6]);
	tunnel(b, V6, false);
	assert_string_equal(heard(b->follower[V6]), "pimreg there down 0\npimreg gone down 0\n");
	assert_int_equal(sim_link_index(b->k, TUNNEL_NAME), 0);

	sim_refuse(b->k, SIM_TUNNEL, "Operation not permitted", 1);
	tunnel(b, V4, true);
	assert_non_null(strstr(b->bed.said, "pimreg: cannot make the tunnel: Operation not"));
	assert_int_equal(sim_link_index(b->k, TUNNEL_NAME), 0);
	sim_link_gone(b->k, 4); /* something about interfaces: tried again */
	sim_link_up(b->k, 2, "eth1");
	work(b);
	assert_int_not_equal(sim_link_index(b->k, TUNNEL_NAME), 0);
	tunnel(b, V4, false);
	pair_free(b);
}

/* A packet goes in at one router, and comes out of its tunnel again, to be forwarded. */
static void packets_go_through_the_tunnel(void **state)
{
	struct pair *b = pair_new();
	struct engine *e = &b->follower[V4]->engine;
	struct route into = { .sg = bed_sg("10.0.0.1", "239.1.1.1"), .iif = b->eth0 };
	struct route out = { .sg = bed_sg("10.0.0.2", "239.1.1.1"), .iif = b->tunnel };
	struct packet p = { .proto = PROTO_IP, .slot = b->tunnel };
	struct sim_packet other = { .af = V4, .sg = out.sg, .ttl = 9 };
	uint8_t bytes[128];

	(void)state;
	tunnel(b, V4, true);
	e->host->op->listen(e, b->tunnel, LISTEN_DATA, true);
	into.oifs = ifset_of(b->tunnel);
	e->host->op->route(e, &into);
	work(b);
	heard(b->follower[V4]);
	arrive(b, "10.0.0.1", 1);
	assert_string_equal(heard(b->follower[V4]), "packet 4 from 10.0.0.1 on pimreg\n");
	assert_null(strstr(heard(b->follower[V6]), "packet"));

	/* the same one comes back: the wrong way */
	p.data = b->follower[V4]->last;
	p.len = 100;
	assert_int_equal(e->host->op->send(e, &p, NULL), SENT);
	bed_advance(&b->bed, 0);
	assert_string_equal(heard(b->follower[V4]),
			    "wrong interface (10.0.0.1,239.1.1.1) on pimreg\n");

	/* another one, without a route at first */
	datagram_write(&other, bytes);
	p.data = bytes;
	p.len = datagram_size(&other);
	assert_int_equal(e->host->op->send(e, &p, NULL), SENT);
	bed_advance(&b->bed, 0);
	assert_string_equal(heard(b->follower[V4]), "no route (10.0.0.2,239.1.1.1) on pimreg\n");
	out.oifs = ifset_of(b->eth1);
	e->host->op->route(e, &out);
	work(b);
	memset(b->bed.out, 0, sizeof(b->bed.out));
	assert_int_equal(e->host->op->send(e, &p, NULL), SENT);
	assert_int_equal(b->bed.out[2], 1);

	/* without the tunnel nothing comes out, and all is as before when it is there again */
	tunnel(b, V4, false);
	heard(b->follower[V4]);
	arrive(b, "10.0.0.1", 1);
	assert_string_equal(heard(b->follower[V4]), "");
	assert_int_equal(e->host->op->send(e, &p, NULL), SEND_FAILED);
	tunnel(b, V4, true);
	heard(b->follower[V4]);
	arrive(b, "10.0.0.1", 1);
	assert_string_equal(heard(b->follower[V4]), "packet 4 from 10.0.0.1 on pimreg\n");
	assert_int_equal(e->host->op->send(e, &p, NULL), SENT);
	assert_int_equal(b->bed.out[2], 2);
	e->host->op->unroute(e, into.sg, into.iif);
	e->host->op->unroute(e, out.sg, out.iif);
	tunnel(b, V4, false);
	pair_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_follower_hears_each_change_of_its_interfaces),
		cmocka_unit_test(who_follows_later_hears_what_is_known),
		cmocka_unit_test(the_database_hears_who_is_followed),
		cmocka_unit_test(a_follower_hears_who_is_querier),
		cmocka_unit_test(a_change_during_the_replay_is_heard_once),
		cmocka_unit_test(thousands_of_groups_are_replayed_in_slices),
		cmocka_unit_test(a_module_can_refuse_the_whole),
		cmocka_unit_test(an_engine_hears_of_its_interfaces),
		cmocka_unit_test(addresses_keep_their_order_when_news_are_lost),
		cmocka_unit_test(swapped_names_keep_what_each_is_wanted_for),
		cmocka_unit_test(packets_come_where_they_are_listened_for),
		cmocka_unit_test(a_device_with_another_name_is_let_go),
		cmocka_unit_test(packets_leave_by_the_slots_device),
		cmocka_unit_test(memberships_of_two_engines_do_not_mix),
		cmocka_unit_test(a_new_outgoing_interface_is_told_of_at_once),
		cmocka_unit_test(an_alert_makes_the_kernel_tell_again),
		cmocka_unit_test(a_wildcard_forwards_every_source_without_an_upcall),
		cmocka_unit_test(a_wildcard_is_left_out_where_another_engine_listens),
		cmocka_unit_test(wildcards_of_a_group_must_not_send_to_one_another),
		cmocka_unit_test(a_wildcard_follows_a_device_that_is_made_again),
		cmocka_unit_test(a_wildcard_is_inherited),
		cmocka_unit_test(a_tunnel_is_there_while_an_engine_wants_it),
		cmocka_unit_test(packets_go_through_the_tunnel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
