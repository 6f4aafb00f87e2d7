/* pim_any_random.c - a whole router hears anything, from anybody, whatever happens meanwhile
 *
 * Messages of all types, right or with some bytes changed, from neighbors and strangers; data,
 * listeners, links, addresses, routes, other configurations, another process. Whenever it has
 * nothing more to do, what it stores and says upstream is what the macros of RFC 7761 say, and as
 * much as its limits allow. When all of it has ended long enough, nothing is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "pim-module/macros.h"
#include "sim/datagram.h"
#include "sim/pim_bed.h"

#define STEPS 400

/* Most entries, and neighbors of an interface. */
#define ENTRIES 12
#define NEIGHBORS 3
#define LIMITS "pim-limit entries 12 registers 20 neighbors 3\n"

#define ANY_OF(p, list) (list)[rng_below(&(p)->rng, NELEMS(list))]

/* A neighbor was told that (S,G) or (*,G) is joined with it, or (S,G,rpt) pruned. */
struct told {
	char ifname[8], to[16], sg[40];
	int64_t since; /* of the neighbor */
	bool by_other, is_rpt;
};

struct play {
	struct pim_bed *p;
	struct rng rng;
	struct told told[200];
	unsigned ntold;
	int64_t soon; /* the longest that an override takes */
};

static const char *const ifnames[] = { "eth0", "eth1", "eth2", "eth3" };
static const char *const groups[] = { "g1", "g1", "g2", "ssm1", "g3" };
static const char *const sources[] = { "s1", "s2", "eth1.100", "eth0.101", "s3" };
static const char *const routers[] = { "eth0.2", "eth0.2", "eth0.3", "eth1.2", "eth1.2",
				       "eth1.3", "eth2.2", "eth2.2", "eth0.4", "eth0.5",
				       "eth1.9", "eth3.2", "eth1.1" };
static const char *const rps[] = { "rp1", "rp1", "rp2", "own", "eth0/1", "eth1/1" };

static const char *const confs[] = {
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address rp1\n",
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address own\n",
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim passive\nrp-address rp1\n"
	"rp-address own g2/128\nspt-threshold infinity\n",
	"phyint eth0 pim dr-priority 9\nphyint eth1 pim\nphyint eth3 pim\nrp-address rp2\n"
	"spt-threshold packets 3 interval 10\nrpf s1 via eth0.3\n",
	"phyint eth0 pim\nphyint eth1 pim scoped g1\nphyint eth2 pim track-joins\n"
	"rp-address eth0/1\nneighbor-filter eth0.2 eth1.2 eth2.2\n",
	"phyint eth1 pim\nphyint eth2 pim altnet s1\n",
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nrp-address own\n"
	"spt-threshold packets 1 interval 5\n",
	"phyint eth0 pim scoped g1\nphyint eth1 pim\nphyint eth2 pim\nrp-address rp1\n"
	"rp-address rp2\n",
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nbsr-candidate own priority 100\n"
	"rp-candidate own\n",
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim bsr-unicast\n"
	"bsr-candidate eth0 interval 20\nbsr-candidate eth1/1 interval 15 scope zone5\n"
	"rp-candidate\nrp-candidate own priority 3 interval 10\ngroup-prefix zone5.1 all\n"
	"rp-candidate-filter rp1\nrp-candidate-filter rp2 range1\n",
	"phyint eth0 pim\nphyint eth1 pim bsr-border\nphyint eth2 pim scoped zone5\n"
	"phyint eth3 pim bsr-once\nrp-candidate eth1\nrp-filter rp1\nrp-address rp2\n",
	"phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\nbsr-filter rp1 rp2\n"
	"rp-candidate dummy0\nrp-address rp1\nrp-static-first\n",
	"",
};

static unsigned below(struct play *m, unsigned n)
{
	return rng_below(&m->rng, n);
}

static struct ip ip_of(const struct play *m, const char *name)
{
	return pim_bed_ip(m->p, name);
}

static struct sg any_sg(struct play *m)
{
	struct ip group = ip_of(m, ANY_OF(m, groups));

	return (struct sg){ ip_of(m, ANY_OF(m, sources)), group };
}

static int64_t any_holdtime(struct play *m)
{
	static const int seconds[] = { 0, 1, 3, 30, 105, 210, 210, -1 };
	int n = ANY_OF(m, seconds);

	return n < 0 ? MSG_FOREVER : SEC(n);
}

/* Messages */

