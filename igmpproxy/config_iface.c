/* config_iface.c - interfaces as igmpproxy.conf describes them, and what comes of them
 *
 * Upstreams and downstreams are one proxy, of which each has a line. All upstreams are asked for
 * what is wanted.
 */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "config_iface.h"

/* The pattern of all interfaces: the proxy takes those out of it that it names. */
#define OTHERS "+"

static const struct prefix all_groups = { { { [10] = 0xff, 0xff, 224, 0, 0, 0 } }, 4 };

/* What stays among the downstreams if nobody says otherwise (RFC 2365 6.1). */
static const struct prefix local_scope = { { { [10] = 0xff, 0xff, 239, 255, 0, 0 } }, 16 };

static struct conf_iface *new_iface(struct conf_ifaces *all, const char *name, struct origin from)
{
	struct conf_iface *i = xcalloc(1, sizeof(*i));

	memcpy(i->name, name, strlen(name));
	i->from = from;
	i->last = &i->nets;
	*all->last = i;
	all->last = &i->next;
	return i;
}

void conf_begin(struct conf_ifaces *all)
{
	const struct origin nowhere = { 1, 1, LINE_STATEMENT };

	*all = (struct conf_ifaces){ .last = &all->others };
	new_iface(all, OTHERS, nowhere);
}

static void free_iface(struct conf_iface *i)
{
	struct conf_net *n;

	while ((n = i->nets)) {
		i->nets = n->next;
		free(n);
	}
	buf_free(&i->words);
	free(i);
}

void conf_free(struct conf_ifaces *all)
{
	struct conf_iface *i;

	while ((i = all->others)) {
		all->others = i->next;
		free_iface(i);
	}
}

struct conf_iface *conf_add(struct conf_ifaces *all, const char *name, struct origin from)
{
	const struct conf_iface *like = all->others;
	struct conf_iface *i = new_iface(all, name, from);

	i->role = like->role;
	i->untracked = like->untracked;
	buf_add(&i->words, buf_at(&like->words), buf_len(&like->words));
	return i;
}

struct conf_iface *conf_find(const struct conf_ifaces *all, const char *name)
{
	struct conf_iface *i = all->others->next;

	while (i && (i->ignored || strcmp(i->name, name)))
		i = i->next;
	return i;
}

void conf_add_net(struct conf_iface *i, enum conf_list list, struct prefix net, struct origin from)
{
	struct conf_net *n = xcalloc(1, sizeof(*n));

	n->list = list;
	n->net = net;
	n->from = from;
	*i->last = n;
	i->last = &n->next;
}

bool conf_groups(const struct prefix *net, struct prefix *groups)
{
	*groups = net->len < all_groups.len ? all_groups : *net;
	return prefix_has(&all_groups, groups->ip) && prefix_has(net, groups->ip);
}

static bool is_upstream(const struct conf_iface *i)
{
	return !i->ignored && (i->role == UPSTREAM || i->role == UPDOWNSTREAM);
}

static bool is_downstream(const struct conf_iface *i)
{
	return !i->ignored && i->role == DOWNSTREAM;
}

unsigned conf_upstreams(const struct conf_ifaces *all)
{
	unsigned n = 0;

	for (const struct conf_iface *i = all->others; i; i = i->next)
		n += is_upstream(i);
	return n;
}

unsigned conf_downstreams(const struct conf_ifaces *all)
{
	unsigned n = 0;

	for (const struct conf_iface *i = all->others; i; i = i->next)
		n += is_downstream(i);
	return n;
}

/* Whether groups that stay local otherwise are on a white list, and not just with all others. */
static bool lists_local_groups(const struct conf_iface *i)
{
	struct prefix groups;

	for (const struct conf_net *n = i->nets; n; n = n->next) {
		if (n->list == WHITELIST && conf_groups(&n->net, &groups) &&
		    groups.len > all_groups.len &&
		    (prefix_has(&groups, local_scope.ip) || prefix_has(&local_scope, groups.ip)))
			return true;
	}
	return false;
}

static bool forwards_local_groups(const struct conf_ifaces *all)
{
	bool does = all->proxylocalmc;

	for (const struct conf_iface *i = all->others; i; i = i->next)
		does |= is_upstream(i) && lists_local_groups(i);
	return does;
}

static bool any_is(const struct conf_ifaces *all, enum conf_role role)
{
	for (const struct conf_iface *i = all->others; i; i = i->next) {
		if (!i->ignored && i->role == role)
			return true;
	}
	return false;
}

/* A white list without groups permits nothing: so does a refusal of all in front of the others. */
static bool permits_nothing_else(const struct conf_iface *i)
{
	struct prefix groups;

	for (const struct conf_net *n = i->nets; n; n = n->next) {
		if (n->list == WHITELIST && !conf_groups(&n->net, &groups))
			return true;
	}
	return false;
}

