/* hook.c - what operators' scripts are told: learned routes that the kernel has, or no longer
 *
 * Learned is a route that was made because its source sends: not one that the configuration names
 * whole, no negative entry, no wildcard, nor what a wildcard forwards. What was told last is kept
 * with the entry, and compared with what the kernel has by now.
 */
#include "core/core.h"

static bool is_learned(const struct entry *e)
{
	const struct want *owner = e->wants;

	return e->parent != NOVIF && owner && owner->kind == ROUTE_WANT &&
	       owner->rank != RANK_STATIC && !entry_is_negative(e) && !entry_is_wildcard(e);
}

/* The slots of the entry as the kernel has it. */
static struct told in_kernel(const struct mfc *m, const struct entry *e)
{
	const uint8_t *slot_of_vif = m->router->ifaces.slot_of_vif[m->af];
	struct told now = { .iif = slot_of_vif[e->parent] };

	for (unsigned vif = 0; vif < MAXVIFS; vif++) {
		if (e->vifs >> vif & 1)
			now.oifs = ifset_with(now.oifs, slot_of_vif[vif]);
	}
	return now;
}

static void tell(const struct mfc *m, const struct entry *e, enum hook_kind kind,
		 const struct told *route)
{
	struct router *r = m->router;
	struct hook hook = { .kind = kind, .af = m->af, .sg = e->sg };
	struct buf names = { 0 };
	const char *owner;

	ifset_foreach(slot, route->oifs)
		buf_printf(&names, "%s%s", buf_len(&names) ? " " : "", r->ifaces.slot[slot].name);
	buf_add(&names, "", 1);
	hook.iif = route->iif < MAXSLOTS ? r->ifaces.slot[route->iif].name : "";
	hook.oifs = buf_at(&names);
	owner = e->wants ? want_owner(m, e->wants) : NULL;
	hook.owner = owner ? owner : "";
	r->kern->op->hook(r->kern, &hook);
	buf_free(&names);
}

static void settle_learned(struct mfc *m, struct entry *e)
{
	struct told *told = &entry_past(e)->told, now = in_kernel(m, e);

	now.state = TOLD;
	if (told->state == TOLD_NOTHING || told->iif != now.iif)
		tell(m, e, HOOK_INSTALL, &now);
	else if (!ifset_eq(told->oifs, now.oifs))
		tell(m, e, HOOK_CHANGE, &now);
	*told = now;
}

void hook_settle(struct mfc *m, struct entry *e)
{
	struct told *told;

	if (!m->router->options.hooks)
		return;
	if (is_learned(e)) {
		if (e->wants->rank != RANK_INHERITED)
			settle_learned(m, e);
		return;
	}
	if (!e->extra || !e->extra->past)
		return;
	told = &e->extra->past->told;
	if (told->state == TOLD || (told->state == TOLD_BEFORE && e->parent == NOVIF))
		tell(m, e, HOOK_REMOVE, told);
	told->state = TOLD_NOTHING;
}

void hook_inherit(struct mfc *m, struct entry *e)
{
	struct told *told;

	if (!m->router->options.hooks || !e->vifs || e->parent >= MAXVIFS)
		return;
	told = &entry_past(e)->told;
	*told = in_kernel(m, e);
	told->state = TOLD_BEFORE;
}
