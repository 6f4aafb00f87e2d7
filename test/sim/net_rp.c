/* net_rp.c - which RPs the routers of a random network have to know, and whether they do
 *
 * Of each partition: the bootstrap router of a zone is the living candidate with the highest
 * weight (RFC 5059 3.1); its RPs are the living candidates', each for its ranges (3.2); of those
 * and the static ones a group has the first one by RFC 6226 4 and RFC 7761 4.7.1.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/net_rp.h"
#include "sim/net_state.h"

/* RFC 5059 5: BS_Timeout of who knows no other interval, BS_Min_Interval. */
#define BS_TIMEOUT SEC(130)
#define BS_MIN_INTERVAL SEC(10)

/* How long a message of RPs holds: 2.5 times its default period. */
#define HOLDTIME SEC(150)

/* Of a scope of IPv6, one for each combination of flags. */
#define FLAGS 16

#define MAXMAPPINGS (PLAN_ROUTERS * (PLAN_RANGES + FLAGS) + PLAN_STATICS + 1)

/* Of a range, the address that a router has as RP. */
struct mapping {
	struct prefix range;
	struct ip rp;
	unsigned priority, hash_len, router;
	bool is_fixed, is_reachable;
};

/* What a router has to know of a family. */
struct view {
	int bsr, zone_bsr; /* routers; -1: none; that of the zone as those inside see it */
	bool is_inside;
	struct mapping mapping[MAXMAPPINGS];
	unsigned n;
};

struct name {
	char text[16];
};

static const char *name(struct name *name, char kind, unsigned number)
{
	snprintf(name->text, sizeof(name->text), "%c%u", kind, number);
	return name->text;
}

#define NAME(kind, number) name(&(struct name){ { 0 } }, kind, number)

static struct net_router *router_of(const struct net_rp *rp, unsigned router)
{
	return net_router_find(rp->n, NAME('r', router));
}

static const struct plan_say *say_of(const struct net_rp *rp, unsigned router)
{
	static const struct plan_say nothing;
	const struct plan_say *say = &rp->plan->rps.say[router][rp->say[router]];

	return say->off ? &nothing : say;
}

static struct prefix range_of(unsigned range, enum af af)
{
	struct prefix prefix;

	if (!prefix_parse(plan_ranges[range][af], &prefix))
		net_die("no range:", plan_ranges[range][af]);
	return prefix;
}

/* The network */

static bool is_there(const struct net_rp *rp, unsigned router)
{
	return !rp->plan->router[router].off && router_of(rp, router)->r;
}

/* The living routers that a port reaches, as bits of their numbers in the network. */
static uint32_t reached_from(const struct net_port *from)
{
	const struct net_router *queue[NET_MAXROUTERS];
	const struct net_port *port = from, *to;
	uint32_t reached = 0;
	unsigned n = 0, at = 0;

	for (;;) {
		TAILQ_FOREACH(to, &port->link->ports, on_link) {
			const struct net_router *r = to->node->router;

			if (!r || !r->r || !net_reaches(port, to) || reached >> r->number & 1)
				continue;
			reached |= UINT32_C(1) << r->number;
			queue[n++] = r;
		}
		if (port != from)
			port = TAILQ_NEXT(port, on_node);
		else
			port = NULL;
		while (!port && at < n)
			port = TAILQ_FIRST(&queue[at++]->node.ports);
		if (!port)
			return reached;
	}
}

/* Those of the partition of a living router, itself too. */
static uint32_t partition_of(const struct net_router *r)
{
	uint32_t reached = UINT32_C(1) << r->number;
	const struct net_port *port;

	TAILQ_FOREACH(port, &r->node.ports, on_node)
		reached |= reached_from(port);
	return reached;
}

static bool are_together(const struct net_rp *rp, unsigned a, unsigned b)
{
	return is_there(rp, a) && is_there(rp, b) &&
	       partition_of(router_of(rp, a)) >> router_of(rp, b)->number & 1;
}

