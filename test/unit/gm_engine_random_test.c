/* gm_engine_random_test.c - the engine of IGMP and MLD under whatever comes, from seeds
 *
 * Hosts and other routers say anything, interfaces and addresses come and go, engines follow and
 * cease to, the configuration changes. At the end of each turn, the database has just what was told
 * of; and when nobody wants anything any more, nothing is left.
 */
#include "gm_bed.h"

#define SEEDS 200
#define STEPS 400
#define GROUPS 12
#define MAXSOURCE 6

/* What was told of a group: sources as bits, EXCLUDE as one more. */
#define EXCLUDED 0x80

static uint8_t known[MAXSLOT][GROUPS];

static unsigned nsteps; /* that something came of */

static uint8_t bits_of(const struct membership *m)
{
	uint8_t bits = m->mode == FILTER_EXCLUDE ? EXCLUDED : 0;

	for (unsigned i = 0; i < m->nsources; i++)
		bits |= 1 << number_of(m->source[i]);
	return bits;
}

static void on_told(struct bed *b, unsigned slot, const struct membership *m)
{
	uint8_t bits = bits_of(m);

	(void)b;
	assert_true(number_of(m->group) < GROUPS);
	assert_int_not_equal(known[slot][number_of(m->group)], bits);
	known[slot][number_of(m->group)] = bits;
	nsteps++;
}

static void assert_database(struct bed *b)
{
	const struct module *module = b->e->module;

	for (unsigned slot = 0; slot < 4; slot++) {
		struct ip at = { { 0 } };
		struct membership m;

		for (unsigned i = 0; i < GROUPS; i++) {
			if (!known[slot][i])
				continue;
			assert_true(module->next_group(b->e, slot, at, &at));
			assert_int_equal(number_of(at), i);
			module->membership(b->e, slot, at, &m);
			assert_int_equal(bits_of(&m), known[slot][i]);
		}
		assert_false(module->next_group(b->e, slot, at, &at));
		assert_int_equal(module->is_querier(b->e, slot), ifset_has(b->queriers, slot));
		assert_true(!ifset_has(b->queriers, slot) || b->iface[slot].up);
	}
}

static unsigned below(struct bed *b, unsigned n)
{
	return rng_below(&b->rng, n);
}

static void report_something(struct bed *b)
{
	struct gm_record r[3];
	struct ip source[3][MAXSOURCE];
	struct gm_message m = { .type = GM_REPORT_V3, .version = 3, .record = r };

	m.nrecords = 1 + below(b, 3);
	for (unsigned i = 0; i < m.nrecords; i++) {
		r[i] = (struct gm_record){ MODE_IS_INCLUDE + below(b, 6),
					   group_of(b, below(b, GROUPS)), source[i], 0 };
		for (unsigned n = 1; n <= MAXSOURCE; n++) {
			if (!below(b, 3))
				source[i][r[i].nsources++] = source_of(b, n);
		}
	}
	hear(b, below(b, 4), 20 + below(b, 3), &m);
}

static void report_of_old(struct bed *b)
{
	struct gm_message m = {
		.type = below(b, 2) ? GM_REPORT : GM_LEAVE,
		.version = 2,
		.group = group_of(b, below(b, GROUPS)),
	};

	if (b->af == V4 && m.type == GM_REPORT && !below(b, 4))
		m.version = 1;
	hear(b, below(b, 4), 20 + below(b, 3), &m);
}

static void ask_something(struct bed *b)
{
	struct ip source[] = { source_of(b, 1), source_of(b, 3) };
	struct gm_message m = general(b);

	m.version = 2 + below(b, 2);
	if (m.version == 3) {
		m.robustness = below(b, 8);
		m.interval = SEC(below(b, 100));
		m.suppress = below(b, 2);
	}
	if (below(b, 3))
		m.group = group_of(b, below(b, GROUPS));
	if (m.version == 3 && !ip_is_any(m.group) && below(b, 2)) {
		m.source = source;
		m.nsources = 2;
	}
	hear(b, below(b, 4), 8 + below(b, 5), &m);
}

