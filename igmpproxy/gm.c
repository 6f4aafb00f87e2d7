/* gm.c - the engine of IGMP and MLD, routers' side: who listens on our links
 *
 * There is a port for each interface that an engine follows, or that the configuration names. It
 * is the database of what listeners want: what its groups told last (group.h).
 */
#include <stdlib.h>
#include <string.h>

#include "gm.h"
#include "gm_port.h"

static void port_drop(struct gm_port *p)
{
	struct gm_group_counters *gone = &p->gm->gone;
	const struct gm_group_counters *c = &p->groups.counters;

	gone->groups_refused += c->groups_refused;
	gone->shares_refused += c->shares_refused;
	gone->sources_refused += c->sources_refused;
	gone->hosts_refused += c->hosts_refused;
	gone->old_ignored += c->old_ignored;
	gone->ssm_ignored += c->ssm_ignored;
	gone->compat_ignored += c->compat_ignored;
	p->gm->port[p->slot] = NULL;
	gm_port_free(p);
}

/* What follows for the slot from the configuration, its interface and who follows. */
static void derive(struct gm *gm, unsigned slot, bool named)
{
	struct engine *e = &gm->engine;
	const struct host_ops *op = e->host->op;
	struct gm_fields all = gm_defaults_said(&gm->times);
	const struct gm_port_fields *fields = &all.af[e->af];
	struct gm_port *p = gm->port[slot];
	struct iface iface;

	if (named)
		op->phyint(e->host, slot, gm_keywords, &all);
	if (fields->on || ifset_has(gm->followed, slot)) {
		if (!p)
			p = gm->port[slot] = gm_port_new(gm, slot);
		iface = op->iface(e, slot);
		gm_port_lines(p, op->named_by(e->host, slot));
		gm_port_derive(p, fields, &iface);
	} else if (p) {
		gm_port_lines(p, ifset_none());
		gm_port_derive(p, NULL, NULL);
	}
	if (p)
		gm->busy = ifset_with(gm->busy, slot);
}

/* Some of the groups of one port. */
static void settle_port(struct gm *gm, unsigned slot, unsigned budget)
{
	struct gm_port *p = gm->port[slot];

	if (p && gm_groups_settle(&p->groups, budget))
		return;
	gm->busy = ifset_without(gm->busy, slot);
	if (p && p->state == GM_OFF)
		port_drop(p);
}

static bool gm_settle(struct engine *e, unsigned budget)
{
	struct gm *gm = gm_of(e);
	struct ifset changed = gm->changed, named;

	if (!budget)
		return !ifset_empty(ifset_or(changed, gm->busy));
	if (!ifset_empty(changed)) {
		gm->changed = ifset_none();
		named = e->host->op->expand(e->host, gm->named);
		ifset_foreach(slot, changed)
			derive(gm, slot, ifset_has(named, slot));
	}
	gm->turn = ifset_next(gm->busy, gm->turn);
	if (gm->turn == NOSLOT)
		gm->turn = ifset_first(gm->busy);
	if (gm->turn != NOSLOT)
		settle_port(gm, gm->turn, budget);
	return !ifset_empty(gm->busy);
}

static void gm_iface(struct engine *e, unsigned slot, const struct iface *iface)
{
	struct gm *gm = gm_of(e);

	(void)iface;
	gm->changed = ifset_with(gm->changed, slot);
}

static void gm_hear(struct engine *e, const struct packet *packet)
{
	struct gm_port *p = gm_of(e)->port[packet->slot];

	if (p)
		gm_port_hear(p, packet);
}

static void gm_followed(struct engine *e, unsigned slot, bool on)
{
	struct gm *gm = gm_of(e);

	gm->followed = on ? ifset_with(gm->followed, slot) : ifset_without(gm->followed, slot);
	gm->changed = ifset_with(gm->changed, slot);
}

static bool is_wanted(const struct gm_group *g)
{
	return g->told_mode == FILTER_EXCLUDE || g->ntold;
}

static void gm_membership(struct engine *e, unsigned slot, struct ip group, struct membership *m)
{
	const struct gm_port *p = gm_of(e)->port[slot];
	const struct gm_group *g = p ? gm_group_find(&p->groups, group) : NULL;

	*m = (struct membership){ group, FILTER_INCLUDE, NULL, 0 };
	if (g)
		*m = (struct membership){ group, g->told_mode, g->told, g->ntold };
}

static bool gm_next_group(struct engine *e, unsigned slot, struct ip after, struct ip *group)
{
	const struct gm_port *p = gm_of(e)->port[slot];
	const struct gm_group *g = p ? gm_group_after(&p->groups, after) : NULL;

	while (g && !is_wanted(g))
		g = gm_group_after(&p->groups, g->ip);
	if (g)
		*group = g->ip;
	return g;
}

