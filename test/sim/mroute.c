/* mroute.c - one family's multicast routing of the kernel, modelled
 *
 * What an entry does to a packet is in lookup() and targets(): the kernel's rules of (S,G), (*,G)
 * and (*,*). The steps in test/sim/kernel/ hold them against the real one.
 */
#include <assert.h>
#include <stdlib.h>

#include "sim/mroute.h"

/* Of one key the youngest comes first, as the kernel finds it first. */
static int mfc_cmp(const struct mfc *a, const struct mfc *b)
{
	int order = sg_cmp(&a->sg, &b->sg);

	if (order)
		return order;
	return a->born > b->born ? -1 : a->born < b->born;
}

static int unresolved_cmp(const struct unresolved *a, const struct unresolved *b)
{
	return sg_cmp(&a->sg, &b->sg);
}

RB_PROTOTYPE_STATIC(mfc_tree, mfc, node, mfc_cmp)
RB_GENERATE_STATIC(mfc_tree, mfc, node, mfc_cmp)
RB_PROTOTYPE_STATIC(unresolved_tree, unresolved, node, unresolved_cmp)
RB_GENERATE_STATIC(unresolved_tree, unresolved, node, unresolved_cmp)

static void unresolved_free(struct mroute *m, struct unresolved *u)
{
	age_remove(&m->expiry, &u->age);
	RB_REMOVE(unresolved_tree, &m->unresolved, u);
	m->nunresolved--;
	free(u);
}

/* Nobody set an entry in time: the packets are lost, and the next one is a new upcall. */
static void expire(struct age_queue *q, struct age *age)
{
	unresolved_free(container_of(q, struct mroute, expiry),
			container_of(age, struct unresolved, age));
}

void mroute_init(struct mroute *m, enum af af, struct clock *clock)
{
	*m = (struct mroute){ .af = af, .clock = clock };
	RB_INIT(&m->entries);
	RB_INIT(&m->unresolved);
	age_init(&m->expiry, clock, SIM_UNRESOLVED_TIME, expire);
}

void mroute_clear(struct mroute *m)
{
	struct unresolved *u;
	struct mfc *c;

	while ((u = RB_ROOT(&m->unresolved)))
		unresolved_free(m, u);
	while ((c = RB_ROOT(&m->entries))) {
		RB_REMOVE(mfc_tree, &m->entries, c);
		free(c);
	}
	m->nentries = 0;
	memset(m->vif, 0, sizeof(m->vif));
}

void mroute_end(struct mroute *m)
{
	mroute_clear(m);
	age_end(&m->expiry);
}

const char *mroute_vif_add(struct mroute *m, unsigned vif, unsigned ifindex)
{
	if (vif >= MAXVIFS)
		return REASON_ENFILE;
	if (m->vif[vif])
		return REASON_EADDRINUSE;
	m->vif[vif] = ifindex;
	return NULL;
}

const char *mroute_vif_del(struct mroute *m, unsigned vif)
{
	if (vif >= MAXVIFS && m->af == V4)
		return REASON_ENFILE;
	if (vif >= MAXVIFS || !m->vif[vif])
		return REASON_EADDRNOTAVAIL;
	m->vif[vif] = 0;
	return NULL;
}

unsigned mroute_vif_of(const struct mroute *m, unsigned ifindex)
{
	for (unsigned vif = MAXVIFS; ifindex && vif-- > 0;) {
		if (m->vif[vif] == ifindex)
			return vif;
	}
	return NOVIF;
}

void mroute_gone(struct mroute *m, unsigned ifindex)
{
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (m->vif[vif] == ifindex)
			m->vif[vif] = 0;
	}
}

const struct mfc *mroute_next(const struct mroute *m, const struct mfc *c)
{
	if (!c)
		return RB_MIN(mfc_tree, (struct mfc_tree *)&m->entries);
	return RB_NEXT(mfc_tree, &m->entries, (struct mfc *)c);
}

static struct mfc *find(const struct mroute *m, struct sg sg, unsigned parent)
{
	struct mfc key = { .sg = sg, .born = UINT64_MAX };
	struct mfc *c = RB_NFIND(mfc_tree, (struct mfc_tree *)&m->entries, &key);