static struct net_port *home_of(const struct net_rp *rp, unsigned router)
{
	return net_port_find(&router_of(rp, router)->node,
			     NAME('l', rp->plan->router[router].up[0]));
}

/* The address by which a router is a candidate; ip_any(): it has none. */
static struct ip address_of(const struct net_rp *rp, unsigned router, enum plan_form form,
			    enum af af)
{
	struct ip best = ip_any(af);
	const struct net_port *port;

	if (form != PLAN_ANY)
		return net_is_up(home_of(rp, router)) ? net_address(home_of(rp, router), af, false)
						      : best;
	TAILQ_FOREACH(port, &router_of(rp, router)->node.ports, on_node) {
		struct ip ip = net_address(port, af, false);

		if (net_is_up(port) && ip_cmp(ip, best) > 0)
			best = ip;
	}
	return best;
}

/* What a router has to know */

static int elect(const struct net_rp *rp, unsigned router, enum af af, bool zone)
{
	unsigned best_priority = 0;
	struct ip best_ip = ip_any(af);
	int best = -1;

	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		const struct plan_say *say = say_of(rp, i);
		unsigned priority = zone ? say->zone_priority : say->bsr_priority;
		struct ip ip;

		if (!(zone ? say->zone_bsr : say->bsr) || !are_together(rp, router, i))
			continue;
		ip = address_of(rp, i, say->bsr_form, af);
		if (ip_is_any(ip) || (best >= 0 && priority < best_priority) ||
		    (best >= 0 && priority == best_priority && ip_cmp(ip, best_ip) < 0))
			continue;
		best = i;
		best_ip = ip;
		best_priority = priority;
	}
	return best;
}

static unsigned hash_len_of(const struct net_rp *rp, int bsr, enum af af)
{
	const struct plan_say *say = say_of(rp, bsr);

	if (say->bsr_form == PLAN_ADDRESS)
		return say->hash_len[af];
	return af == V4 ? 30 : 126;
}

/* Whether some living router of the partition is on the link of the RP's address. */
static bool is_reachable(const struct net_rp *rp, unsigned router, const struct net_port *at)
{
	uint32_t with = partition_of(router_of(rp, router));
	const struct net_port *port;

	TAILQ_FOREACH(port, &at->link->ports, on_link) {
		if (port->node->router && with >> port->node->router->number & 1 && net_is_up(port))
			return true;
	}
	return false;
}

static struct net_port *port_of(const struct net_rp *rp, unsigned router, struct ip ip)
{
	struct net_port *port;

	TAILQ_FOREACH(port, &router_of(rp, router)->node.ports, on_node) {
		if (ip_eq(net_address(port, ip_family(ip), false), ip))
			break;
	}
	return port;
}

static void add(const struct net_rp *rp, unsigned router, struct view *v, struct mapping m)
{
	m.is_reachable = is_reachable(rp, router, port_of(rp, m.router, m.rp));
	v->mapping[v->n++] = m;
}

/* The address that is shared, of the first of those that can be reached. */
static void add_shared(const struct net_rp *rp, unsigned router, enum af af, struct view *v)
{
	struct mapping m = { .range = range_of(rp->plan->rps.shared, af),
			     .priority = 1,
			     .hash_len = af == V4 ? 30 : 126,
			     .is_fixed = true };

	ip_parse(plan_shared[af], &m.rp);
	for (unsigned i = 0; i < rp->plan->nrouters && !m.is_reachable; i++) {
		if (!(rp->plan->rps.members >> i & 1) || !are_together(rp, router, i))
			continue;
		m.router = i;
		m.is_reachable = true;
	}
	if (rp->plan->rps.members)
		v->mapping[v->n++] = m;
}

