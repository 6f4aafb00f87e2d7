/* pim_offer_sim.c - what a bootstrap router makes of candidate RPs (RFC 5059 3.3)
 *
 * It is "own", and eth0.2 the only one who hears it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "pim-module/bsr.h"
#include "sim/pim_bed.h"

#define IFACES "phyint eth0 pim\nphyint eth1 pim\nphyint eth2 pim\n"
#define BSR IFACES "bsr-candidate own\n"
#define ZONE BSR "bsr-candidate own scope zone5\n"

static void neighbor(struct pim_bed *p)
{
	pim_bed_hear(p, "eth0.2",
		     "Hello holdtime forever genid 1 priority 1 delay 500 override 2500");
}

/* It is elected, and may say something new. */
static void begin(struct pim_bed *p)
{
	neighbor(p);
	pim_bed_run(p, SEC(40));
	pim_bed_said(p);
}

static void offer(struct pim_bed *p, const char *rp, const char *what)
{
	pim_bed_hear(p, "rp9@eth0", "Candidate-RP-Advertisement to own rp %s %s", rp, what);
}

/* The sets of the messages that were said, a line each. */
static const char *sets(struct pim_bed *p)
{
	static char text[200000];
	const char *said = pim_bed_said(p);
	size_t n = 0;

	text[0] = '\0';
	for (; *said; said += strcspn(said, "\n") + 1) {
		size_t at = strcspn(said, "[\n"), len = strcspn(said + at, "\n");

		assert_false(strncmp(said, "eth0 Bootstrap bsr own priority 64 tag ", 39));
		n += snprintf(text + n, sizeof(text) - n, "%.*s\n", (int)len, said + at);
	}
	return text;
}

#define assert_sets(p, text) assert_string_equal(sets(p), text)

/* What follows from a change is said within BS_Min_Interval. */
#define assert_soon(p, text)                               \
	do {                                               \
		pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1)); \
		assert_sets(p, text);                      \
	} while (0)

static struct zone *zone_at(struct pim_bed *p, unsigned nth)
{
	struct zone *z = TAILQ_FIRST(&p->pim->zones);

	while (nth--)
		z = TAILQ_NEXT(z, link);
	return z;
}

static void changes_are_said(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 all");
	assert_soon(p, "[all rp1 192 holdtime 150]\n");
	offer(p, "rp1", "priority 192 holdtime 150 all");
	assert_soon(p, "");
	offer(p, "rp1", "priority 10 holdtime 150 all");
	assert_soon(p, "[all rp1 10 holdtime 150]\n");
	offer(p, "rp2", "priority 10 holdtime 200 all range1");
	assert_soon(p, "[all rp2 10 holdtime 200 rp1 10 holdtime 150] "
		       "[range1 rp2 10 holdtime 200]\n");
	pim_bed_run(p, SEC(60));
	assert_sets(p, "[all rp2 10 holdtime 200 rp1 10 holdtime 150] "
		       "[range1 rp2 10 holdtime 200]\n");
}

/* Of several changes at a time, one message tells. */
static void not_too_often(struct pim_bed *p)
{
	int64_t first, next;

	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 all");
	pim_bed_wait(p, SEC(20));
	assert_sets(p, "[all rp1 192 holdtime 150]\n");
	first = p->bed.clock.now;
	offer(p, "rp2", "priority 192 holdtime 150 all");
	pim_bed_run(p, SEC(1));
	offer(p, "rp3", "priority 192 holdtime 150 all");
	pim_bed_wait(p, SEC(20));
	next = p->bed.clock.now;
	assert_sets(p, "[all rp3 192 holdtime 150 rp2 192 holdtime 150 rp1 192 holdtime 150]\n");
	assert_true(next - first >= BSR_MIN_INTERVAL);
	assert_true(next - first <= BSR_MIN_INTERVAL + SEC(1));
}