	while (c && sg_eq(c->sg, sg) && parent != ANY_PARENT && c->parent != parent)
		c = RB_NEXT(mfc_tree, &m->entries, c);
	return c && sg_eq(c->sg, sg) ? c : NULL;
}

const struct mfc *mroute_find(const struct mroute *m, struct sg sg)
{
	return find(m, sg, ANY_PARENT);
}

/* The youngest (*,*) entry that has the vif among its outgoing ones. */
static struct mfc *find_tree(const struct mroute *m, unsigned vif)
{
	struct sg all = { ip_any(m->af), ip_any(m->af) };
	struct mfc *c = find(m, all, ANY_PARENT);

	while (c && sg_eq(c->sg, all)) {
		if (c->ttl[vif])
			return c;
		c = RB_NEXT(mfc_tree, &m->entries, c);
	}
	return NULL;
}

/* Whether the (*,*) entry that the (*,G)'s parent belongs to has the vif too. */
static bool is_on_tree(const struct mroute *m, const struct mfc *c, unsigned vif)
{
	const struct mfc *tree = find_tree(m, c->parent);

	return tree && tree->ttl[vif];
}

/* (S,G); else a (*,G) that has the arrival vif among its outgoing ones; else such a (*,*). */
static struct mfc *lookup(const struct mroute *m, struct sg sg, unsigned vif)
{
	struct sg any = { ip_any(m->af), sg.grp };
	struct mfc *c = find(m, sg, ANY_PARENT);

	if (c || vif == NOVIF)
		return c;
	for (c = find(m, any, ANY_PARENT); c && sg_eq(c->sg, any);
	     c = RB_NEXT(mfc_tree, &m->entries, c)) {
		if (c->ttl[vif] || is_on_tree(m, c, vif))
			return c;
	}
	return find_tree(m, vif);
}

/* Whether the entry takes packets from there: its parent, or a (*,G)'s tree. */
static bool is_right(const struct mroute *m, const struct mfc *c, unsigned ifindex, unsigned vif)
{
	if (ip_is_any(c->sg.src) && vif != NOVIF && is_on_tree(m, c, vif))
		return true;
	return m->vif[c->parent] == ifindex;
}

/* The vifs, as bits, to which the entry sends a packet that came in the right way. */
static uint32_t targets(const struct mfc *c, unsigned vif, uint8_t ttl)
{
	bool any_source = ip_is_any(c->sg.src);
	uint32_t to = 0;

	for (unsigned i = 0; i < MAXVIFS; i++) {
		if (c->ttl[i] && ttl > c->ttl[i] && !(any_source && i == vif))
			to |= UINT32_C(1) << i;
	}
	if (any_source && ip_is_any(c->sg.grp))
		to &= vif == NOVIF ? 0 : UINT32_C(1) << c->parent;
	return to;
}

/* One upcall in three seconds an entry, whether it could be queued or not. */
static void wrong_interface(struct mroute *m, struct mfc *c, struct sg sg, unsigned vif)
{
	int64_t now = m->clock->now;

	c->wrong++;
	if (vif == NOVIF || (c->has_asserted && now - c->asserted <= SIM_WRONGIF_TIME))
		return;
	c->has_asserted = true;
	c->asserted = now;
	m->upcall(m, UPCALL_WRONGIF, sg, vif);
}

static void forward(struct mroute *m, struct mfc *c, unsigned ifindex,
		    const struct sim_packet *packet)
{
	unsigned vif = mroute_vif_of(m, ifindex);
	struct sim_packet copy = *packet;
	uint32_t to;

	c->packets++;
	c->bytes += packet->len;
	if (!is_right(m, c, ifindex, vif)) {
		wrong_interface(m, c, packet->sg, vif);
		return;
	}
	to = targets(c, vif, packet->ttl);
	copy.ttl--;
	for (unsigned i = MAXVIFS; i-- > 0;) {
		if (to >> i & 1 && m->vif[i])
			m->out(m, m->vif[i], &copy);
	}
}

static struct unresolved *unresolved_find(const struct mroute *m, struct sg sg)
{
	struct unresolved key = { .sg = sg };

	return RB_FIND(unresolved_tree, (struct unresolved_tree *)&m->unresolved, &key);
}

