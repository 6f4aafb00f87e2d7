/* check.c - reading a configuration over no kernel at all: what `smcrouted -F FILE` does */
#include <syslog.h>

#include "linux/daemon.h"
#include "linux/files.h"
#include "linux/module.h"
#include "linux/sink.h"

static const char *any_family(struct kern *k, enum af af)
{
	(void)k, (void)af;
	return NULL;
}

static const char *any_vif_add(struct kern *k, enum af af, unsigned vif, unsigned ifindex)
{
	(void)k, (void)af, (void)vif, (void)ifindex;
	return NULL;
}

static const char *any_vif_del(struct kern *k, enum af af, unsigned vif)
{
	(void)k, (void)af, (void)vif;
	return NULL;
}

static const char *any_mfc_set(struct kern *k, enum af af, const struct mfc_entry *entry)
{
	(void)k, (void)af, (void)entry;
	return NULL;
}

static const char *any_mfc_del(struct kern *k, enum af af, struct sg sg, unsigned parent)
{
	(void)k, (void)af, (void)sg, (void)parent;
	return NULL;
}

static bool no_counters(struct kern *k, enum af af, struct sg sg, struct counters *counters)
{
	(void)k, (void)af, (void)sg, (void)counters;
	return false;
}

static const char *any_join(struct kern *k, unsigned who, unsigned ifindex,
			    const struct membership *m)
{
	(void)k, (void)who, (void)ifindex, (void)m;
	return NULL;
}

static const char *any_listen(struct kern *k, enum af af, unsigned ifindex, enum listen_what what,
			      bool on)
{
	(void)k, (void)af, (void)ifindex, (void)what, (void)on;
	return NULL;
}

static const char *any_tunnel(struct kern *k, bool on)
{
	(void)k, (void)on;
	return NULL;
}

static bool no_route(struct kern *k, enum af af, struct ip ip, struct kern_route *route)
{
	(void)k, (void)af, (void)ip, (void)route;
	return false;
}

static enum send_result no_send(struct kern *k, enum af af, unsigned ifindex,
				const struct packet *packet, unsigned *mtu)
{
	(void)k, (void)af, (void)ifindex, (void)packet, (void)mtu;
	return SENT;
}

static void no_hook(struct kern *k, const struct hook *hook)
{
	(void)k, (void)hook;
}

static void no_reloading(struct kern *k)
{
	(void)k;
}

static void no_ready(struct kern *k, bool good)
{
	(void)k, (void)good;
}

static const char *no_upgrade(struct kern *k, struct session *asker)
{
	(void)k, (void)asker;
	return "there is no process";
}

static const struct kern_ops ops = {
	.family = any_family,
	.vif_add = any_vif_add,
	.vif_del = any_vif_del,
	.mfc_set = any_mfc_set,
	.mfc_del = any_mfc_del,
	.counters = no_counters,
	.route = no_route,
	.join = any_join,
	.listen = any_listen,
	.tunnel = any_tunnel,
	.send = no_send,
	.read = files_read,
	.module = module_open,
	.hook = no_hook,
	.reloading = no_reloading,
	.ready = no_ready,
	.upgrade = no_upgrade,
};

unsigned daemon_check(const struct router_options *options, struct buf *text)
{
	struct kern kern = { .op = &ops };
	struct clock clock;
	struct sink sink;
	struct router *r;
	unsigned n;

	clock_init(&clock, 0);
	sink_open(&sink, "check", LEVEL_NONE, LOG_DAEMON);
	r = router_new(&kern, &clock, &sink.log, options);
	n = router_check(r, text);
	router_free(r);
	sink_close(&sink);
	clock_free(&clock);
	return n;
}