static size_t any_hello(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t size)
{
	struct ip secondary[2] = { ip_of(m, "eth0/2"), ip_of(m, ANY_OF(m, sources)) };
	struct msg_hello hello = {
		.holdtime = below(m, 8) ? SEC(105) : any_holdtime(m),
		.has_lan_delay = below(m, 8),
		.no_suppression = below(m, 2),
		.propagation_delay = below(m, 1000),
		.override_interval = below(m, 5000),
		.has_dr_priority = below(m, 8),
		.dr_priority = below(m, 3),
		.has_genid = below(m, 8),
		.genid = below(m, 8) ? 1 : 2,
		.secondary = secondary,
		.nsecondary = below(m, 3),
	};

	return msg_hello_encode(ends, &hello, data, size);
}

/* A list of sources; how many. */
static unsigned any_list(struct play *m, struct msg_jp_source *list)
{
	unsigned n = below(m, 4);

	for (unsigned i = 0; i < n; i++) {
		list[i].kind = below(m, 3);
		list[i].ip = ip_of(m,
				   list[i].kind == JP_STAR_G ? ANY_OF(m, rps) : ANY_OF(m, sources));
	}
	return msg_jp_sort(list, n);
}

static size_t any_jp(struct play *m, const struct msg_ends *ends, const char *ifname, uint8_t *data,
		     size_t size)
{
	struct msg_jp_source list[3][2][4];
	struct msg_jp_group group[3];
	struct msg_jp jp = {
		.type = below(m, 16) ? MSG_JOIN_PRUNE : MSG_GRAFT_ACK,
		.holdtime = any_holdtime(m),
		.group = group,
		.ngroups = 1 + below(m, 3),
	};
	struct msg_jp_place at = { 0 };
	char name[16];

	snprintf(name, sizeof(name), "%.4s.%u", ifname, below(m, 2) ? 1 : 2 + below(m, 2));
	jp.upstream = below(m, 16) ? ip_of(m, name) : ip_any(m->p->af);
	for (unsigned i = 0; i < jp.ngroups; i++)
		group[i] = (struct msg_jp_group){
			.group = ip_of(m, ANY_OF(m, groups)),
			.join = list[i][0],
			.prune = list[i][1],
			.njoins = any_list(m, list[i][0]),
			.nprunes = any_list(m, list[i][1]),
		};
	return msg_jp_encode(ends, &jp, &at, data, size);
}

static size_t any_assert(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t size)
{
	struct msg_assert a = { .sg = any_sg(m), .rpt = below(m, 2) };
	static const unsigned preferences[] = { 0, 1, 110, 110, 200, MSG_INFINITE_PREFERENCE };
	static const unsigned metrics[] = { 0, 10, 20, 20, 30, MSG_INFINITE_METRIC };

	if (!below(m, 3))
		a.sg.src = ip_any(m->p->af);
	a.preference = ANY_OF(m, preferences);
	a.metric = ANY_OF(m, metrics);
	if (!below(m, 6))
		a = msg_assert_cancel(a.sg);
	return msg_assert_encode(ends, &a, data, size);
}

static size_t any_register(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t size)
{
	struct msg_register reg = { .sg = any_sg(m), .null = below(m, 2) };
	struct sim_packet inner = { .af = m->p->af, .sg = reg.sg, .ttl = 63, .len = 100 };
	uint8_t bytes[200];

	if (!reg.null) {
		reg.len = datagram_size(&inner);
		datagram_write(&inner, bytes);
		reg.data = bytes;
	}
	return msg_register_encode(ends, &reg, data, size);
}

static size_t any_stop(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t size)
{
	struct msg_register_stop stop = { any_sg(m) };

	if (!below(m, 3))
		stop.sg.src = ip_any(m->p->af);
	return msg_register_stop_encode(ends, &stop, data, size);
}

static struct msg_range any_range(struct play *m)
{
	struct prefix host = { ip_of(m, ANY_OF(m, groups)), af_bits(m->p->af) };
	struct prefix zone = { m->p->af == V4 ? ip_v4(0xee050000) : (struct ip){ { 0xff, 5 } },
			       16 };
	struct prefix list[] = {
		pim_all_groups(m->p->af), host, { ip_mask(host.ip, 16), 16 }, zone, { zone.ip, 20 }
	};

	return (struct msg_range){ ANY_OF(m, list), .bidir = !below(m, 8), .zone = !below(m, 4) };
}