static void add_fixed(const struct net_rp *rp, unsigned router, enum af af, struct view *v)
{
	const struct plan_rps *rps = &rp->plan->rps;

	for (unsigned i = 0; i < rps->nfixed[rp->fixed]; i++) {
		const struct plan_static *s = &rps->fixed[rp->fixed][i];

		add(rp, router, v,
		    (struct mapping){
			    .range = range_of(s->range, af),
			    .rp = net_address(home_of(rp, s->router), af, false),
			    .priority = s->priority,
			    .hash_len = af == V4 ? 30 : 126,
			    .router = s->router,
			    .is_fixed = true,
		    });
	}
}

/*
 * The ranges of a candidate, of which those of the zone go to its own bootstrap router; and the
 * whole zone goes there, if a range has it.
 */
static void add_candidate(const struct net_rp *rp, unsigned router, unsigned candidate, enum af af,
			  struct view *v)
{
	const struct plan_say *say = say_of(rp, candidate);
	bool zone = v->zone_bsr >= 0 && plan_is_in_zone(rp->plan, candidate), wide = false;
	struct mapping m = { .priority = say->rp_priority, .router = candidate };
	unsigned ranges = say->ranges ? say->ranges : 1;

	m.rp = address_of(rp, candidate, say->rp_form, af);
	for (unsigned i = 0; i < PLAN_RANGES; i++) {
		if (!(ranges >> i & 1) || (i == PLAN_ZONE && zone))
			continue;
		m.range = range_of(i, af);
		wide |= prefix_has(&m.range, range_of(PLAN_ZONE, af).ip);
		if (v->bsr < 0)
			continue;
		m.hash_len = hash_len_of(rp, v->bsr, af);
		add(rp, router, v, m);
	}
	if (!zone || !v->is_inside || !(wide || ranges >> PLAN_ZONE & 1))
		return;
	m.range = range_of(PLAN_ZONE, af);
	m.hash_len = hash_len_of(rp, v->zone_bsr, af);
	add(rp, router, v, m);
	for (unsigned flags = 1; flags < FLAGS && wide && af == V6; flags++) {
		m.range.ip.b[1] = flags << 4 | (m.range.ip.b[1] & 0xf);
		add(rp, router, v, m);
	}
}

static bool is_rp(const struct net_rp *rp, unsigned router)
{
	return is_there(rp, router) && say_of(rp, router)->rp;
}

static void look(const struct net_rp *rp, unsigned router, enum af af, struct view *v)
{
	v->n = 0;
	v->bsr = elect(rp, router, af, false);
	v->zone_bsr = elect(rp, router, af, true);
	v->is_inside = plan_is_in_zone(rp->plan, router);
	add_fixed(rp, router, af, v);
	add_shared(rp, router, af, v);
	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		if (is_rp(rp, i) && are_together(rp, router, i) &&
		    !ip_is_any(address_of(rp, i, say_of(rp, i)->rp_form, af)))
			add_candidate(rp, router, i, af, v);
	}
}

/* Which RP a group has of those */

static uint32_t folded(struct ip ip)
{
	uint32_t word, sum = 0;

	for (unsigned i = 0; i < 16; i += 4) {
		memcpy(&word, ip.b + i, sizeof(word));
		sum ^= ntohl(word);
	}
	/* of IPv4, which is mapped into IPv6 */
	return ip_family(ip) == V4 ? ntohl(word) : sum;
}

/* RFC 7761 4.7.2 */
static uint64_t hash(const struct mapping *m, struct ip group)
{
	uint64_t x = folded(ip_mask(group, m->hash_len));

	x = (UINT64_C(1103515245) * x + 12345) & UINT32_MAX;
	x ^= folded(m->rp);
	return (UINT64_C(1103515245) * x + 12345) & INT32_MAX;
}

#define BETTER(a, b)    \
	if ((a) != (b)) \
	return (a) > (b)

