/* ip.c - addresses, prefixes and (S,G): text, scopes, order
 *
 * Reading and printing IPv4 is done here, since configurations hold a hundred thousand of them;
 * IPv6 text (RFC 5952) is the C library's.
 */
#include <arpa/inet.h>

#include "ip.h"

/* The bits of half @i that are among the first @n of all 128. */
static inline uint64_t half_mask(unsigned n, int i)
{
	unsigned before = 64 * i;

	if (n <= before)
		return 0;
	return n - before < 64 ? ~(UINT64_MAX >> (n - before)) : UINT64_MAX;
}

int sg_cmp(const struct sg *a, const struct sg *b)
{
	int c = ip_cmp(a->grp, b->grp);

	return c ? c : ip_cmp(a->src, b->src);
}

uint32_t sg_hash(const struct sg *sg)
{
	uint64_t h = 0;

	for (int i = 0; i < 2; i++) {
		h = (h ^ ip_half(&sg->src, i)) * 0x9e3779b97f4a7c15u;
		h = (h ^ h >> 32 ^ ip_half(&sg->grp, i)) * 0xd6e8feb86659fd93u;
	}
	return h ^ h >> 32;
}

bool ip_is_any(struct ip ip)
{
	uint64_t low = ip_half(&ip, 1);

	return !ip_half(&ip, 0) && (!low || low == UINT64_C(0xffff) << 32);
}

bool ip_is_multicast(struct ip ip)
{
	return ip_family(ip) == V4 ? (ip.b[12] & 0xf0) == 0xe0 : ip.b[0] == 0xff;
}

bool ip_is_link_local(struct ip ip)
{
	if (ip_family(ip) == V4)
		return ip.b[12] == 169 && ip.b[13] == 254;
	return ip.b[0] == 0xfe && (ip.b[1] & 0xc0) == 0x80;
}

bool ip_is_local_group(struct ip ip)
{
	if (ip_family(ip) == V4)
		return ip.b[12] == 224 && !ip.b[13] && !ip.b[14];
	return ip.b[0] == 0xff && (ip.b[1] & 0xf) < 3;
}

bool ip_is_ssm(struct ip ip)
{
	if (ip_family(ip) == V4)
		return ip.b[12] == 232;
	return ip.b[0] == 0xff && ip.b[1] >> 4 == 3 && !ip.b[2] && !ip.b[3];
}

/*
 * Four decimal numbers up to 255 with dots between and nothing else. A leading zero is refused,
 * as by inet_pton(): others read an octal number there.
 */
static bool parse_v4(const char *s, struct ip *ip)
{
	uint32_t host = 0;

	for (int i = 0; i < 4; i++) {
		const char *first = s;
		unsigned byte = 0;

		for (; *s >= '0' && *s <= '9' && byte <= 255; s++)
			byte = byte * 10 + (*s - '0');
		if (s == first || (*first == '0' && s - first > 1) || byte > 255)
			return false;
		if (*s++ != (i < 3 ? '.' : '\0'))
			return false;
		host = host << 8 | byte;
	}
	*ip = ip_v4(host);
	return true;
}

bool ip_parse(const char *text, struct ip *ip)
{
	if (parse_v4(text, ip))
		return true;
	return inet_pton(AF_INET6, text, ip->b) == 1 && ip_family(*ip) == V6;
}

bool prefix_parse(const char *text, struct prefix *prefix)
{
	const char *slash = strchr(text, '/');
	char addr[IP_STRLEN];
	unsigned len = 0, bits;

	if (!slash) {
		if (!ip_parse(text, &prefix->ip))
			return false;
		prefix->len = af_bits(ip_family(prefix->ip));
		return true;
	}
	if ((size_t)(slash - text) >= sizeof(addr))
		return false;
	memcpy(addr, text, slash - text);
	addr[slash - text] = '\0';
	if (!ip_parse(addr, &prefix->ip) || !slash[1])
		return false;

	bits = af_bits(ip_family(prefix->ip));
	for (const char *s = slash + 1; *s; s++) {
		if (*s < '0' || *s > '9')
			return false;
		len = len * 10 + (*s - '0');
		if (len > bits)
			return false;
	}
	prefix->len = len ? len : bits;
	return true;
}

/* Index of the first bit of the address's own family. */
static unsigned first_bit(struct ip ip)
{
	return !ip_half(&ip, 0) && ip_half(&ip, 1) >> 32 == 0xffff ? 96 : 0;
}

struct ip ip_mask(struct ip ip, uint8_t len)
{
	unsigned keep = first_bit(ip) + len;

	for (int i = 0; i < 2; i++) {
		uint64_t v = ip_big_endian(ip_half(&ip, i) & half_mask(keep, i));

		memcpy(ip.b + 8 * i, &v, sizeof(v));
	}
	return ip;
}

/* Where the first bit that differs stands says all; in most comparisons of a tree it is early. */
int ip_cmp_bits(struct ip a, struct ip b, uint8_t len)
{
	for (unsigned i = 0; i < 2; i++) {
		uint64_t p = ip_half(&a, i), q = ip_half(&b, i);

		if (p == q)
			continue;
		if (64 * i + __builtin_clzll(p ^ q) >= first_bit(a) + len)
			return 0;
		return p < q ? -1 : 1;
	}
	return 0;
}

bool prefix_has(const struct prefix *prefix, struct ip ip)
{
	return ip_family(prefix->ip) == ip_family(ip) && !ip_cmp_bits(prefix->ip, ip, prefix->len);
}

static char *put_number(char *p, unsigned n)
{
	if (n >= 100)
		*p++ = '0' + n / 100;
	if (n >= 10)
		*p++ = '0' + n / 10 % 10;
	*p++ = '0' + n % 10;
	return p;
}

char *ip_format(char buf[IP_STRLEN], struct ip ip)
{
	char *p = buf;

	if (ip_family(ip) == V6) {
		inet_ntop(AF_INET6, ip.b, buf, IP_STRLEN);
		return buf;
	}
	for (int i = 12; i < 16; i++) {
		p = put_number(p, ip.b[i]);
		*p++ = i < 15 ? '.' : '\0';
	}
	return buf;
}

char *prefix_format(char buf[PREFIX_STRLEN], const struct prefix *prefix)
{
	ip_format(buf, prefix->ip);
	if (!prefix_is_host(prefix)) {
		char *end = buf + strlen(buf);

		*end++ = '/';
		*put_number(end, prefix->len) = '\0';
	}
	return buf;
}

char *sg_format(char buf[SG_STRLEN], const struct sg *sg)
{
	char *p = buf;

	*p++ = '(';
	if (ip_is_any(sg->src))
		*p++ = '*', *p = '\0';
	else
		ip_format(p, sg->src);
	p += strlen(p);
	*p++ = ',';
	ip_format(p, sg->grp);
	p += strlen(p);
	*p++ = ')';
	*p = '\0';
	return buf;
}