static size_t any_bootstrap(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t size)
{
	struct msg_rp rp[3][3];
	struct msg_rp_set set[3];
	struct msg_bootstrap b = {
		.no_forward = !below(m, 4),
		.tag = below(m, 3),
		.hash_len = below(m, 33),
		.priority = below(m, 4) * 50,
		.bsr = ip_of(m, ANY_OF(m, rps)),
		.set = set,
		.nsets = below(m, 4),
	};
	struct msg_bootstrap_place at = { 0 };

	for (unsigned i = 0; i < b.nsets; i++) {
		set[i] = (struct msg_rp_set){ any_range(m), 0, rp[i], below(m, 4) };
		set[i].all = set[i].nrps + !below(m, 4);
		for (unsigned k = 0; k < set[i].nrps; k++)
			rp[i][k] = (struct msg_rp){ ip_of(m, ANY_OF(m, rps)), SEC(below(m, 4) * 70),
						    below(m, 3) };
	}
	return msg_bootstrap_encode(ends, &b, &at, data, size);
}

static size_t any_candidate(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t size)
{
	struct msg_range range[3] = { any_range(m), any_range(m), any_range(m) };
	struct msg_candidate c = {
		.priority = below(m, 3),
		.holdtime = SEC(below(m, 4) * 50),
		.rp = ip_of(m, ANY_OF(m, rps)),
		.range = range,
		.nranges = 1 + below(m, 3),
	};
	unsigned at = 0;

	return msg_candidate_encode(ends, &c, &at, data, size);
}

/*
 * Some bytes become others; the checksum is put right. The holdtime of a Join is of a few minutes
 * or without an end, so that the end is not far.
 */
static void spoil(struct play *m, const struct msg_ends *ends, uint8_t *data, size_t len)
{
	size_t holdtime = 4 + msg_unicast_size(m->p->af) + 2;
	struct wr w = wr_init(data, len);

	for (unsigned n = 1 + below(m, 3); n; n--)
		data[below(m, 2) ? below(m, len) : below(m, len < 40 ? len : 40)] = rng_u64(
			&m->rng);
	if ((data[0] & 0xf) == MSG_REGISTER && len < 8)
		return;
	if ((data[0] & 0xf) == MSG_JOIN_PRUNE && len > holdtime + 1 &&
	    (data[holdtime] & data[holdtime + 1]) != 0xff)
		data[holdtime] = 0;
	data[2] = data[3] = 0;
	w.p += len;
	msg_close(ends, &w);
}

/* What upstream routers were told */

static const struct neighbor *neighbor_named(const struct play *m, const char *ifname,
					     const char *name)
{
	const struct pim_iface *i = pim_bed_iface(m->p, ifname);
	const struct neighbor *n = NULL;

	if (!i)
		return NULL;
	TAILQ_FOREACH(n, &i->neighbors, link) {
		if (!strcmp(pim_bed_name(m->p, n->address), name))
			break;
	}
	return n;
}

static struct told *told_find(struct play *m, const struct told *key)
{
	for (unsigned k = 0; k < m->ntold; k++) {
		struct told *t = &m->told[k];

		if (!strcmp(t->ifname, key->ifname) && !strcmp(t->to, key->to) &&
		    !strcmp(t->sg, key->sg))
			return t;
	}
	return NULL;
}

/* Who is left for the winner of an Assert is not told so. */
static void leave_for(struct play *m, const struct told *now)
{
	for (unsigned k = 0; k < m->ntold; k++) {
		struct told *t = &m->told[k];

		if (!strcmp(t->ifname, now->ifname) && !strcmp(t->sg, now->sg))
			t->by_other = true;
	}
}

/* A Join of (*,G) ends what was pruned off it before. */
static void forget_prunes(struct play *m, const struct told *star)
{
	const char *group = strchr(star->sg, ',');

	for (unsigned k = 0; k < m->ntold; k++) {
		const struct told *t = &m->told[k];

		if (t->is_rpt && !strcmp(t->ifname, star->ifname) && !strcmp(t->to, star->to) &&
		    !strncmp(strchr(t->sg, ','), group, strlen(group) - 1))
			m->told[k--] = m->told[--m->ntold];
	}
}

/* What we say of it is what is kept; of (S,G,rpt) it is that it is pruned. */
static void tell(struct play *m, const struct told *t, bool prune)
{
	const struct neighbor *n = neighbor_named(m, t->ifname, t->to);
	struct told *before = told_find(m, t);

	if (before && t->by_other)
		return;
	if (before)
		*before = m->told[--m->ntold];
	if (!t->by_other)
		leave_for(m, t);
	if (!strncmp(t->sg, "(*", 2) && !prune && !t->by_other)
		forget_prunes(m, t);
	if (prune != t->is_rpt || !n)
		return;
	assert_true(m->ntold < NELEMS(m->told));
	m->told[m->ntold] = *t;
	m->told[m->ntold++].since = n->since;
}

