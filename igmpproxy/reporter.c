/* reporter.c - the hosts that report groups of an interface, and how many are each one's */
#include <stdlib.h>

#include "reporter.h"

static uint32_t hash(struct ip host)
{
	return sg_hash(&(struct sg){ .src = host });
}

static bool is_host(const struct map_node *node, const void *key)
{
	return ip_eq(container_of(node, const struct gm_reporter, node)->ip,
		     *(const struct ip *)key);
}

static struct gm_reporter *find(const struct map *hosts, struct ip host)
{
	struct map_node *node = map_find(hosts, hash(host), is_host, &host);

	return node ? container_of(node, struct gm_reporter, node) : NULL;
}

const struct gm_reporter *gm_reporter_find(const struct map *hosts, struct ip host)
{
	return find(hosts, host);
}

struct gm_reporter *gm_reporter_move(struct map *hosts, struct gm_reporter *from, struct ip host,
				     unsigned nsources)
{
	struct gm_reporter *r = from && ip_eq(from->ip, host) ? from : find(hosts, host);

	if (!r) {
		r = xcalloc(1, sizeof(*r));
		r->ip = host;
		map_add(hosts, &r->node, hash(host));
	}
	r->ngroups++;
	r->nsources += nsources;
	gm_reporter_drop(hosts, from, nsources);
	return r;
}

void gm_reporter_drop(struct map *hosts, struct gm_reporter *from, unsigned nsources)
{
	if (!from)
		return;
	from->nsources -= nsources;
	if (--from->ngroups)
		return;
	map_remove(hosts, &from->node);
	free(from);
}
