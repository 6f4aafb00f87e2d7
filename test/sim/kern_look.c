/* kern_look.c - the modelled kernel's tables, for checkers */
#include <stdlib.h>

#include "sim/kern_state.h"

static void describe(const struct mroute *m, const struct mfc *c, struct sim_entry *entry)
{
	*entry = (struct sim_entry){ .sg = c->sg, .parent = c->parent };
	memcpy(entry->ttl, c->ttl, sizeof(entry->ttl));
	entry->counters = kern_counters(c);
	entry->iif = m->vif[c->parent];
	for (unsigned vif = 0; vif < MAXVIFS; vif++)
		entry->oif[vif] = c->ttl[vif] ? m->vif[vif] : 0;
}

bool sim_entry(const struct sim_kern *k, enum af af, struct sg sg, struct sim_entry *entry)
{
	const struct mroute *m = kern_mroute(k, af);
	const struct mfc *c = mroute_find(m, sg);

	if (c)
		describe(m, c, entry);
	return c;
}

void sim_entries(const struct sim_kern *k, enum af af,
		 void (*each)(void *arg, const struct sim_entry *entry), void *arg)
{
	const struct mroute *m = kern_mroute(k, af);

	for (const struct mfc *c = mroute_next(m, NULL); c; c = mroute_next(m, c)) {
		struct sim_entry entry;

		describe(m, c, &entry);
		each(arg, &entry);
	}
}

unsigned sim_nentries(const struct sim_kern *k, enum af af)
{
	return kern_mroute(k, af)->nentries;
}

unsigned sim_unresolved(const struct sim_kern *k, enum af af)
{
	return kern_mroute(k, af)->nunresolved;
}

bool sim_forwards(const struct sim_kern *k, struct sg sg, unsigned iif, unsigned oif)
{
	return mroute_forwards(kern_mroute(k, ip_family(sg.grp)), sg, iif, oif);
}

unsigned sim_vif(const struct sim_kern *k, enum af af, unsigned vif)
{
	return vif < MAXVIFS ? kern_mroute(k, af)->vif[vif] : 0;
}

unsigned sim_vif_of(const struct sim_kern *k, enum af af, unsigned ifindex)
{
	return mroute_vif_of(kern_mroute(k, af), ifindex);
}

const char *sim_plain_set(struct sim_kern *k, enum af af, const struct mfc_entry *entry)
{
	return mroute_set(kern_mroute(k, af), entry, ANY_PARENT);
}

const char *sim_plain_del(struct sim_kern *k, enum af af, struct sg sg)
{
	return mroute_del(kern_mroute(k, af), sg, ANY_PARENT);
}

const char *sim_proxy_set(struct sim_kern *k, enum af af, const struct mfc_entry *entry)
{
	return mroute_set(kern_mroute(k, af), entry, entry->parent);
}

const char *sim_proxy_del(struct sim_kern *k, enum af af, struct sg sg, unsigned parent)
{
	return mroute_del(kern_mroute(k, af), sg, parent);
}

const struct membership *sim_joined(struct sim_kern *k, unsigned who, unsigned ifindex,
				    struct ip group)
{
	return members_one(&k->state->members, who, ifindex, group);
}

const struct membership *sim_member(struct sim_kern *k, unsigned ifindex, struct ip group)
{
	return members_merged(&k->state->members, ifindex, group);
}

void sim_members(struct sim_kern *k, unsigned ifindex, enum af af,
		 void (*each)(void *arg, const struct membership *m), void *arg)
{
	members_each(&k->state->members, ifindex, af, each, arg);
}

bool sim_listens(const struct sim_kern *k, enum af af, unsigned ifindex, enum listen_what what)
{
	const struct device *d = device_find(k, ifindex);

	return d && d->listens[af] >> what & 1;
}

struct sim_sent *sim_sent(struct sim_kern *k)
{
	struct sim_sent *s = TAILQ_FIRST(&k->state->sent);

	if (s)
		TAILQ_REMOVE(&k->state->sent, s, link);
	return s;
}