static struct told told_of(const struct play *m, const char *ifname, struct ip to, struct sg sg)
{
	struct told t = { .by_other = false };
	size_t n;

	snprintf(t.ifname, sizeof(t.ifname), "%s", ifname);
	snprintf(t.to, sizeof(t.to), "%s", pim_bed_name(m->p, to));
	n = snprintf(t.sg, sizeof(t.sg), "(%s,",
		     ip_is_any(sg.src) ? "*" : pim_bed_name(m->p, sg.src));
	snprintf(t.sg + n, sizeof(t.sg) - n, "%s)", pim_bed_name(m->p, sg.grp));
	return t;
}

/* What others join with a router, be it ours or not, need not be joined by us. */
static void overhear(struct play *m, const char *ifname, const struct msg_ends *ends,
		     const uint8_t *data, size_t len)
{
	struct msg_jp jp;
	struct msg_rd r;

	arena_reset(&m->p->arena);
	if (msg_open(ends, data, len, &r) || r.type != MSG_JOIN_PRUNE ||
	    msg_jp_decode(&r, &m->p->arena, &jp))
		return;
	for (unsigned n = 0; n < jp.ngroups; n++) {
		const struct msg_jp_group *g = &jp.group[n];

		for (unsigned k = 0; k < g->njoins; k++) {
			bool star = g->join[k].kind == JP_STAR_G;
			struct sg sg = { star ? ip_any(m->p->af) : g->join[k].ip, g->group };
			struct told t = told_of(m, ifname, jp.upstream, sg);

			t.by_other = true;
			if (g->join[k].kind != JP_SG_RPT)
				tell(m, &t, false);
		}
	}
}

static void hear(struct play *m)
{
	const char *from = ANY_OF(m, routers);
	struct msg_ends ends = { ip_of(m, from), msg_all_routers(m->p->af) };
	unsigned kind = below(m, 18);
	uint8_t data[1500];
	char to[IP_STRLEN];
	size_t len;

	if (kind < 3) {
		len = any_hello(m, &ends, data, sizeof(data));
	} else if (kind < 8) {
		len = any_jp(m, &ends, from, data, sizeof(data));
	} else if (kind < 12) {
		len = any_assert(m, &ends, data, sizeof(data));
	} else if (kind < 14) {
		len = any_bootstrap(m, &ends, data, sizeof(data));
	} else {
		ends.dst = ip_of(m, ANY_OF(m, rps));
		if (below(m, 2))
			ends.src = ip_of(m, ANY_OF(m, rps));
		if (kind < 16)
			len = any_candidate(m, &ends, data, sizeof(data));
		else if (kind == 16)
			len = any_register(m, &ends, data, sizeof(data));
		else
			len = any_stop(m, &ends, data, sizeof(data));
	}
	if (len > 4 && !below(m, 6)) {
		spoil(m, &ends, data, len);
		len -= below(m, 4) ? 0 : below(m, len);
	}
	snprintf(to, sizeof(to), "%.4s", from);
	overhear(m, to, &ends, data, len);
	snprintf(to, sizeof(to), "%s@%.4s", pim_bed_name(m->p, ends.src), from);
	pim_bed_hear_bytes(m->p, to, ip_is_multicast(ends.dst) ? NULL : ip_str(ends.dst), 1, data,
			   len);
}

/* All else */

static void listen(struct play *m)
{
	const char *ifname = ANY_OF(m, ifnames), *group = ANY_OF(m, groups);
	const char *source = ANY_OF(m, sources);
	const struct pim_iface *i = pim_bed_iface(m->p, ifname);

	if (!i || i->state != PIM_RUNS)
		return;
	switch (below(m, 5)) {
	case 0:
		pim_bed_exclude(m->p, ifname, source, group);
		break;
	case 1:
		pim_bed_join(m->p, ifname, source, group);
		break;
	case 2:
		pim_bed_join(m->p, ifname, "*", group);
		break;
	case 3:
		pim_bed_leave(m->p, ifname, source, group);
		break;
	default:
		pim_bed_leave(m->p, ifname, "*", group);
	}
}

/* Whether an interface that is named there is down: then the kernel takes no such route. */
static bool is_down(const struct play *m, const char *via)
{
	bool down = false;

	for (unsigned i = 0; i < NELEMS(ifnames); i++) {
		unsigned ifindex = sim_link_index(m->p->bed.k, ifnames[i]);

		down |= strstr(via, ifnames[i]) && !sim_link_find(m->p->bed.k, ifindex)->up;
	}
	return down;
}