static bool is_better(const struct net_rp *rp, const struct mapping *a, const struct mapping *b,
		      struct ip group)
{
	BETTER(a->is_reachable, b->is_reachable);
	if (rp->plan->rps.static_first)
		BETTER(a->is_fixed, b->is_fixed);
	BETTER(a->range.len, b->range.len);
	BETTER(b->is_fixed, a->is_fixed);
	BETTER(b->priority, a->priority);
	BETTER(hash(a, group), hash(b, group));
	return ip_cmp(a->rp, b->rp) > 0;
}

static const struct mapping *choose(const struct net_rp *rp, const struct view *v, struct ip group)
{
	const struct mapping *best = NULL;

	for (unsigned i = 0; i < v->n; i++) {
		const struct mapping *m = &v->mapping[i];

		if (prefix_has(&m->range, group) && (!best || is_better(rp, m, best, group)))
			best = m;
	}
	return best;
}

static int router_with(const struct net_rp *rp, struct ip ip)
{
	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		if (!rp->plan->router[i].off && port_of(rp, i, ip))
			return i;
	}
	return -1;
}

/* RFC 3956: the RP that a group has in itself, as plan_draw_rp() makes them. */
static bool is_embedded(struct ip group)
{
	return ip_family(group) == V6 && group.b[0] == 0xff && group.b[1] >> 4 == 7;
}

static struct ip embedded_rp(struct ip group)
{
	struct ip ip = { { 0 } };

	memcpy(ip.b, group.b + 4, 8);
	ip.b[15] = group.b[2] & 0xf;
	return ip;
}

/* The router whose RP the group has, and its address; -1: none. */
static int rp_of(const struct net_rp *rp, unsigned router, struct ip group, struct ip *ip)
{
	const struct mapping *m;
	struct view v;

	*ip = ip_any(ip_family(group));
	if (is_embedded(group)) {
		*ip = embedded_rp(group);
		return router_with(rp, *ip);
	}
	look(rp, router, ip_family(group), &v);
	m = choose(rp, &v, group);
	if (!m)
		return -1;
	*ip = m->rp;
	return port_of(rp, m->router, m->rp) || m->is_reachable ? (int)m->router : -1;
}

static bool is_of_zone(const struct net_rp *rp, struct ip group)
{
	struct prefix zone = range_of(PLAN_ZONE, ip_family(group));

	if (ip_family(group) == V6)
		group.b[1] &= 0xf;
	return rp->plan->rps.has_zone && prefix_has(&zone, group);
}

static bool is_inside(const struct net_rp *rp, const struct net_link *l)
{
	return rp->plan->rps.inside >> atoi(l->name + 1) & 1;
}

/* Streams */

/* A router that the port reaches; -1: none. */
static int router_at(const struct net_rp *rp, const struct net_port *port)
{
	uint32_t reached = reached_from(port);

	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		if (!rp->plan->router[i].off && reached >> router_of(rp, i)->number & 1)
			return i;
	}
	return -1;
}

static bool is_split(const struct net_link *l)
{
	const struct net_port *port;

	TAILQ_FOREACH(port, &l->ports, on_link) {
		if (port->apart)
			return true;
	}
	return false;
}

static bool is_zone_served(const struct net_rp *rp, const struct net_port *from,
			   const struct net_port *to, unsigned router, unsigned of)
{
	struct view v;

	look(rp, router, V4, &v);
	return v.zone_bsr >= 0 && is_inside(rp, from->link) && is_inside(rp, to->link) &&
	       plan_is_in_zone(rp->plan, of);
}

static const struct net_port *source_of(const struct net *n, struct sg sg)
{
	for (unsigned i = 0; i < n->nstreams; i++) {
		if (sg_eq(n->streams[i]->sg, sg))
			return n->streams[i]->host->port;
	}
	return NULL;
}

/*
 * On the link of the source nobody else is needed. Elsewhere a router on the way of the stream is
 * in its partition, as are those who joined; if the source's link is in two, routers take the one
 * part for the other.
 */
