/* pim_embedded_test.c - RPs within groups: which have one, and what it is */
#include "pim-module/embedded.h"
#include "unit/pim.h"

static const struct {
	const char *group, *rp; /* NULL: an ordinary group */
} groups[] = {
	/* RFC 3956 5.1 to 5.4 */
	{ "ff7e:140:2001:db8:beef:feed::1", "2001:db8:beef:feed::1" },
	{ "ff7e:f40:2001:db8:beef:feed:ffff:ffff", "2001:db8:beef:feed::f" },
	{ "ff7e:120:2001:db8::1", "2001:db8::1" },
	{ "ff7e:120:2001:db8:dead::1", "2001:db8::1" },
	{ "ff7e:930:2001:db8:beef::1", "2001:db8:beef::9" },
	/* any scope, whatever is reserved, bits of a prefix */
	{ "ff72:140:2001:db8::1", "2001:db8::1" },
	{ "ff75:140:2001:db8::1", "2001:db8::1" },
	{ "ff7e:f140:2001:db8::1", "2001:db8::1" },
	{ "ff7e:103:ffff::1", "e000::1" },
	{ "ff7e:102:5fff:ffff::1", "4000::1" },
	{ "ff7e:101:ffff:ffff::1", "8000::1" },
	{ "ff7e:13f:2001:db8:0:ffff::1", "2001:db8:0:fffe::1" },
	/* flags */
	{ "ff0e:140:2001:db8::1", NULL },
	{ "ff3e:140:2001:db8::1", NULL },
	{ "ff5e:140:2001:db8::1", NULL },
	{ "ff6e:140:2001:db8::1", NULL },
	{ "fffe:140:2001:db8::1", NULL },
	/* lengths */
	{ "ff7e:100:2001:db8::1", NULL },
	{ "ff7e:141:2001:db8::1", NULL },
	{ "ff7e:1ff:2001:db8::1", NULL },
	/* no RP has such an address */
	{ "ff7e:40:2001:db8::1", "::" },
	{ "ff7e:140:fe80::1", "::" },
	{ "ff7e:140:febf:ffff::1", "::" },
	{ "ff7e:140:ff0e::1", "::" },
	{ "ff7e:140:0:1234::1", "::" },
	{ "ff7e:110:2001:db8::1", "2001::1" },
	{ "ff7e:10f:1:db8::1", "::" },
	{ "ff7e:140:fec0::1", "fec0::1" },
};

static void within_groups(void **state)
{
	(void)state;
	for (size_t i = 0; i < NELEMS(groups); i++) {
		const char *rp = groups[i].rp;

		if (rp)
			assert_string_equal(ip_str(embedded_in(ip(groups[i].group))), rp);
	}
	assert_false(embedded_has(ip("239.1.1.1")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		{ "PIM-194: within groups", within_groups, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests_name("pim_embedded_test", tests, NULL, NULL);
}