static void route(struct play *m)
{
	static const char *const to[] = { "s1", "s2", "s3", "rp1", "rp2" };
	static const char *const via[] = { "eth0.2",	    "eth0.3", "eth1.2", "eth2.2",
					   "eth0.2 eth1.2", "eth2",   "eth3.2" };
	const char *name = ANY_OF(m, to), *by = ANY_OF(m, via);

	if (below(m, 5) && !is_down(m, by))
		pim_bed_route(m->p, name, by);
	else
		pim_bed_unroute(m->p, name, PIM_BED_METRIC);
}

static void reload(struct play *m)
{
	char text[1000], *mask;

	snprintf(text, sizeof(text), LIMITS "%s", ANY_OF(m, confs));
	mask = strstr(text, "/128");
	if (m->p->af == V4 && mask)
		memmove(mask, mask + 4, strlen(mask + 4) + 1);
	pim_bed_reload(m->p, text);
}

/* The module goes, and comes anew. */
static void unload(struct play *m)
{
	m->p->pim = NULL;
	m->ntold = 0;
	sim_file(m->p->bed.k, BED_CONF, "");
	assert_true(bed_reload(&m->p->bed));
	if (below(m, 2))
		pim_bed_data(m->p, ANY_OF(m, ifnames), ANY_OF(m, sources), ANY_OF(m, groups));
	reload(m);
}

static void ask(struct play *m)
{
	static const char *const requests[] = {
		"show pim",	 "show pim interface",	"show pim neighbor",
		"show pim rp",	 "show pim bsr",	"show pim rp-candidate",
		"show pim tree", "show pim register",	"show pim assert",
		"show pim rpf",	 "show pim statistics", "show pim rp 239.1.0.1",
		"show config",
	};

	assert_non_null(strstr(bed_ask(&m->p->bed, ANY_OF(m, requests)), "{\"ok\":true}"));
}

static void change(struct play *m)
{
	const char *ifname = ANY_OF(m, ifnames);
	char text[100];

	switch (below(m, 10)) {
	case 0:
		pim_bed_link(m->p, ifname, false);
		break;
	case 1:
	case 2:
		pim_bed_link(m->p, ifname, true);
		break;
	case 3:
		snprintf(text, sizeof(text), "%s.%u", ifname, 1 + below(m, 2) * 6);
		if (below(m, 3))
			pim_bed_address(m->p, ifname, text, below(m, 3));
		else
			pim_bed_address(m->p, "dummy0", ANY_OF(m, rps), below(m, 2));
		break;
	case 4:
		reload(m);
		break;
	case 5:
		if (!below(m, 4)) {
			pim_bed_restart(m->p);
			m->ntold = 0;
		}
		break;
	case 6:
		if (!below(m, 4))
			unload(m);
		break;
	default:
		ask(m);
	}
}

/* What macros.c asks for: the engine's own is in a file that is opened. */

struct branch *branch_find(const struct entry *e, unsigned slot)
{
	struct branch *b;

	SLIST_FOREACH(b, &e->branches, link) {
		if (b->slot == slot)
			break;
	}
	return b;
}

struct target *target_find(const struct pim *pim, struct ip ip)
{
	struct target *t;

	TAILQ_FOREACH(t, &pim->target_list, link) {
		if (ip_eq(t->ip, ip))
			break;
	}
	return t;
}

bool pim_owns(const struct pim *pim, struct ip ip)
{
	const struct target *t = target_find(pim, ip);
	bool owns = t && t->own;

	ifset_foreach(slot, pim->running) {
		const struct pim_iface *i = pim->iface[slot];

		for (unsigned n = 0; n < i->naddresses; n++)
			owns |= ip_eq(i->addresses[n].ip, ip);
	}
	return owns;
}

/* What holds whenever it waits */

static void check_branches(const struct entry *e)
{
	const struct branch *b, *before = NULL;

	SLIST_FOREACH(b, &e->branches, link) {
		assert_true(b->entry == e);
		assert_true(!before || before->slot < b->slot);
		assert_non_null(pim_iface(e->pim, b->slot));
		assert_true(b->down || b->rpt || b->assert_);
		assert_true(!b->rpt || b->rpt->state == RPT_PRUNE ||
			    b->rpt->state == RPT_PRUNE_PENDING);
		if (b->assert_) {
			assert_true(timer_is_running(&b->assert_->at));
			if (b->assert_->state == ASSERT_WINNER)
				assert_true(could_assert(e, b->slot));
			else
				assert_true(assert_tracking_desired(e, b->slot));
			if (b->assert_->state == ASSERT_LOSER)
				assert_true(pim_iface(e->pim, b->slot)->nneighbors > 0);
		}
		before = b;
	}
}