static void holdtimes(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 1 range1");
	offer(p, "rp2", "priority 192 holdtime 149 range1");
	offer(p, "rp3", "priority 192 holdtime 65535 range1");
	pim_bed_run(p, 500);
	assert_int_equal(zone_at(p, 0)->noffers, 3);
	offer(p, "rp1", "priority 192 holdtime 60 range1");
	assert_soon(p, "[range1 rp3 192 holdtime 65535 rp2 192 holdtime 150 "
		       "rp1 192 holdtime 150]\n");
	pim_bed_reload(p, IFACES "bsr-candidate own interval 100\n");
	pim_bed_run(p, SEC(1));
	offer(p, "rp2", "priority 1 holdtime 149 range1");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_non_null(strstr(sets(p), "rp2 1 holdtime 250"));
	pim_bed_reload(p, IFACES "bsr-candidate own interval 1\n");
	pim_bed_run(p, SEC(1));
	offer(p, "rp2", "priority 2 holdtime 30 range1");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_non_null(strstr(sets(p), "rp2 2 holdtime 150"));
}

/* The RP is said with a holdtime of 0, then a range without an RP as long as it may be known. */
static void withdrawn(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 500 all range1");
	offer(p, "rp2", "priority 192 holdtime 500 all");
	assert_soon(p, "[all rp2 192 holdtime 500 rp1 192 holdtime 500] "
		       "[range1 rp1 192 holdtime 500]\n");
	offer(p, "rp1", "priority 192 holdtime 0 all range1");
	assert_soon(p, "[all rp2 192 holdtime 500 rp1 192 holdtime 0] "
		       "[range1 rp1 192 holdtime 0]\n");
	pim_bed_run(p, SEC(60));
	assert_sets(p, "[all rp2 192 holdtime 500] [range1]\n");
	pim_bed_run(p, SEC(60));
	pim_bed_said(p);
	pim_bed_run(p, SEC(60));
	assert_sets(p, "[all rp2 192 holdtime 500]\n");
	assert_int_equal(zone_at(p, 0)->noffers, 1);
}

static void withdrawn_and_back(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 range1");
	assert_soon(p, "[range1 rp1 192 holdtime 150]\n");
	offer(p, "rp1", "priority 192 holdtime 0 range1");
	assert_soon(p, "[range1 rp1 192 holdtime 0]\n");
	offer(p, "rp1", "priority 192 holdtime 0 range1");
	assert_soon(p, "");
	offer(p, "rp1", "priority 192 holdtime 150 range1");
	assert_soon(p, "[range1 rp1 192 holdtime 150]\n");
	/* of one that never was a candidate nothing is to be said */
	offer(p, "rp2", "priority 192 holdtime 0 range1 range2");
	assert_soon(p, "");
	/* nor of one that a link alone knows */
	offer(p, p->af == V4 ? "169.254.0.9" : "fe80::9", "priority 192 holdtime 150 range1");
	assert_soon(p, "");
	assert_int_equal(p->pim->counters.candidate_filtered, 1);
}

static void silent(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 30 range1");
	assert_soon(p, "[range1 rp1 192 holdtime 150]\n");
	pim_bed_run(p, SEC(18));
	assert_sets(p, "");
	assert_soon(p, "[range1 rp1 192 holdtime 0]\n");
}

/* By hand, since nobody says it so any more. */
static void without_ranges(struct pim_bed *p)
{
	struct msg_ends ends = { pim_bed_ip(p, "rp1"), pim_bed_ip(p, "own") };
	uint8_t data[100];
	struct wr w = msg_begin(MSG_CANDIDATE_RP, 0, data, sizeof(data));
	size_t len;

	wr_u8(&w, 0);
	wr_u8(&w, 7);
	wr_u16(&w, 150);
	msg_wr_unicast(&w, ends.src);
	len = msg_close(&ends, &w);
	begin(p);
	pim_bed_hear_bytes(p, "rp1@eth0", "own", 63, data, len);
	assert_soon(p, "[all rp1 7 holdtime 150]\n");
}

static void one_mode(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 1 holdtime 150 range1 range2");
	offer(p, "rp2", "priority 200 holdtime 150 range1 bidir");
	offer(p, "rp3", "priority 100 holdtime 150 range1 bidir");
	assert_soon(p, "[range1 bidir rp3 100 holdtime 150 rp2 200 holdtime 150] "
		       "[range2 rp1 1 holdtime 150]\n");
	offer(p, "rp2", "priority 200 holdtime 150 range1");
	assert_soon(p, "[range1 bidir rp3 100 holdtime 150] [range2 rp1 1 holdtime 150]\n");
	/* nothing that is heard is another one */
	offer(p, "rp1", "priority 2 holdtime 150 range1");
	assert_soon(p, "");
	offer(p, "rp3", "priority 100 holdtime 0 range1 bidir");
	assert_soon(p, "[range1 rp1 2 holdtime 150 rp2 200 holdtime 150] "
		       "[range2 rp1 1 holdtime 150]\n");
}