bool net_rp_due(void *arg, const char *host, struct sg sg)
{
	const struct net_rp *rp = arg;
	const struct net_port *to = net_host_find(rp->n, host)->port, *from = source_of(rp->n, sg);
	const struct net_port *at;
	int router, of;
	struct ip ip;

	if (!from || is_split(from->link))
		return false;
	if (from->link == to->link || ip_is_ssm(sg.grp))
		return true;
	/* it may not be the link's own router that looks, but one behind it, outside of the zone */
	router = router_at(rp, to);
	if (router < 0)
		return true;
	if (is_of_zone(rp, sg.grp) && !plan_is_in_zone(rp->plan, router))
		router = rp->plan->rps.border;
	of = rp_of(rp, router, sg.grp, &ip);
	at = of < 0 ? NULL : port_of(rp, of, ip);
	if (of < 0 || !are_together(rp, router, of) || (at && !net_is_up(at)))
		return false;
	return !is_of_zone(rp, sg.grp) || is_zone_served(rp, from, to, router, of);
}

static void note_offers(struct net_rp *rp)
{
	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		if (is_rp(rp, i))
			rp->offer[i] = (struct net_rp_offer){ net_now(rp->n), rp->moments };
	}
}

void net_rp_moment(struct net_rp *rp)
{
	note_offers(rp);
	rp->moments++;
}

/* What routers say */

/* A record of a reply. */
struct row {
	struct prefix range;
	struct ip rp;
	unsigned priority;
	bool is_fixed, is_learned;
};

/* The text of a member, of @len bytes; NULL: there is none, or it is null. */
static const char *member(const char *record, const char *what, size_t *len)
{
	const char *end = record + strcspn(record, "}"), *at;
	char key[32];

	snprintf(key, sizeof(key), "\"%s\":", what);
	at = strstr(record, key);
	if (!at || at > end)
		return NULL;
	at += strlen(key);
	if (!strncmp(at, "null", 4))
		return NULL;
	at += *at == '"';
	*len = strcspn(at, "\",}");
	return at;
}

static bool member_is(const char *record, const char *what, const char *text)
{
	size_t len;
	const char *at = member(record, what, &len);

	return at && len == strlen(text) && !strncmp(at, text, len);
}

static struct ip member_ip(const char *record, const char *what, enum af af)
{
	size_t len;
	const char *at = member(record, what, &len);
	char text[IP_STRLEN];
	struct ip ip;

	if (!at || len >= sizeof(text))
		return ip_any(af);
	memcpy(text, at, len);
	text[len] = '\0';
	return ip_parse(text, &ip) ? ip : ip_any(af);
}

/* The next mapping of a reply; NULL: no more. */
static const char *read_row(const char *at, struct row *row)
{
	const char *record = strstr(at, "{\"group\":");
	char text[PREFIX_STRLEN] = "";
	const char *word;
	size_t len;

	if (!record)
		return NULL;
	*row = (struct row){ .rp = member_ip(record, "rp_address", V4) };
	word = member(record, "group", &len);
	if (word && len < sizeof(text))
		memcpy(text, word, len);
	if (!prefix_parse(text, &row->range))
		net_die("no range:", text);
	word = member(record, "priority", &len);
	row->priority = word ? strtoul(word, NULL, 10) : 0;
	row->is_fixed = member_is(record, "origin", "static");
	row->is_learned = member_is(record, "origin", "bsr");
	return record + strcspn(record, "}");
}

/*
 * Until nobody has a mapping any more whose RP is none: the bootstrap router has it as long as the
 * last offer holds; others until that router is missed, when they take its last message for a new
 * one (RFC 5059 3.1.5), and as long as that holds. Who is new, or again the neighbor of somebody,
 * may be told of that message meanwhile (3.5), and misses its router only after the full time.
 */