/* RFC 7761 4.2, but for a source that moves to another way, and for where nothing is to flow. */
static void check_route(const struct entry *e)
{
	bool is_direct = e->target->connected, is_shared = !e->spt && !is_direct;
	unsigned iif = rpf_interface(is_shared ? entry_star(e) : e);
	struct ifset oifs = is_shared ? inherited_olist_sg_rpt(e) : ifset_none();
	struct engine *engine = &e->pim->engine;
	struct route r;

	if (e->spt)
		oifs = inherited_olist_sg(e);
	if (e->register_ && e->register_->state == REGISTER_JOIN)
		oifs = ifset_with(oifs, e->pim->tunnel);
	oifs = ifset_without(oifs, iif);
	if ((e->turn && e->turn->old_slot != NOSLOT) || (is_direct && !e->spt))
		return;
	if (is_shared && entry_star(e) && entry_star(e)->turn)
		return;
	if (!engine->host->op->routed(engine, e->sg, &r)) {
		assert_true(ifset_empty(oifs) || iif == NOSLOT ||
			    (is_direct && !entry_is_alive(e)));
		return;
	}
	assert_int_equal(r.iif, iif);
	assert_int_equal(r.oifs.bits, oifs.bits);
}

static void check_source(const struct play *m, const struct entry *e)
{
	const struct entry *star = entry_star(e);
	struct ip rp = pim_rp(e->pim, e->sg.grp);
	bool registers = could_register(e) && !ip_is_any(rp) && !pim_owns(e->pim, rp);

	assert_true(star == pim_bed_find(m->p, "*", ip_str(e->sg.grp)));
	assert_true(!e->spt || e->is_joined);
	assert_int_equal(e->up_rpt, !rpt_join_desired(star)   ? RPT_NOT_JOINED
				    : prune_desired_sg_rpt(e) ? RPT_PRUNED
							      : RPT_NOT_PRUNED);
	assert_true(!e->override || e->up_rpt == RPT_NOT_PRUNED);
	assert_int_equal(!!e->register_, registers);
	if (e->register_)
		assert_true(ip_eq(e->register_->rp, rp) || timer_is_running(&e->register_->move));
	check_route(e);
}

static void check_entry(const struct play *m, const struct entry *e)
{
	struct rpf_neighbor up = rpf_prime(e);
	struct ip root = entry_is_star(e) ? pim_rp(e->pim, e->sg.grp) : e->sg.src;

	assert_false(e->is_marked);
	assert_int_equal(!e->target, ip_is_any(root));
	assert_true(!e->target || ip_eq(e->target->ip, root));
	assert_int_equal(e->is_joined, join_desired(e));
	assert_int_equal(e->up_slot, up.slot);
	assert_true(ip_eq(e->up, up.ip));
	assert_int_equal(timer_is_running(&e->jt), e->is_joined && !ip_is_any(up.ip));
	check_branches(e);
	if (!entry_is_star(e))
		check_source(m, e);
	else if (!e->turn)
		assert_int_equal(e->olist.bits,
				 ifset_without(immediate_olist(e), rpf_interface(e)).bits);
}

/* What we told them */

static void listen_to_line(struct play *m, char *line)
{
	struct told t = { 0 };
	char *what = strstr(line, "Join/Prune to ");

	if (!what || sscanf(what, "Join/Prune to %15s", t.to) != 1)
		return;
	snprintf(t.ifname, sizeof(t.ifname), "%.4s", line);
	for (char *word = strtok(strchr(what, ':') + 1, " "); word; word = strtok(NULL, " ")) {
		if (word[1] != '(')
			continue;
		t.is_rpt = strstr(word, ",rpt)");
		snprintf(t.sg, sizeof(t.sg), "%.39s", word + 1);
		tell(m, &t, *word == 'P');
	}
}

static void hear_all(struct play *m)
{
	char *text = xstrdup(pim_bed_said(m->p)), *end;

	for (char *line = text; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		listen_to_line(m, line);
	}
	free(text);
}

/* The neighbor is another one, or has forgotten all. */
static bool is_forgotten(const struct play *m, const struct told *t)
{
	const struct neighbor *n = neighbor_named(m, t->ifname, t->to);

	return !n || n->since != t->since;
}