static void filtered(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 all range1 range4");
	offer(p, "rp2", "priority 192 holdtime 150 all range3");
	offer(p, "rp3", "priority 192 holdtime 150 all");
	assert_soon(p, "[all rp2 192 holdtime 150] [range1 rp1 192 holdtime 150] "
		       "[range3 rp2 192 holdtime 150]\n");
	assert_int_equal(p->pim->counters.candidate_filtered, 2);
	/* what is wider than that */
	offer(p, "rp1", p->af == V4 ? "holdtime 150 225.2.0.0/15" : "holdtime 150 ff0e:2::/31");
	assert_soon(p, "");
	assert_int_equal(p->pim->counters.candidate_filtered, 3);
	pim_bed_reload(p, BSR "rp-candidate-filter rp1\n");
	assert_soon(p, "[all rp2 192 holdtime 0] [range1 rp1 192 holdtime 150] "
		       "[range3 rp2 192 holdtime 0]\n");
}

static void to_nobody(struct pim_bed *p)
{
	neighbor(p);
	offer(p, "rp1", "priority 192 holdtime 150 all");
	pim_bed_run(p, SEC(100));
	pim_bed_said(p);
	assert_int_equal(p->pim->counters.candidate_not_bsr, 1);
	assert_int_equal(zone_at(p, 0)->noffers, 0);
}

/* The zone's message, and that of all groups, whichever comes first. */
static void assert_messages(struct pim_bed *p, const char *zone, const char *global)
{
	const char *said = sets(p);

	if (!strstr(said, zone) || !strstr(said, global) ||
	    strlen(said) != strlen(zone) + strlen(global))
		fail_msg("%s is not %s and %s", said, zone, global);
}

static void zones(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 zone5.1 range1");
	offer(p, "rp2", "priority 192 holdtime 150 all zone8.1");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_messages(p, "[zone5 zone] [zone5.1 rp1 192 holdtime 150]\n",
			p->af == V4 ? "[all rp2 192 holdtime 150] [range1 rp1 192 holdtime 150] "
				      "[zone8.1 rp2 192 holdtime 150]\n"
				    : "[all rp2 192 holdtime 150] [zone8.1 rp2 192 holdtime 150] "
				      "[range1 rp1 192 holdtime 150]\n");
	offer(p, "rp2", "priority 192 holdtime 150 zone5");
	assert_soon(p, "[zone5 zone rp2 192 holdtime 150] [zone5.1 rp1 192 holdtime 150]\n");
}

/* A message of nothing but an empty zone would not be heard. */
static void a_zone_withdrawn(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 zone5");
	assert_soon(p, "[zone5 zone rp1 192 holdtime 150]\n");
	offer(p, "rp1", "priority 192 holdtime 0 zone5");
	assert_soon(p, "[zone5 zone rp1 192 holdtime 0]\n");
	pim_bed_run(p, SEC(60));
	assert_messages(p, "[zone5 zone rp1 192 holdtime 0]\n", "\n");
}

/* Flags of IPv6 groups do not make another zone. */
static void flags(struct pim_bed *p)
{
	if (p->af == V4)
		return;
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 ff75::/32 ff15::/16 ff70::/12");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_messages(p,
			"[zone5 zone] [ff15::/16 rp1 192 holdtime 150] "
			"[ff75::/32 rp1 192 holdtime 150]\n",
			"[ff70::/12 rp1 192 holdtime 150]\n");
}

/* The narrowest zone that has it, if we are its bootstrap router. */
static void narrow_zones(struct pim_bed *p)
{
	if (p->af == V6)
		return;
	pim_bed_reload(p, BSR "bsr-candidate own scope 238.0.0.0/8\n"
			      "bsr-candidate own scope 238.5.0.0/16\n");
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 150 238.5.1.0/24 238.0.0.0/9");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_messages(p, "[238.0.0.0/8 zone] [238.0.0.0/9 rp1 192 holdtime 150]\n",
			"[zone5 zone] [zone5.1 rp1 192 holdtime 150]\n");
}