static bool gm_is_querier(struct engine *e, unsigned slot)
{
	const struct gm_port *p = gm_of(e)->port[slot];

	return p && p->is_querier;
}

static struct querying gm_querying(struct engine *e, unsigned slot)
{
	const struct gm_port *p = gm_of(e)->port[slot];

	if (!p || p->state != GM_RUNS)
		return (struct querying){ 0 };
	return (struct querying){ p->querier.interval, p->querier.robustness };
}

/* The ranges that the lines say are source-specific, and whether any group is mapped. */
static void take_ranges(struct gm *gm)
{
	struct prefix *ssm = xcalloc(gm->lines.n + 1, sizeof(*ssm));

	gm->nssm = 0;
	gm->has_map = false;
	for (unsigned i = 0; i < gm->lines.n; i++) {
		const struct gm_line *line = &gm->lines.line[i];

		if (line->kind == GM_SSM_RANGE)
			ssm[gm->nssm++] = line->group;
		gm->has_map |= line->kind == GM_SSM_MAP;
	}
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (gm->port[slot]) {
			gm->port[slot]->groups.settings.ssm = ssm;
			gm->port[slot]->groups.settings.nssm = gm->nssm;
		}
	}
	free(gm->ssm);
	gm->ssm = ssm;
}

static bool are_alike(const struct gm_lines *a, const struct gm_lines *b)
{
	return a->n == b->n && (!a->n || !memcmp(a->line, b->line, a->n * sizeof(*a->line)));
}

/* Nothing is ever done by command. */
static void gm_configure(struct engine *e, void *arg, bool keep)
{
	struct gm *gm = gm_of(e);
	struct gm_conf *conf = arg;

	(void)keep;
	gm->named = conf->named;
	gm->times = conf->times;
	gm->changed = (struct ifset){ UINT64_MAX };
	if (are_alike(&gm->lines, &conf->lines[e->af]))
		return;
	free(gm->lines.line);
	gm->lines = conf->lines[e->af];
	conf->lines[e->af] = (struct gm_lines){ 0 };
	gm->lines_version++;
	take_ranges(gm);
}

static struct ifset gm_slots(struct engine *e)
{
	const struct gm *gm = gm_of(e);
	struct ifset slots = gm->named;

	for (unsigned i = 0; i < gm->lines.n; i++)
		slots = ifset_with(slots, gm->lines.line[i].slot);
	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (gm->port[slot])
			slots = ifset_with(slots, slot);
	}
	return slots;
}

static struct engine *gm_create(void)
{
	struct gm *gm = xcalloc(1, sizeof(*gm));

	gm->arena = arena_init(GM_ARENA);
	return &gm->engine;
}

static void gm_destroy(struct engine *e)
{
	struct gm *gm = gm_of(e);

	for (unsigned slot = 0; slot < MAXSLOTS; slot++) {
		if (gm->port[slot])
			gm_port_free(gm->port[slot]);
	}
	free(gm->lines.line);
	free(gm->ssm);
	arena_free(&gm->arena);
	free(gm);
}

static const struct event_kind gm_events[] = {
	{ "join", "membership", "somebody listens to a group on an interface" },
	{ "leave", "membership", "nobody any more" },
	{ "querier", "membership", "another router asks for listeners on an interface, or we do" },
	{ 0 },
};

static const struct command gm_commands[] = {
	{ "show igmp", "", "where listeners of IPv4 are asked, and who asks", false, NULL,
	  gm_show_igmp },
	{ "show mld", "", "the same of IPv6", false, NULL, gm_show_mld },
	{ "show groups", "[detail]", "what is listened to on links, with detail by source and host",
	  false, NULL, gm_show_groups },
	{ "show config", "", NULL, false, NULL, gm_show_config },
	{ 0 },
};

const struct module gm_module = {
	.name = "gm",
	.statements = gm_statements,
	.commands = gm_commands,
	.events = gm_events,
	.phyint = gm_keywords,
	.phyint_named = gm_phyint_named,
	.conf_new = gm_conf_new,
	.conf_free = gm_conf_free,
	.check = gm_conf_check,
	.create = gm_create,
	.destroy = gm_destroy,
	.configure = gm_configure,
	.iface = gm_iface,
	.packet = gm_hear,
	.count = gm_count,
	.followed = gm_followed,
	.membership = gm_membership,
	.next_group = gm_next_group,
	.is_querier = gm_is_querier,
	.querying = gm_querying,
	.settle = gm_settle,
	.slots = gm_slots,
};
