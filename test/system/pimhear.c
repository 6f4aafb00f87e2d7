/* pimhear.c - prints the PIM of a link, and with `udp` multicast data, as it passes
 *
 *	pimhear IFNAME [udp]
 *
 * It says "hearing" when it does; then each packet, whoever sent it, is a line:
 *
 *	SECONDS SOURCE > DESTINATION ttl N WHAT
 *
 *	hello seconds N [delay MS MS [t]] [dr N] [genid N] [refresh SEC] [bidir] [address ADDR]...
 *	jp UPSTREAM seconds N [graft | ack] [group GROUP [join ENTRY...] [prune ENTRY...]]...
 *	assert SOURCE GROUP [rpt] preference N metric N
 *	register SOURCE GROUP {null | size N}    stop SOURCE GROUP
 *	bsm BSR tag N hash N bsr-priority N [no-forward] [{range | zone} PREFIX
 *	        [rp ADDR SECONDS PRIORITY]...]...
 *	candidate RP seconds N rp-priority N [range PREFIX]...
 *	state-refresh SOURCE GROUP    df RP
 *	udp SIZE    bad REASON
 *
 * The words are those of pimcast; a number of seconds can be "forever". Times are those of the
 * kernel, in microseconds. Messages are read by the product's codec.
 */
#include <stdio.h>

#include "pim-module/msg_assert.h"
#include "pim-module/msg_bsr.h"
#include "pim-module/msg_df.h"
#include "pim-module/msg_hello.h"
#include "pim-module/msg_jp.h"
#include "pim-module/msg_refresh.h"
#include "pim-module/msg_register.h"
#include "wire.h"

static struct arena arena;
static bool udp;

static void print_seconds(int64_t ms)
{
	if (ms == MSG_FOREVER)
		printf(" forever");
	else
		printf(" seconds %d", (int)(ms / 1000));
}

static void print_sg(const char *what, struct sg sg)
{
	printf("%s %s %s", what, ip_str(sg.src), ip_str(sg.grp));
}

static enum msg_bad hear_hello(struct msg_rd *r)
{
	struct msg_hello h;
	enum msg_bad bad = msg_hello_decode(r, &arena, &h);

	if (bad)
		return bad;
	printf("hello");
	print_seconds(h.holdtime);
	if (h.has_lan_delay)
		printf(" delay %u %u%s", h.propagation_delay, h.override_interval,
		       h.no_suppression ? " t" : "");
	if (h.has_dr_priority)
		printf(" dr %u", h.dr_priority);
	if (h.has_genid)
		printf(" genid %u", h.genid);
	if (h.has_refresh)
		printf(" refresh %u", h.refresh_interval);
	if (h.bidir)
		printf(" bidir");
	for (unsigned i = 0; i < h.nsecondary; i++)
		printf(" address %s", ip_str(h.secondary[i]));
	return MSG_GOOD;
}

static void print_list(const char *what, const struct msg_jp_source *s, unsigned n)
{
	static const char *const kinds[] = {
		[JP_STAR_G] = "star ", [JP_SG_RPT] = "rpt ", [JP_SG] = ""
	};

	if (n)
		printf(" %s", what);
	for (unsigned i = 0; i < n; i++)
		printf(" %s%s", kinds[s[i].kind], ip_str(s[i].ip));
}

static enum msg_bad hear_jp(struct msg_rd *r)
{
	struct msg_jp jp;
	enum msg_bad bad = msg_jp_decode(r, &arena, &jp);

	if (bad)
		return bad;
	printf("jp %s", ip_str(jp.upstream));
	print_seconds(jp.holdtime);
	if (jp.type != MSG_JOIN_PRUNE)
		printf(jp.type == MSG_GRAFT ? " graft" : " ack");
	for (unsigned i = 0; i < jp.ngroups; i++) {
		const struct msg_jp_group *g = jp.group + i;

		printf(" group %s", ip_str(g->group));
		print_list("join", g->join, g->njoins);
		print_list("prune", g->prune, g->nprunes);
	}
	return MSG_GOOD;
}

static enum msg_bad hear_assert(struct msg_rd *r)
{
	struct msg_assert a;
	enum msg_bad bad = msg_assert_decode(r, &a);

	if (bad)
		return bad;
	print_sg("assert", a.sg);
	printf("%s preference %u metric %u", a.rpt ? " rpt" : "", a.preference, a.metric);
	return MSG_GOOD;
}