static struct entry *entry_told(const struct play *m, const struct told *t)
{
	char source[40], *comma;

	snprintf(source, sizeof(source), "%s", t->sg + 1);
	comma = strchr(source, ',');
	*comma++ = '\0';
	comma[strcspn(comma, ",)")] = '\0';
	comma--;
	return pim_bed_find(m->p, source, comma + 1);
}

/* Joined with it still, or until data comes by another way, or by an Assert with another there. */
static bool is_needed(const struct play *m, const struct told *t)
{
	const struct entry *e = entry_told(m, t);

	if (!e || !e->is_joined)
		return false;
	if (e->turn && e->turn->old_slot != NOSLOT &&
	    !strcmp(t->ifname, pim_ifname(e->pim, e->turn->old_slot)))
		return true;
	return e->up_slot != NOSLOT && !strcmp(t->ifname, pim_ifname(e->pim, e->up_slot));
}

/* The same of what is pruned off (*,G); it is said with its next Join, which may be due soon. */
static bool is_pruned(const struct play *m, const struct told *t)
{
	const struct entry *e = entry_told(m, t), *star;
	struct told of_star = *t;

	snprintf(of_star.sg, sizeof(of_star.sg), "(*%s", strchr(t->sg, ','));
	star = entry_told(m, &of_star);
	if (!star || !star->is_joined || ip_is_any(star->up) ||
	    strcmp(t->ifname, pim_ifname(star->pim, star->up_slot)) ||
	    strcmp(t->to, pim_bed_name(m->p, star->up)) ||
	    timer_left(&m->p->bed.clock, &star->jt) <= m->soon)
		return true;
	return e && (e->up_rpt == RPT_PRUNED || e->rpt_diverts || e->override);
}

static void check_told(struct play *m)
{
	for (unsigned k = 0; k < m->ntold; k++) {
		if (is_forgotten(m, &m->told[k]))
			m->told[k--] = m->told[--m->ntold];
		else
			assert_true(m->told[k].by_other ||
				    (m->told[k].is_rpt ? is_pruned(m, &m->told[k])
						       : is_needed(m, &m->told[k])));
	}
}

/* Who is RPF' knows it, or will soon. */
static void check_knows(struct play *m, const struct entry *e)
{
	const struct pim_iface *i = pim_iface(e->pim, e->up_slot);
	struct told t;

	if (!e->is_joined || ip_is_any(e->up) || !i->speaks)
		return;
	t = told_of(m, pim_ifname(e->pim, e->up_slot), e->up, e->sg);
	if (!told_find(m, &t))
		assert_true(timer_left(&m->p->bed.clock, &e->jt) <= m->soon);
}

/* RPF'(*,G) does where that was joined with it. */
static void check_knows_prune(struct play *m, const struct entry *e)
{
	const struct entry *star = entry_star(e);
	struct told t, *of_star;

	if (e->up_rpt != RPT_PRUNED || e->rpt_diverts || star->up_slot == NOSLOT ||
	    timer_left(&m->p->bed.clock, &star->jt) <= m->soon)
		return;
	t = told_of(m, pim_ifname(e->pim, star->up_slot), star->up, star->sg);
	of_star = told_find(m, &t);
	if (!of_star || of_star->by_other)
		return;
	t = told_of(m, pim_ifname(e->pim, star->up_slot), star->up, e->sg);
	snprintf(strchr(t.sg, ')'), 8, ",rpt)");
	assert_non_null(told_find(m, &t));
}

static void count_branches(const struct entry *e, uint32_t *of_slot)
{
	const struct branch *b;

	SLIST_FOREACH(b, &e->branches, link)
		of_slot[b->slot]++;
}

static void check_offers(const struct zone *z)
{
	unsigned n = 0, nranges = 0;
	const struct bsr_offer *before = NULL;
	struct tree_node *node;

	for (node = z->noffers ? tree_min(&z->offers.tree) : NULL; node; node = tree_next(node)) {
		const struct bsr_offer *o = container_of(node, struct bsr_offer, order);

		assert_true(o->zone == z && zone_contains(z, &o->range));
		assert_true(timer_is_running(&o->timer));
		assert_true(!before || ip_cmp(before->range.ip, o->range.ip) <= 0);
		nranges += !before || !prefix_eq(&before->range, &o->range);
		before = o;
		n++;
	}
	assert_int_equal(z->noffers, n);
	assert_int_equal(z->nranges, nranges);
	assert_false(z->offers_moved);
}

