/* held.c - until the kernels of several routers forward all of many streams
 *
 *	held asm|ssm|both SOURCE COUNT MS NETNS...
 *
 * Waits until each of the network namespaces has an entry of IPv4 that leads somewhere, for that
 * source and each group that flow.c has of those numbers, from 0 on. Prints the time of day at
 * which the last one was seen, in microseconds, or "never" after so many ms.
 *
 * Each is asked for by itself: a dump of all, or a look at /proc, of 100,000 takes the kernel half
 * a second or more, in which no router can change anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>

#include "ends.h"
#include "tool.h"

#define MAXPLACES 8

/* Between two questions for what is not there yet */
#define PAUSE (NS_MS / 2)

struct place {
	struct mnl_socket *nl;
	unsigned n; /* the first so many groups are there */
};

static struct {
	enum mix mix;
	struct ip source;
	unsigned n;
} wanted;

static int leads_somewhere(const struct nlattr *attr, void *data)
{
	*(bool *)data |= mnl_attr_get_type(attr) == RTA_MULTIPATH;
	return MNL_CB_OK;
}

static int hear(const struct nlmsghdr *nlh, void *data)
{
	if (nlh->nlmsg_type == RTM_NEWROUTE)
		mnl_attr_parse(nlh, sizeof(struct rtmsg), leads_somewhere, data);
	return MNL_CB_OK;
}

static uint32_t address(struct ip ip)
{
	uint32_t word;

	memcpy(&word, ip.b + 12, sizeof(word));
	return word;
}

static bool has(const struct place *p, unsigned group)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	bool leads = false;
	ssize_t n;

	nlh->nlmsg_type = RTM_GETROUTE;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	*rtm = (struct rtmsg){ RTNL_FAMILY_IPMR, 32, 32, .rtm_table = RT_TABLE_DEFAULT };
	mnl_attr_put_u32(nlh, RTA_SRC, address(wanted.source));
	mnl_attr_put_u32(nlh, RTA_DST, address(mixed_group_ip(V4, wanted.mix, group)));
	if (mnl_socket_sendto(p->nl, nlh, nlh->nlmsg_len) < 0)
		fail("netlink");
	n = mnl_socket_recvfrom(p->nl, buf, sizeof(buf));
	if (n < 0)
		fail("netlink");
	mnl_cb_run(buf, n, 0, 0, hear, &leads);
	return leads;
}

/* Goes on with each as far as it has come; whether all are through. */
static bool look(struct place *place, unsigned nplaces)
{
	bool all = true;

	for (struct place *p = place; p < place + nplaces; p++) {
		while (p->n < wanted.n && has(p, p->n))
			p->n++;
		all &= p->n == wanted.n;
	}
	return all;
}

int main(int argc, char **argv)
{
	struct place place[MAXPLACES] = { { 0 } };
	int64_t until;

	if (argc < 6 || argc > 5 + MAXPLACES || !ip_parse(argv[2], &wanted.source)) {
		fprintf(stderr, "held: see the head of its source for the words\n");
		return 2;
	}
	wanted.mix = mix_of(argv[1]);
	wanted.n = strtoul(argv[3], NULL, 10);
	until = now_ns() + strtoll(argv[4], NULL, 10) * NS_MS;
	for (int i = 5; i < argc; i++) {
		enter(argv[i]);
		place[i - 5].nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
		if (!place[i - 5].nl || mnl_socket_bind(place[i - 5].nl, 0, MNL_SOCKET_AUTOPID) < 0)
			fail("netlink");
	}
	while (!look(place, argc - 5)) {
		if (now_ns() >= until) {
			printf("never\n");
			return 0;
		}
		pause_ns(PAUSE);
	}
	printf("%lld\n", (long long)now_ns() / 1000);
	return 0;
}