static void change_interface(struct bed *b)
{
	unsigned slot = below(b, 4);

	switch (below(b, 4)) {
	case 0:
		bed_gone(b, slot);
		break;
	case 1:
		b->iface[slot].up = false;
		bed_touch(b, slot);
		break;
	default:
		bed_up(b, slot, below(b, 4) ? 10 + below(b, 2) : 0);
		break;
	}
}

static const char *const confs[] = {
	"",
	"phyint eth+ igmp",
	"phyint eth0 igmp igmp-robustness 1 igmp-query-interval 11 igmp-track",
	"phyint eth1 igmp igmp-version 1\nphyint eth2 igmp-max-groups 3 igmp-max-sources 2",
	"phyint eth+ igmp-fast-leave\nphyint eth1 igmp-no-querier igmp-track-old",
	"static-group from eth+ group 239.0.0.1\nstatic-group from eth+ group ff0e::1\n"
	"static-group from eth0 source 192.0.0.2 group 239.0.0.2\n"
	"static-group from eth0 source 2001:db8::2 group ff0e::2",
	"group-filter eth+ deny group 239.0.0.0/30\ngroup-filter eth+ deny group ff0e::/126\n"
	"group-filter eth1 permit source 192.0.0.2/31 group 239.0.0.0/29\n"
	"group-filter eth1 permit source 2001:db8::2/127 group ff0e::/125",
	"ssm-range 239.0.0.8/30\nssm-range ff0e::8/126\n"
	"ssm-map group 239.0.0.8/31 source 192.0.0.1 192.0.0.3\n"
	"ssm-map group ff0e::8/127 source 2001:db8::1 2001:db8::3",
};

/* Some of the words and lines together. */
static void change_configuration(struct bed *b)
{
	char text[4096] = "";

	for (unsigned i = 0; i < NELEMS(confs); i++) {
		if (below(b, 3))
			continue;
		strcat(text, confs[i]);
		strcat(text, "\n");
	}
	assert_null(bed_configure(b, text));
}

static void step(struct bed *b)
{
	switch (below(b, 16)) {
	case 0:
		change_interface(b);
		break;
	case 1:
		change_configuration(b);
		break;
	case 2:
		bed_follow(b, below(b, 4), below(b, 3));
		break;
	case 3:
	case 4:
		ask_something(b);
		break;
	case 5:
	case 6:
	case 7:
		report_of_old(b);
		break;
	case 8:
		bed_run(b, SEC(below(b, 300)));
		break;
	case 9:
	case 10:
		bed_run(b, below(b, 1500));
		break;
	default:
		report_something(b);
		break;
	}
}

/* A turn may end late, when much has come. */
static void run(enum af af, uint64_t seed)
{
	struct bed *b = xcalloc(1, sizeof(*b));

	memset(known, 0, sizeof(known));
	bed_init(b, af);
	rng_seed(&b->rng, seed);
	b->quiet = true;
	b->told = on_told;
	for (unsigned i = 0; i < STEPS; i++) {
		b->lazy = below(b, 2);
		step(b);
		if (b->lazy)
			continue;
		bed_settle(b);
		assert_database(b);
	}
	b->lazy = false;
	assert_null(bed_configure(b, ""));
	for (unsigned slot = 0; slot < 4; slot++)
		bed_follow(b, slot, false);
	assert_database(b);
	for (unsigned i = 0; i < MAXSLOT * GROUPS; i++)
		assert_int_equal(known[i / GROUPS][i % GROUPS], 0);
	assert_true(ifset_empty(ifset_or(b->listened, b->queriers)));
	assert_true(ifset_empty(b->e->module->slots(b->e)));
	assert_int_equal(b->clock.n, 0);
	bed_free(b);
	free(b);
}

static void whatever_comes(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		run(V4, seed);
		run(V6, seed);
	}
	assert_true(nsteps > SEEDS * STEPS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(whatever_comes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
