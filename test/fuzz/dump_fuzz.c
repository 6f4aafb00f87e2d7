/* dump_fuzz.c - the kernel's listing of its multicast forwarding cache, as after a restart
 *
 * The input is what one read of the socket gives, any number of messages.
 */
#include "linux/mrt.c"

#include "fuzz/netlink.h"

static void judge(const struct mrt *mrt, const struct mfc_entry *entry)
{
	MUST(entry->parent < MAXVIFS || entry->parent == NOVIF);
	MUST(entry->parent == NOVIF ||
	     (ip_family(entry->sg.src) == mrt->af && ip_family(entry->sg.grp) == mrt->af));
	for (unsigned vif = 0; vif < MAXVIFS; vif++)
		MUST(!entry->ttl[vif] || mrt->ifindex[vif]);
}

static void read_dump(struct mrt *mrt, const void *copy, size_t len)
{
	struct dump d = { .mrt = mrt };

	mnl_cb_run(copy, len, 0, 0, dump_entry, &d);
	for (size_t i = 0; i < d.n; i++)
		judge(mrt, &d.entry[i]);
	free(d.entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint32_t tables[] = { 0, 100, 1000 };
	static struct mrt mrt;
	struct linux_kern k = { 0 };
	void *copy;

	len = fuzz_messages(data, len);
	copy = fuzz_copy(data, len);
	mrt.kern = &k;
	for (unsigned vif = 0; vif < 8; vif++)
		mrt.ifindex[vif] = vif == 5 ? 0 : vif + 1;
	for (enum af af = V4; af <= V6; af++) {
		mrt.af = af;
		mrt.family = families[af];
		for (unsigned i = 0; i < NELEMS(tables); i++) {
			k.table = tables[i];
			read_dump(&mrt, copy, len);
		}
	}
	free(copy);
	return 0;
}