static int64_t forgotten(const struct net_rp *rp, const struct net_rp_offer *offer)
{
	int64_t offered = SEC(rp->plan->rps.rp_interval) * 5 / 2;

	return offered + BS_MIN_INTERVAL + (1 + rp->moments - offer->moment) * BS_TIMEOUT +
	       HOLDTIME + SEC(10);
}

static void watch(const struct net_rp *rp, unsigned router)
{
	const char *at = net_ask(rp->n, NAME('r', router), "show pim rp");
	struct row row;

	while ((at = read_row(at, &row))) {
		int of = row.is_learned ? router_with(rp, row.rp) : -1;
		int64_t ago = of < 0 ? 0 : net_now(rp->n) - rp->offer[of].at;

		if (of >= 0 && ago > forgotten(rp, &rp->offer[of]))
			net_complain(rp->n, "r%u: %s is RP of %s still, since %lld s no candidate",
				     router, ip_str(row.rp), prefix_str(&row.range),
				     (long long)ago / 1000);
	}
}

void net_rp_watch(struct net_rp *rp)
{
	note_offers(rp);
	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		if (is_there(rp, i))
			watch(rp, i);
	}
}

/* When all is quiet */

/* While the zone has no bootstrap router, who knows of it still keeps its groups for one. */
static bool is_vague(const struct net_rp *rp, const struct view *v, struct ip group)
{
	return is_of_zone(rp, group) && v->zone_bsr < 0;
}

static bool is_row(const struct mapping *m, const struct row *row)
{
	return m->range.len == row->range.len && ip_eq(m->range.ip, row->range.ip) &&
	       ip_eq(m->rp, row->rp) && m->priority == row->priority &&
	       m->is_fixed == row->is_fixed;
}

static void judge_row(const struct net_rp *rp, unsigned router, struct view *v,
		      const struct row *row, bool *found)
{
	for (unsigned i = 0; i < v->n; i++) {
		if (!is_row(&v->mapping[i], row))
			continue;
		found[i] = true;
		return;
	}
	/* those within groups are known by their groups alone */
	if (!is_vague(rp, v, row->range.ip) && (row->is_fixed || row->is_learned))
		net_complain(rp->n, "r%u: has the RP %s of %s priority %u%s, which is none", router,
			     ip_str(row->rp), prefix_str(&row->range), row->priority,
			     row->is_learned ? "" : ", not learned");
}

static void judge_set(const struct net_rp *rp, unsigned router, enum af af)
{
	const char *at = net_ask(rp->n, NAME('r', router), "show pim rp");
	bool found[MAXMAPPINGS] = { false };
	struct view v;
	struct row row;

	look(rp, router, af, &v);
	while ((at = read_row(at, &row))) {
		if (ip_family(row.range.ip) == af)
			judge_row(rp, router, &v, &row, found);
	}
	for (unsigned i = 0; i < v.n; i++) {
		const struct mapping *m = &v.mapping[i];

		if (!found[i] && !is_vague(rp, &v, m->range.ip))
			net_complain(rp->n, "r%u: has not the %s RP %s of %s priority %u", router,
				     m->is_fixed ? "static" : "learned", ip_str(m->rp),
				     prefix_str(&m->range), m->priority);
	}
}

static void judge_group(const struct net_rp *rp, unsigned router, struct ip group)
{
	struct ip is, ip;
	const char *reply;
	char request[64];
	struct view v;

	look(rp, router, ip_family(group), &v);
	if (is_vague(rp, &v, group) || ip_is_ssm(group))
		return;
	rp_of(rp, router, group, &ip);
	snprintf(request, sizeof(request), "show pim rp %s", ip_str(group));
	reply = strstr(net_ask(rp->n, NAME('r', router), request), "{\"group\":");
	is = reply ? member_ip(reply, "rp_address", ip_family(group)) : ip;
	if (!ip_eq(is, ip))
		net_complain(rp->n, "r%u: says that the RP of %s is %s, it is %s", router,
			     ip_str(group), ip_str(is), ip_str(ip));
}