static unsigned times(const char *text, const char *what)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, what)); at++)
		n++;
	return n;
}

/* A narrower zone takes over what it has. */
static void to_another_zone(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 192 holdtime 500 zone5.1");
	assert_soon(p, "[zone5.1 rp1 192 holdtime 500]\n");
	pim_bed_reload(p, ZONE);
	pim_bed_run(p, SEC(61));
	pim_bed_said(p);
	offer(p, "rp1", "priority 192 holdtime 500 zone5.1");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_messages(p, "[zone5.1 rp1 192 holdtime 0]\n",
			"[zone5 zone] [zone5.1 rp1 192 holdtime 500]\n");
}

/* Of more RPs than can be counted, the best ones. */
static void many_of_a_range(struct pim_bed *p)
{
	char rp[16], what[64];
	const char *said;

	begin(p);
	for (unsigned i = 1; i <= 300; i++) {
		snprintf(rp, sizeof(rp), p->af == V4 ? "10.2.%u.%u" : "fd00::%x:%x", i / 256,
			 i % 256);
		snprintf(what, sizeof(what), "priority %u holdtime 150 range1",
			 i <= 280 ? 200 : 100);
		offer(p, rp, what);
	}
	assert_int_equal(zone_at(p, 0)->noffers, 300);
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	said = sets(p);
	assert_int_equal(times(said, " holdtime "), 255);
	assert_int_equal(times(said, " 100 holdtime "), 20);
	/* one that is not said comes and goes unheard */
	offer(p, p->af == V4 ? "10.2.0.1" : "fd00::0:1", "priority 201 holdtime 150 range1");
	assert_soon(p, "");
	offer(p, p->af == V4 ? "10.2.0.1" : "fd00::0:1", "priority 201 holdtime 0 range1");
	assert_soon(p, "");
	/* and then does not */
	offer(p, p->af == V4 ? "10.2.0.1" : "fd00::0:1", "priority 50 holdtime 150 range1");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	said = sets(p);
	assert_int_equal(times(said, " holdtime "), 255);
	assert_int_equal(times(said, " 50 holdtime "), 1);
}

/* Of a range that a message has several times the last one counts, as if it were alone. */
static void several_times(struct pim_bed *p)
{
	begin(p);
	offer(p, "rp1", "priority 7 holdtime 150 range1 bidir range2 range1");
	assert_soon(p, "[range1 rp1 7 holdtime 150] [range2 rp1 7 holdtime 150]\n");
	offer(p, "rp1", "priority 7 holdtime 150 range1 bidir range2 range1 bidir range1");
	assert_soon(p, "");
	offer(p, "rp1", "priority 7 holdtime 150 range1 range1 bidir");
	assert_soon(p, "[range1 bidir rp1 7 holdtime 150] [range2 rp1 7 holdtime 150]\n");
}

static void too_many(struct pim_bed *p)
{
	char rp[16];

	begin(p);
	for (unsigned i = 0; i < 4200; i++) {
		snprintf(rp, sizeof(rp), p->af == V4 ? "10.2.%u.%u" : "fd00::%x:%x", i / 250,
			 i % 250 + 1);
		offer(p, rp,
		      i % 2 ? "priority 192 holdtime 9999 range1"
			    : "priority 192 holdtime 9999 zone5");
	}
	assert_int_equal(zone_at(p, 0)->noffers + zone_at(p, 1)->noffers, BSR_MAX_OFFERS);
	assert_int_equal(p->pim->counters.limited, 4200 - BSR_MAX_OFFERS);
}

static void assert_shown(struct pim_bed *p, const char *request, const char *text)
{
	const char *reply = bed_ask(&p->bed, request);

	if (!strstr(reply, text))
		fail_msg("%s is not in %s", text, reply);
}

