/* upcall_fuzz.c - the kernel's words about packets, from its message to the entry that answers it
 *
 * The input is one message of the mroute socket, read by either family; its vif is that of eth0
 * to eth3, or none.
 */
#include "linux/mrt.c"

#include "fuzz/fuzz.h"
#include "sim/bed.h"
#include "static/static.h"

static const struct module *const modules[] = { &static_module, NULL };

static const char config[] = "mroute from eth0 group 225.0.0.0/8 to eth1 eth2\n"
			     "mroute from eth2 source 10.0.0.2 group 232.1.1.1 to eth0\n"
			     "mroute from eth0 group ff00::/8 to eth1 eth2\n"
			     "mroute from eth1 source 2001:db8::1 group ff0e::1 to eth0\n";

/* Each entry is of one host of the family and a group; what is of one link only goes nowhere. */
static void judge(void *arg, const struct sim_entry *entry)
{
	const struct sg *sg = &entry->sg;
	enum af af = *(enum af *)arg;
	bool forwards = false;

	for (unsigned vif = 0; vif < MAXVIFS; vif++)
		forwards |= entry->ttl[vif];
	MUST(ip_family(sg->src) == af && ip_family(sg->grp) == af);
	MUST(ip_is_multicast(sg->grp) && !ip_is_multicast(sg->src) && !ip_is_any(sg->src));
	MUST(!forwards || (!ip_is_local_group(sg->grp) && !ip_is_link_local(sg->src)));
	MUST(!entry->ttl[entry->parent]);
}

static void read_message(struct mrt *mrt, struct bed *b, const uint8_t *copy, size_t len)
{
	struct mrt_upcall u = { 0 };

	if (mrt->family->read(copy, len, &u) != MRT_UPCALL)
		return;
	upcall(mrt, &u);
	sim_entries(b->k, mrt->af, judge, &mrt->af);
	MUST(sim_nentries(b->k, mrt->af) <= 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct mrt mrt;
	struct linux_kern k = { 0 };
	struct bed b = { 0 };
	uint8_t *copy = fuzz_copy(data, len);

	bed_begin(&b, modules, config);
	router_start(b.r);
	bed_work(&b);
	clock_init(&k.clock, 1000);
	k.router = b.r;
	k.log = log_area(&b.log, "mrt");
	mrt.kern = &k;
	for (enum af af = V4; af <= V6; af++) {
		mrt.af = af;
		mrt.family = families[af];
		read_message(&mrt, &b, copy, len);
		bed_work(&b);
	}
	bed_end(&b);
	clock_free(&k.clock);
	free(copy);
	return 0;
}