/* The bootstrap router that a router knows of a zone; ip_any(): none. */
static struct ip bsr_known(const struct net_rp *rp, unsigned router, unsigned range, enum af af)
{
	const char *at = net_ask(rp->n, NAME('r', router), "show pim bsr");

	while ((at = strstr(at, "{\"family\":"))) {
		if (member_is(at, "zone", plan_ranges[range][af]) && strstr(at, "bsr_address"))
			return member_ip(at, "bsr_address", af);
		at++;
	}
	return ip_any(af);
}

/* Of the elected router without an address of its choice, that which it took first. */
static struct ip bsr_address(const struct net_rp *rp, int bsr, unsigned range, enum af af)
{
	const struct plan_say *say = say_of(rp, bsr);
	struct ip ip = address_of(rp, bsr, say->bsr_form, af), own;
	const struct net_port *port;

	if (say->bsr_form != PLAN_ANY)
		return ip;
	own = bsr_known(rp, bsr, range, af);
	port = port_of(rp, bsr, own);
	return port && net_is_up(port) ? own : ip;
}

static void judge_bsr(const struct net_rp *rp, unsigned router, unsigned range, int bsr, enum af af)
{
	struct ip ip = bsr < 0 ? ip_any(af) : bsr_address(rp, bsr, range, af);
	struct ip is = bsr_known(rp, router, range, af);

	if (!ip_eq(is, ip))
		net_complain(rp->n, "r%u: says that the bootstrap router of %s is %s, it is %s",
			     router, plan_ranges[range][af], ip_str(is), ip_str(ip));
}

static void judge_bsrs(const struct net_rp *rp, unsigned router, enum af af)
{
	struct view v;

	look(rp, router, af, &v);
	judge_bsr(rp, router, 0, v.bsr, af);
	if (rp->plan->rps.has_zone)
		judge_bsr(rp, router, PLAN_ZONE, v.is_inside ? v.zone_bsr : -1, af);
}

static void judge_router(const struct net_rp *rp, unsigned router)
{
	for (enum af af = V4; af < NFAMILIES; af++) {
		judge_bsrs(rp, router, af);
		judge_set(rp, router, af);
	}
	for (unsigned i = 0; i < rp->plan->ngroups; i++) {
		struct ip group;

		if (ip_parse(rp->plan->group[i], &group))
			judge_group(rp, router, group);
	}
}

/*
 * No packet to groups of the zone went out of it; but where no RP in it has them, and routers take
 * one out there, to which Registers go.
 */
static void judge_zone(const struct net_rp *rp, const struct net_stream *s)
{
	const struct net_port *port;
	struct ip ip;
	int of;

	if (!is_of_zone(rp, s->sg.grp) || !is_inside(rp, s->host->port->link))
		return;
	of = router_at(rp, s->host->port);
	of = of < 0 ? of : rp_of(rp, of, s->sg.grp, &ip);
	if (of >= 0 && !plan_is_in_zone(rp->plan, of))
		return;
	for (unsigned i = 0; i < rp->n->nrouters; i++) {
		TAILQ_FOREACH(port, &rp->n->routers[i]->node.ports, on_node) {
			if (!is_inside(rp, port->link) && s->number < port->ncarried &&
			    port->carried[s->number])
				net_complain(rp->n, "%s: sends %s to %s, out of the zone",
					     port->node->name, sg_str(&s->sg), port->link->name);
		}
	}
}

void net_rp_check(struct net_rp *rp)
{
	for (unsigned i = 0; i < rp->plan->nrouters; i++) {
		if (is_there(rp, i))
			judge_router(rp, i);
	}
	for (unsigned i = 0; i < rp->n->nstreams; i++)
		judge_zone(rp, rp->n->streams[i]);
}