static void shown(struct pim_bed *p)
{
	const char *all = p->af == V4 ? "224.0.0.0/4" : "ff00::/8";
	char text[300];

	neighbor(p);
	pim_bed_run(p, 1);
	assert_shown(p, "show pim bsr", "\"state\":\"Pending\"");
	begin(p);
	offer(p, "rp1", "priority 7 holdtime 300 all");
	offer(p, "rp2", "priority 9 holdtime 150 all bidir");
	offer(p, "rp2", "priority 9 holdtime 0 all bidir");
	pim_bed_run(p, BSR_MIN_INTERVAL);
	snprintf(text, sizeof(text),
		 "{\"family\":\"%s\",\"zone\":\"%s\",\"state\":\"Elected\",\"bsr_address\":"
		 "\"%s\",\"own\":true,\"priority\":64,\"hash_mask_length\":%u,\"up_time\":",
		 af_name(p->af), all, ip_str(pim_bed_ip(p, "own")),
		 p->af == V4 ? RP_HASH_LEN_V4 : RP_HASH_LEN_V6);
	assert_shown(p, "show pim bsr", text);
	assert_shown(p, "show pim bsr", "\"candidate\":true");
	snprintf(text, sizeof(text),
		 "\"group\":\"%s\",\"rp_address\":\"%s\",\"mode\":\"sparse\",\"priority\":7,"
		 "\"holdtime\":300000,\"expiration\":290000,\"withdrawn\":false}",
		 all, ip_str(pim_bed_ip(p, "rp1")));
	assert_shown(p, "show pim bsr", text);
	snprintf(text, sizeof(text),
		 "\"group\":\"%s\",\"rp_address\":\"%s\",\"mode\":\"bidir\",\"priority\":9,"
		 "\"holdtime\":0,\"expiration\":120000,\"withdrawn\":true}",
		 all, ip_str(pim_bed_ip(p, "rp2")));
	assert_shown(p, "show pim bsr", text);
	snprintf(text, sizeof(text),
		 "\"mode\":\"sparse\",\"priority\":7,\"holdtime\":300000,"
		 "\"expiration\":");
	assert_shown(p, "show pim bsr", text);
	assert_shown(p, "show pim rp-candidate", "{\"ok\":true}");
	assert_shown(p, "show pim bsr 1", "\"error\"");
}

/* Another router hears what is said, as if the bootstrap router were rp9 behind eth0.2. */
struct listener {
	struct pim_bed *bed; /* owned */
	struct arena arena;  /* owned */
	unsigned nfragments;
};

static void relay(struct pim_bed *p, const struct packet *packet)
{
	struct listener *l = p->arg;
	struct msg_ends ends = { packet->src, packet->dst };
	struct msg_bootstrap_place at = { 0 };
	struct msg_bootstrap m;
	uint8_t data[1500];
	struct msg_rd r;
	size_t len;

	assert_int_equal(msg_open(&ends, packet->data, packet->len, &r), MSG_GOOD);
	if (r.type != MSG_BOOTSTRAP)
		return;
	arena_reset(&l->arena);
	assert_int_equal(msg_bootstrap_decode(&r, &l->arena, &m), MSG_GOOD);
	m.bsr = pim_bed_ip(l->bed, "rp9");
	ends.src = pim_bed_ip(l->bed, "eth0.2");
	len = msg_bootstrap_encode(&ends, &m, &at, data, sizeof(data));
	assert_true(at.end);
	assert_int_equal(len, packet->len);
	pim_bed_hear_bytes(l->bed, "eth0.2", NULL, 1, data, len);
	l->nfragments++;
}

static struct listener listen_to(struct pim_bed *p)
{
	struct listener l = { pim_bed_new(p->af, NULL), arena_init(MSG_ARENA), 0 };

	neighbor(l.bed);
	pim_bed_route(l.bed, "rp9", "eth0.2");
	p->pass = relay;
	return l;
}

static void listener_end(struct pim_bed *p, struct listener *l)
{
	p->pass = NULL;
	arena_free(&l->arena);
	pim_bed_free(l->bed);
}

static void offer_many(struct pim_bed *p, unsigned nrps, unsigned nranges, const char *words)
{
	char rp[16], what[64];

	for (unsigned i = 0; i < nrps; i++) {
		snprintf(rp, sizeof(rp), p->af == V4 ? "10.2.%u.%u" : "fd00::%x:%x", i / 250,
			 i % 250 + 1);
		snprintf(what, sizeof(what), "%s range%u", words, i % nranges);
		offer(p, rp, what);
	}
}

