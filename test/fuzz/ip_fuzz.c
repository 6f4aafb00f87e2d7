/* ip_fuzz.c - addresses and prefixes: what is read, and read again after it was printed
 *
 * The input is lines of text, and once more the bytes of addresses.
 */
#include "fuzz/fuzz.h"
#include "lib/ip.h"

static void judge_ip(struct ip ip)
{
	struct ip again;

	MUST(strlen(ip_str(ip)) < IP_STRLEN && ip_parse(ip_str(ip), &again) && ip_eq(ip, again));
}

static void judge_prefix(const struct prefix *prefix)
{
	struct prefix again;
	struct ip net = ip_mask(prefix->ip, prefix->len);

	MUST(prefix->len <= af_bits(ip_family(prefix->ip)) && prefix_has(prefix, prefix->ip));
	MUST(ip_family(net) == ip_family(prefix->ip) && prefix_has(prefix, net));
	MUST(!ip_cmp_bits(net, prefix->ip, prefix->len));
	if (!prefix->len)
		return; /* is written as 0, which means all bits where it is read */
	MUST(prefix_parse(prefix_str(prefix), &again) && again.len == prefix->len);
	MUST(ip_eq(again.ip, prefix->ip));
}

static void read_line(const char *text)
{
	struct prefix prefix;
	struct ip ip;

	if (ip_parse(text, &ip)) {
		judge_ip(ip);
		MUST(prefix_parse(text, &prefix) && prefix_is_host(&prefix));
		MUST(ip_eq(prefix.ip, ip));
	}
	if (prefix_parse(text, &prefix)) {
		MUST(prefix.len);
		judge_prefix(&prefix);
	}
}

static void read_bytes(const uint8_t *data, size_t len)
{
	struct prefix prefix;
	struct sg sg;

	for (; len > sizeof(sg); data++, len--) {
		memcpy(&sg, data, sizeof(sg));
		judge_ip(sg.src);
		MUST(strlen(sg_str(&sg)) < SG_STRLEN && !sg_cmp(&sg, &sg));
		MUST(ip_cmp(sg.src, sg.grp) == -ip_cmp(sg.grp, sg.src) ||
		     (ip_cmp(sg.src, sg.grp) < 0) == (ip_cmp(sg.grp, sg.src) > 0));
		prefix = (struct prefix){ sg.src, 0 };
		prefix.len = data[sizeof(sg)] % (af_bits(ip_family(sg.src)) + 1);
		judge_prefix(&prefix);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len), *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		char *copy = fuzz_text(line, strlen(line));

		read_line(copy);
		free(copy);
	}
	read_bytes(data, len);
	free(text);
	return 0;
}