static void add_upstream_lists(struct buf *words, const struct conf_iface *i)
{
	struct prefix groups;

	if (permits_nothing_else(i))
		buf_printf(words, " except %s", prefix_str(&all_groups));
	for (const struct conf_net *n = i->nets; n; n = n->next) {
		if (n->list != ALTNET && conf_groups(&n->net, &groups))
			buf_printf(words, " %s %s", n->list == WHITELIST ? "group" : "except",
				   prefix_str(&groups));
	}
}

/* What holds for the whole proxy stands in the line of its first upstream. */
static void add_proxy_words(struct buf *words, const struct conf_ifaces *all)
{
	if (forwards_local_groups(all))
		buf_puts(words, " local none");
	buf_puts(words, " igmp");
	if (conf_upstreams(all) > 1 || is_upstream(all->others))
		buf_puts(words, " all");
	if (!any_is(all, UPDOWNSTREAM))
		buf_puts(words, " receive-only");
}

static void say_upstream(struct translation *t, const struct conf_ifaces *all,
			 const struct conf_iface *i, bool is_first)
{
	struct buf words = { 0 };

	add_upstream_lists(&words, i);
	if (is_first)
		add_proxy_words(&words, all);
	translation_add(t, i->from, "proxy name " IGMPPROXY_NAME " upstream %s%.*s", i->name,
			(int)buf_len(&words), buf_at(&words));
	buf_free(&words);
}

static void say_downstream(struct translation *t, const struct conf_iface *i)
{
	struct prefix groups;

	translation_add(t, i->from, "proxy name " IGMPPROXY_NAME " downstream %s", i->name);
	if (permits_nothing_else(i))
		translation_add(t, i->from, "group-filter %s deny group %s", i->name,
				prefix_str(&all_groups));
	for (const struct conf_net *n = i->nets; n; n = n->next) {
		if (n->list == ALTNET && n->net.len && !ip_is_multicast(n->net.ip))
			translation_add(t, n->from, "altnet %s %s", i->name, prefix_str(&n->net));
		else if (n->list != ALTNET && conf_groups(&n->net, &groups))
			translation_add(t, n->from, "group-filter %s %s group %s", i->name,
					n->list == WHITELIST ? "permit" : "deny",
					prefix_str(&groups));
	}
}

/* Reports may come from any network. */
static bool has_any_altnet(const struct conf_iface *i)
{
	for (const struct conf_net *n = i->nets; n; n = n->next) {
		if (n->list == ALTNET && !n->net.len)
			return true;
	}
	return false;
}

static void say_phyint(struct translation *t, const struct conf_ifaces *all,
		       const struct conf_iface *i)
{
	struct buf words = { 0 };

	if (i->role == DISABLED && !i->labelled && i != all->others &&
	    all->others->role != DISABLED)
		buf_puts(&words, " disable");
	else if (i->role != DISABLED)
		buf_add(&words, buf_at(&i->words), buf_len(&i->words));
	if (is_downstream(i) && all->quickleave && !i->untracked)
		buf_puts(&words, " igmp-track-old");
	if (is_downstream(i) && has_any_altnet(i))
		buf_puts(&words, " igmp-any-network");
	if (buf_len(&words) && !i->ignored)
		translation_add(t, i->from, "phyint %s%.*s", i->name, (int)buf_len(&words),
				buf_at(&words));
	buf_free(&words);
}

static void note_altnet(struct translation *t, const struct conf_iface *i)
{
	for (const struct conf_net *n = i->nets; n; n = n->next) {
		struct origin from = { n->from.line, n->from.column, LINE_NOTE };

		if (n->list != ALTNET)
			continue;
		translation_add(t, from, "altnet of an upstream: whatever comes in there is taken");
		return;
	}
}

void conf_translate(const struct conf_ifaces *all, struct translation *t)
{
	bool is_first = true;

	for (const struct conf_iface *i = all->others; i; i = i->next)
		say_phyint(t, all, i);
	if (!conf_upstreams(all) || !conf_downstreams(all))
		return;
	for (const struct conf_iface *i = all->others; i; i = i->next) {
		if (is_upstream(i)) {
			note_altnet(t, i);
			say_upstream(t, all, i, is_first);
			is_first = false;
		} else if (is_downstream(i)) {
			say_downstream(t, i);
		}
	}
	if (!forwards_local_groups(all))
		translation_add(t, (struct origin){ 1, 1, LINE_NOTE },
				"groups of %s stay among the downstream interfaces: no whitelist "
				"of an upstream names them",
				prefix_str(&local_scope));
}