/* Fragments go on to be the same, and all RPs arrive. */
static void a_large_set(struct pim_bed *p)
{
	struct listener l = listen_to(p);
	const struct rp_mapping *m;
	unsigned nfragments;
	char *first;

	p->arg = &l;
	begin(p);
	offer_many(p, 1000, 255, "priority 192 holdtime 9999");
	l.nfragments = 0;
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	nfragments = l.nfragments;
	assert_in_range(nfragments, 8, 40);
	assert_int_equal(l.bed->pim->rps.nmappings, 1000);
	assert_int_equal(times(bed_ask(&p->bed, "show pim bsr"), "\"withdrawn\":false"), 1000);
	assert_int_equal(times(bed_ask(&l.bed->bed, "show pim bsr"), "\"rp_address\""), 1000);
	first = xstrdup(sets(p));
	pim_bed_run(p, SEC(60));
	assert_sets(p, first);
	assert_int_equal(l.nfragments, 2 * nfragments);
	free(first);
	for (m = rp_first(&l.bed->pim->rps); m; m = rp_next(m))
		assert_int_equal(m->priority, 192);
	offer_many(p, 1000, 255, "priority 5 holdtime 9999");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_int_equal(l.bed->pim->rps.nmappings, 1000);
	for (m = rp_first(&l.bed->pim->rps); m; m = rp_next(m))
		assert_int_equal(m->priority, 5);
	offer_many(p, 1000, 255, "priority 5 holdtime 0");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_int_equal(l.bed->pim->rps.nmappings, 0);
	listener_end(p, &l);
}

/* RPs of a range that no fragment has room for. */
static void a_long_range(struct pim_bed *p)
{
	struct listener l = listen_to(p);

	p->arg = &l;
	begin(p);
	offer_many(p, 1000, 1, "priority 192 holdtime 9999");
	pim_bed_run(p, BSR_MIN_INTERVAL + SEC(1));
	assert_int_equal(l.bed->pim->rps.nmappings, BSR_MAX_RPS);
	listener_end(p, &l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		PIM_TEST("PIM-160: another set is said soon, the same one is not", BSR,
			 changes_are_said),
		PIM_TEST("PIM-160: BS_Min_Interval lies between messages", BSR, not_too_often),
		PIM_TEST("PIM-159: holdtimes are two and a half periods at least", BSR, holdtimes),
		PIM_TEST("PIM-159, PIM-161: an RP is withdrawn at once", BSR, withdrawn),
		PIM_TEST("PIM-161: and comes back", BSR, withdrawn_and_back),
		PIM_TEST("PIM-159: a candidate that is silent is withdrawn", BSR, silent),
		PIM_TEST("PIM-163: no ranges are all groups", BSR, without_ranges),
		PIM_TEST("PIM-164: RPs of one mode, rather BIDIR", BSR, one_mode),
		PIM_TEST("PIM-163: a range several times", BSR, several_times),
		PIM_TEST("PIM-163: candidates that are wanted",
			 BSR "rp-candidate-filter rp1 range1\nrp-candidate-filter rp1 range2\n"
			     "rp-candidate-filter rp2\n",
			 filtered),
		PIM_TEST("PIM-163: who is not bootstrap router takes none", IFACES, to_nobody),
		PIM_TEST("PIM-165: each range is in the message of its zone", ZONE, zones),
		PIM_TEST("PIM-165, PIM-158: the range of a zone is withdrawn", ZONE,
			 a_zone_withdrawn),
		PIM_TEST("PIM-165: a zone has groups of all flags", ZONE, flags),
		PIM_TEST("PIM-165: the narrowest of several zones", IFACES, narrow_zones),
		PIM_TEST("PIM-165: each range is in one message alone", BSR, to_another_zone),
		PIM_TEST("PIM-167: the best of many RPs", BSR, many_of_a_range),
		PIM_TEST("PIM-163: not more than there is room for", ZONE, too_many),
		PIM_TEST("what there is to show", BSR, shown),
		PIM_TEST("PIM-157: 255 ranges and 1,000 RPs", BSR, a_large_set),
		PIM_TEST("PIM-157: 255 RPs of a range", BSR, a_long_range),
	};

	return cmocka_run_group_tests_name("pim_offer_sim", tests, NULL, NULL);
}
