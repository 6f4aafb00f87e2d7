/* mrule.c - policy rules, which lead packets into a multicast routing table
 *
 * The default table has one. Any other is looked into only if somebody has made a rule for it
 * (`ip mrule`), without which routes there forward nothing. A virtual router's rule leads to the
 * tables of all of them.
 */
#include <errno.h>

#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "linux/attr.h"
#include "linux/mrule.h"

struct rules {
	uint32_t table; /* looked for */
	bool leads;	/* there is one */
};

static int look_at_rule(const struct nlmsghdr *nlh, void *data)
{
	const struct fib_rule_hdr *rule = mnl_nlmsg_get_payload(nlh);
	struct attrs a = { { NULL } };
	struct rules *r = data;

	if (nlh->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rule) ||
	    rule->action != FR_ACT_TO_TBL)
		return MNL_CB_OK;
	mnl_attr_parse(nlh, sizeof(*rule), attr_keep, &a);
	r->leads |= attr_u32(a.attr[FRA_TABLE], rule->table) == r->table;
	if (a.attr[FRA_L3MDEV] && !mnl_attr_validate(a.attr[FRA_L3MDEV], MNL_TYPE_U8))
		r->leads |= mnl_attr_get_u8(a.attr[FRA_L3MDEV]);
	return MNL_CB_OK;
}

/* Looks at all rules of the family; -1 if that cannot be done. */
static int list_rules(struct mnl_socket *nl, uint8_t family, struct rules *r)
{
	char buf[8192];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct fib_rule_hdr *rule = mnl_nlmsg_put_extra_header(nlh, sizeof(*rule));
	int more = MNL_CB_OK;

	nlh->nlmsg_type = RTM_GETRULE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	rule->family = family;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) < 0)
		return -1;
	while (more > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		more = n < 0 ? MNL_CB_ERROR
			     : mnl_cb_run(buf, n, 0, mnl_socket_get_portid(nl), look_at_rule, r);
	}
	return more;
}

/* Whether a rule of the family leads there; true too if nobody can say. */
static bool leads(enum af af, uint32_t table)
{
	struct mnl_socket *nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	struct rules r = { .table = table };
	bool known = nl && mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) >= 0 &&
		     !list_rules(nl, af == V4 ? RTNL_FAMILY_IPMR : RTNL_FAMILY_IP6MR, &r);

	if (nl)
		mnl_socket_close(nl);
	return r.leads || !known;
}

/* Where the other family's rules lead here, this one is likely not to be used. */
void mrule_check(struct linux_kern *k)
{
	bool lacks[NFAMILIES] = { false, false }, any = false;

	for (enum af af = V4; k->table && af <= V6; af++) {
		lacks[af] = k->mrt[af] && !leads(af, k->table);
		any |= k->mrt[af] && !lacks[af];
	}
	for (enum af af = V4; af <= V6; af++) {
		if (lacks[af])
			log_at(k->log, any ? LEVEL_INFO : LEVEL_WARNING,
			       "%s: no packet is looked up in table %u, for lack of a rule like "
			       "'ip %smrule add iif IFNAME table %u'",
			       af_name(af), k->table, af == V4 ? "" : "-6 ", k->table);
	}
}
