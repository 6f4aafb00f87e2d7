/* count.c - what the kernel side counts: bad input, lost news, clients, the script */
#include "linux/count.h"

static const struct {
	const char *area, *name, *help;
} rows[NCOUNTS] = {
	[COUNT_UPCALL_OVERRUN] = { "upcall", "overruns",
				   "lost: more at once than the socket takes" },
	[COUNT_UPCALL_SHORT] = { "upcall", "malformed", "dropped: too short, or of no known kind" },
	[COUNT_UPCALL_VIF] = { "upcall", "vif", "dropped: from a vif that there cannot be" },
	[COUNT_UPCALL_GROUP] = { "upcall", "group", "dropped: not sent to a multicast group" },
	[COUNT_UPCALL_SOURCE] = { "upcall", "source", "dropped: the source is no host's address" },
	[COUNT_PACKET_HEADER] = { "packet", "malformed", "dropped: the IP header is wrong" },
	[COUNT_PACKET_SOURCE] = { "packet", "source", "dropped: of no source of this family" },
	[COUNT_PACKET_UNWANTED] = { "packet", "elsewhere",
				    "dropped: from an interface that is not listened on" },
	[COUNT_PACKET_UNSENT] = { "packet", "unsent", "the kernel refused to send them" },
	[COUNT_TUNNEL_LOCAL] = { "tunnel", "local",
				 "dropped: source or group never leaves its link" },
	[COUNT_LINK_OVERRUN] = { "netlink", "link-overruns",
				 "news of links and addresses were lost" },
	[COUNT_LINK_RESYNC] = { "netlink", "link-listings",
				"links and addresses were listed from the start" },
	[COUNT_LINK_FAILED] = { "netlink", "link-failed", "of such listings, failed" },
	[COUNT_ROUTE_OVERRUN] = { "netlink", "route-overruns", "news of routes were lost" },
	[COUNT_CLIENT_ACCEPTED] = { "client", "accepted", "clients that connected" },
	[COUNT_CLIENT_DENIED] = { "client", "denied", "refused: without permission" },
	[COUNT_CLIENT_TOO_MANY] = { "client", "too-many", "refused: too many are connected" },
	[COUNT_CLIENT_NO_RESOURCES] = { "client", "no-resources",
					"refused: no descriptor or memory left" },
	[COUNT_CLIENT_DROPPED] = { "client", "dropped",
				   "disconnected: they did not read what they had asked for" },
	[COUNT_SCRIPT_RUN] = { "script", "calls", "of the script, begun" },
	[COUNT_SCRIPT_FAILED] = { "script", "failed", "could not be run, or ended badly" },
	[COUNT_SCRIPT_KILLED] = { "script", "killed", "took too long" },
	[COUNT_SCRIPT_DROPPED] = { "script", "dropped", "not made: too many waited already" },
};

bool counts_at(const struct counts *c, unsigned i, struct count *count)
{
	bool by_family = i < NCOUNTS_AF * NFAMILIES;
	unsigned id = by_family ? i % NCOUNTS_AF : i - NCOUNTS_AF * (NFAMILIES - 1);
	enum af af = by_family ? i / NCOUNTS_AF : V4;

	if (id >= NCOUNTS)
		return false;
	*count = (struct count){
		.area = rows[id].area,
		.family = by_family ? af_name(af) : NULL,
		.name = rows[id].name,
		.help = rows[id].help,
		.value = c->n[id][af],
	};
	return true;
}