static enum msg_bad hear_register(struct msg_rd *r)
{
	struct msg_register reg;
	enum msg_bad bad = msg_register_decode(r, &reg);

	if (bad)
		return bad;
	print_sg("register", reg.sg);
	if (reg.null)
		printf(" null");
	else
		printf(" size %zu", reg.len - (msg_af(&r->ends) == V4 ? 28 : 48));
	return MSG_GOOD;
}

static enum msg_bad hear_stop(struct msg_rd *r)
{
	struct msg_register_stop stop;
	enum msg_bad bad = msg_register_stop_decode(r, &stop);

	if (!bad)
		print_sg("stop", stop.sg);
	return bad;
}

static enum msg_bad hear_bsm(struct msg_rd *r)
{
	struct msg_bootstrap b;
	enum msg_bad bad = msg_bootstrap_decode(r, &arena, &b);

	if (bad)
		return bad;
	printf("bsm %s tag %u hash %u bsr-priority %u%s", ip_str(b.bsr), b.tag, b.hash_len,
	       b.priority, b.no_forward ? " no-forward" : "");
	for (unsigned i = 0; i < b.nsets; i++) {
		printf(" %s %s", b.set[i].range.zone ? "zone" : "range",
		       prefix_str(&b.set[i].range.prefix));
		for (unsigned n = 0; n < b.set[i].nrps; n++) {
			const struct msg_rp *rp = b.set[i].rp + n;

			printf(" rp %s %d %u", ip_str(rp->ip), (int)(rp->holdtime / 1000),
			       rp->priority);
		}
	}
	return MSG_GOOD;
}

static enum msg_bad hear_candidate(struct msg_rd *r)
{
	struct msg_candidate c;
	enum msg_bad bad = msg_candidate_decode(r, &arena, &c);

	if (bad)
		return bad;
	printf("candidate %s", ip_str(c.rp));
	print_seconds(c.holdtime);
	printf(" rp-priority %u", c.priority);
	for (unsigned i = 0; i < c.nranges; i++)
		printf(" range %s", prefix_str(&c.range[i].prefix));
	return MSG_GOOD;
}

static enum msg_bad hear_refresh(struct msg_rd *r)
{
	struct msg_refresh m;
	enum msg_bad bad = msg_refresh_decode(r, &m);

	if (!bad)
		print_sg("state-refresh", m.sg);
	return bad;
}

static enum msg_bad hear_df(struct msg_rd *r)
{
	struct msg_df m;
	enum msg_bad bad = msg_df_decode(r, &m);

	if (!bad)
		printf("df %s", ip_str(m.rp));
	return bad;
}

static enum msg_bad hear_message(const struct packet *p)
{
	static enum msg_bad (*const hear[MSG_NTYPES])(struct msg_rd * r) = {
		[MSG_HELLO] = hear_hello,
		[MSG_REGISTER] = hear_register,
		[MSG_REGISTER_STOP] = hear_stop,
		[MSG_JOIN_PRUNE] = hear_jp,
		[MSG_BOOTSTRAP] = hear_bsm,
		[MSG_ASSERT] = hear_assert,
		[MSG_GRAFT] = hear_jp,
		[MSG_GRAFT_ACK] = hear_jp,
		[MSG_CANDIDATE_RP] = hear_candidate,
		[MSG_STATE_REFRESH] = hear_refresh,
		[MSG_DF_ELECTION] = hear_df,
	};
	const struct msg_ends ends = { p->src, p->dst };
	struct msg_rd r;
	enum msg_bad bad = msg_open(&ends, p->data, p->len, &r);

	return bad ? bad : hear[r.type](&r);
}

static void heard(const struct timespec *at, enum af af, const struct packet *p)
{
	enum msg_bad bad;

	(void)af;
	if (p->proto != PROTO_PIM && (p->proto != PROTO_UDP || !udp || !ip_is_multicast(p->dst)))
		return;
	wire_print(at, p);
	printf(" ");
	if (p->proto == PROTO_UDP) {
		printf("udp %zu\n", p->len);
		return;
	}
	bad = hear_message(p);
	if (bad)
		printf("bad %s", msg_bad_name(bad));
	printf("\n");
	arena_reset(&arena);
}

int main(int argc, char **argv)
{
	if (argc < 2 || (argc > 2 && strcmp(argv[2], "udp"))) {
		fprintf(stderr, "pimhear: see the head of its source for the words\n");
		return 2;
	}
	udp = argc > 2;
	arena = arena_init(MSG_ARENA);
	wire_hear(argv[1], heard);
}