/* The first packet is told of, once; when that fails there is nothing and the next is the first. */
static void hold(struct mroute *m, unsigned ifindex, unsigned vif, const struct sim_packet *packet)
{
	struct unresolved *u = unresolved_find(m, packet->sg);

	if (!u) {
		if (!m->upcall(m, UPCALL_NOROUTE, packet->sg, vif))
			return;
		u = xcalloc(1, sizeof(*u));
		u->sg = packet->sg;
		RB_INSERT(unresolved_tree, &m->unresolved, u);
		m->nunresolved++;
		age_add(&m->expiry, &u->age);
	}
	if (u->n < SIM_QUEUED) {
		u->queue[u->n].ifindex = ifindex;
		u->queue[u->n++].packet = *packet;
	}
}

void mroute_packet(struct mroute *m, unsigned ifindex, const struct sim_packet *packet)
{
	unsigned vif = mroute_vif_of(m, ifindex);
	struct mfc *c;

	/* From a device that is no vif IPv4 does not look further; IPv6 counts a wrong packet. */
	if (ip_is_local_group(packet->sg.grp) || (vif == NOVIF && m->af == V4))
		return;
	c = lookup(m, packet->sg, vif);
	if (c)
		forward(m, c, ifindex, packet);
	else if (vif != NOVIF)
		hold(m, ifindex, vif, packet);
}

bool mroute_forwards(const struct mroute *m, struct sg sg, unsigned iif, unsigned oif)
{
	unsigned in = mroute_vif_of(m, iif);
	const struct mfc *c = lookup(m, sg, in);
	uint32_t to = c && is_right(m, c, iif, in) ? targets(c, in, UINT8_MAX) : 0;

	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (to >> vif & 1 && m->vif[vif] == oif)
			return true;
	}
	return false;
}

/* Only vifs that exist are kept, and the threshold 255 is none at all; IPv6 has no thresholds. */
static void keep_oifs(const struct mroute *m, uint8_t ttl[MAXVIFS], const struct mfc_entry *entry)
{
	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		ttl[vif] = 0;
		if (!entry->ttl[vif] || !m->vif[vif])
			continue;
		if (m->af == V6)
			ttl[vif] = 1;
		else if (entry->ttl[vif] < 255)
			ttl[vif] = entry->ttl[vif];
	}
}

/* The packets that waited for this very (S,G) go their way. */
static void resolve(struct mroute *m, struct mfc *c)
{
	struct unresolved *u = unresolved_find(m, c->sg);

	if (!u)
		return;
	for (unsigned i = 0; i < u->n; i++)
		forward(m, c, u->queue[i].ifindex, &u->queue[i].packet);
	unresolved_free(m, u);
}

const char *mroute_set(struct mroute *m, const struct mfc_entry *entry, unsigned parent)
{
	struct mfc *c = find(m, entry->sg, parent);
	uint8_t ttl[MAXVIFS];

	assert(ip_family(entry->sg.src) == m->af && ip_family(entry->sg.grp) == m->af);
	if (entry->parent >= MAXVIFS)
		return REASON_ENFILE;

	keep_oifs(m, ttl, entry);
	if (c) {
		m->noops += c->parent == entry->parent && !memcmp(c->ttl, ttl, sizeof(ttl));
		c->parent = entry->parent;
		memcpy(c->ttl, ttl, sizeof(ttl));
		return NULL;
	}
	if (!ip_is_any(entry->sg.grp) && !ip_is_multicast(entry->sg.grp))
		return REASON_EINVAL;

	c = xcalloc(1, sizeof(*c));
	c->sg = entry->sg;
	c->parent = entry->parent;
	c->born = m->born++;
	memcpy(c->ttl, ttl, sizeof(ttl));
	RB_INSERT(mfc_tree, &m->entries, c);
	m->nentries++;
	resolve(m, c);
	return NULL;
}

const char *mroute_del(struct mroute *m, struct sg sg, unsigned parent)
{
	struct mfc *c = find(m, sg, parent);

	if (!c)
		return REASON_ENOENT;
	RB_REMOVE(mfc_tree, &m->entries, c);
	m->nentries--;
	free(c);
	return NULL;
}