static void check_zones(const struct pim *pim)
{
	const struct zone *z;
	const struct candidate *c;
	const struct advert *a;

	TAILQ_FOREACH(z, &pim->zones, link) {
		assert_int_equal(z->state >= BSR_CANDIDATE, z->is_candidate);
		assert_true(z->state == BSR_ELECTED || !z->noffers);
		if (z->state == BSR_ELECTED)
			assert_true(ip_eq(z->current.ip, z->own.ip));
		check_offers(z);
	}
	TAILQ_FOREACH(c, &pim->candidates, link) {
		TAILQ_FOREACH(a, &c->adverts, link)
			assert_true(!a->ntold || (timer_is_running(&a->crpt) && !ip_is_any(c->ip)));
	}
}

static void check(struct play *m)
{
	unsigned n = 0, joined = 0;
	uint32_t of_slot[MAXSLOTS] = { 0 };
	struct tree_node *node;

	ifset_foreach(slot, m->p->pim->running) {
		const struct pim_iface *i = m->p->pim->iface[slot];

		m->soon = i->override_interval > m->soon ? i->override_interval : m->soon;
	}
	for (node = tree_min(&m->p->pim->entries.tree); node; node = tree_next(node)) {
		const struct entry *e = container_of(node, struct entry, order);

		check_entry(m, e);
		check_knows(m, e);
		if (!entry_is_star(e))
			check_knows_prune(m, e);
		count_branches(e, of_slot);
		n++;
		joined += e->is_joined;
	}
	check_told(m);
	assert_memory_equal(m->p->pim->nbranches, of_slot, sizeof(of_slot));
	assert_int_equal(m->p->pim->nentries, n);
	assert_int_equal(m->p->pim->njoined, joined);
	assert_true(n <= ENTRIES);
	check_zones(m->p->pim);
	ifset_foreach(slot, m->p->pim->running)
		assert_true(m->p->pim->iface[slot]->nneighbors <= NEIGHBORS);
}

static void step(struct play *m)
{
	static const int64_t times[] = { 1, 1, 5, 11, 11, 500, 2999, 3000, 5000, 20000, 70000 };
	unsigned what = below(m, 32);

	/* several messages within one turn, with what comes behind them */
	m->p->holds = !below(m, 3);
	for (unsigned n = m->p->holds ? 1 + below(m, 3) : 0; n; n--)
		hear(m);
	m->p->holds = false;
	if (what < 15)
		hear(m);
	else if (what < 19)
		pim_bed_run(m->p, ANY_OF(m, times));
	else if (what < 25)
		pim_bed_data(m->p, ANY_OF(m, ifnames), ANY_OF(m, sources), ANY_OF(m, groups));
	else if (what < 28)
		listen(m);
	else if (what < 30)
		route(m);
	else
		change(m);
	pim_bed_run(m->p, 0);
	hear_all(m);
	check(m);
}

/* Neighbors say goodbye, whoever they are, and nobody says anything more. */
static void end(struct play *m)
{
	const struct neighbor *n;

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		struct pim_iface *i = m->p->pim->iface[slot];

		while (i && (n = TAILQ_FIRST(&i->neighbors))) {
			char text[100];

			snprintf(text, sizeof(text), "%s@%s", pim_bed_name(m->p, n->address),
				 pim_ifname(m->p->pim, slot));
			pim_bed_hear(m->p, text, "Hello holdtime 0");
		}
	}
	pim_bed_run(m->p, SEC(1000));
	hear_all(m);
	check(m);
	assert_int_equal(m->p->pim->nentries, 0);
	pim_bed_run(m->p, SEC(100));
	assert_said(m->p, "");
}

static void play(uint64_t seed)
{
	struct play m = { .soon = SEC(6) };
	char text[1000];

	rng_seed(&m.rng, seed);
	snprintf(text, sizeof(text), LIMITS "%s", confs[below(&m, 2)]);
	m.p = pim_bed_new(below(&m, 2), text);
	m.p->hellos = below(&m, 2);
	pim_bed_route(m.p, "rp1", "eth0.2");
	pim_bed_route(m.p, "s1", "eth0.2");
	pim_bed_route(m.p, "s2", "eth1.2");
	for (unsigned i = 0; i < STEPS; i++)
		step(&m);
	m.p->hellos = false;
	end(&m);
	pim_bed_free(m.p);
}

static void anything(void **state)
{
	(void)state;
	bed_seeds(play, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-13, PIM-90, PIM-96, PIM-103: anything that is heard", anything, NULL, NULL,
		  NULL },
	};

	return cmocka_run_group_tests_name("pim_any_random", tests, NULL, NULL);
}
