/* netlink_fuzz.c - what the kernel tells of links and addresses, as events and as a listing
 *
 * The input is what one read of the socket gives, any number of messages.
 */
#include "linux/netlink.c"

#include "fuzz/netlink.h"
#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

static const char config[] = "mgroup from eth0 group 225.1.2.3\n"
			     "mroute from eth0 group 225.1.2.3 to eth1 eth2\n"
			     "mroute from eth9 group ff0e::1 to eth0 eth1\n";

/* Devices and addresses are there once each, and found by what they are. */
static void judge(const struct netlink *nl)
{
	const struct device *last = NULL;
	struct device *d;

	TREE_FOREACH(d, devices, (struct devices *)&nl->devices) {
		MUST(!last || last->link.ifindex < d->link.ifindex);
		MUST(strlen(d->name) < IFNAMSIZ && d->link.name == d->name);
		MUST(netlink_mtu(nl, d->link.ifindex) == d->link.mtu);
		for (unsigned i = 0; i < d->naddresses; i++)
			MUST(address_at(d, &d->address[i]) == i);
		last = d;
	}
}

/* As resync() does. */
static void list_again(struct netlink *nl, void *copy, size_t len)
{
	struct devices before = nl->devices, now;

	TREE_INIT(devices, &now);
	mnl_cb_run(copy, len, 0, 0, list_one, &now);
	nl->devices = now;
	tell_all(nl, &before);
	devices_free(&before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct linux_kern k = { 0 };
	struct netlink *nl = xcalloc(1, sizeof(*nl));
	struct bed b = { 0 };
	void *copy;

	len = fuzz_messages(data, len);
	copy = fuzz_copy(data, len);

	bed_begin(&b, modules, config);
	router_start(b.r);
	bed_work(&b);
	k.router = b.r;
	k.log = log_area(&b.log, "netlink");
	k.joins = joins_new(&k);
	k.raw = raw_new(&k);
	nl->kern = &k;
	nl->watch.fd = -1;
	TREE_INIT(devices, &nl->devices);

	mnl_cb_run(copy, len, 0, 0, event, nl);
	bed_work(&b);
	judge(nl);
	list_again(nl, copy, len);
	bed_work(&b);
	judge(nl);

	netlink_close(nl);
	raw_free(k.raw);
	joins_free(k.joins);
	bed_end(&b);
	free(copy);
	return 0;
}
