/* ip.h - one address type for both families, (S,G) and prefixes
 *
 * An address is 16 bytes, IPv4 kept as ::ffff:a.b.c.d, and is passed by value. (S,G) is two of
 * them without padding, so that it is a key to be compared as memory.
 */
#ifndef SMCKIT_IP_H
#define SMCKIT_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum af { V4, V6 };

#define NFAMILIES 2

struct ip {
	uint8_t b[16];
};

struct sg {
	struct ip src, grp; /* ip_any(): every source */
};

/* @len counts the bits of the address's own family: 0-32 or 0-128. */
struct prefix {
	struct ip ip;
	uint8_t len;
};

/* Longest texts with their NUL: address, prefix, "(S,G)". */
#define IP_STRLEN 46
#define PREFIX_STRLEN (IP_STRLEN + 4)
#define SG_STRLEN (2 * IP_STRLEN + 3)

/* The IPv4 address @host in host byte order. */
static inline struct ip ip_v4(uint32_t host)
{
	return (struct ip){ { [10] = 0xff, 0xff, host >> 24, host >> 16, host >> 8, host } };
}

/* 0.0.0.0 or :: */
static inline struct ip ip_any(enum af af)
{
	return af == V4 ? ip_v4(0) : (struct ip){ { 0 } };
}

/* Bits in an address of the family. */
static inline uint8_t af_bits(enum af af)
{
	return af == V4 ? 32 : 128;
}

static inline const char *af_name(enum af af)
{
	return af == V4 ? "IPv4" : "IPv6";
}

/* The wire form: 4 or 16 bytes. */
static inline const uint8_t *ip_wire(const struct ip *ip, enum af af)
{
	return af == V4 ? ip->b + 12 : ip->b;
}

static inline size_t af_size(enum af af)
{
	return af == V4 ? 4 : 16;
}

/* The address whose wire form stands at @wire, of the family's size. */
static inline struct ip ip_from_wire(enum af af, const void *wire)
{
	struct ip ip = ip_any(af);

	memcpy(ip.b + 16 - af_size(af), wire, af_size(af));
	return ip;
}

static inline uint64_t ip_big_endian(uint64_t v)
{
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? __builtin_bswap64(v) : v;
}

/* Half @i of an address: numbers that compare like the bytes do. */
static inline uint64_t ip_half(const struct ip *ip, int i)
{
	uint64_t v;

	memcpy(&v, ip->b + 8 * i, sizeof(v));
	return ip_big_endian(v);
}

static inline enum af ip_family(struct ip ip)
{
	return !ip_half(&ip, 0) && ip_half(&ip, 1) >> 32 == 0xffff ? V4 : V6;
}

static inline int ip_cmp(struct ip a, struct ip b)
{
	for (int i = 0; i < 2; i++) {
		uint64_t p = ip_half(&a, i), q = ip_half(&b, i);

		if (p != q)
			return p < q ? -1 : 1;
	}
	return 0;
}

static inline bool ip_eq(struct ip a, struct ip b)
{
	return ip_half(&a, 0) == ip_half(&b, 0) && ip_half(&a, 1) == ip_half(&b, 1);
}

static inline bool sg_eq(struct sg a, struct sg b)
{
	return ip_eq(a.grp, b.grp) && ip_eq(a.src, b.src);
}

/* Order by group, then source: the order of every listing. */
int sg_cmp(const struct sg *a, const struct sg *b);

/* A hash of the pair; only ever for exact lookup, never for order. */
uint32_t sg_hash(const struct sg *sg);

bool ip_is_any(struct ip ip);
bool ip_is_multicast(struct ip ip);

/* Unicast of link scope (RFC 3927, RFC 4291 2.5.6), never to be forwarded. */
bool ip_is_link_local(struct ip ip);

/*
 * A group that routers must not forward: 224.0.0.0/24 (RFC 5771 4), and IPv6 scopes 0, 1 and 2
 * (RFC 4291 2.7).
 */
bool ip_is_local_group(struct ip ip);

/* A source-specific group: 232.0.0.0/8 and ff3x::/32 (RFC 4607 1). */
bool ip_is_ssm(struct ip ip);

/* IPv4 or IPv6 by the look of it; false if @text is neither. Mapped addresses are refused. */
bool ip_parse(const char *text, struct ip *ip);

/* ADDR or ADDR/LEN; without a length, or with /0, all bits. Host bits are kept. */
bool prefix_parse(const char *text, struct prefix *prefix);

/* The address with all bits after @len cleared. */
struct ip ip_mask(struct ip ip, uint8_t len);

/* Compares the first @len bits of two addresses of one family. */
int ip_cmp_bits(struct ip a, struct ip b, uint8_t len);

/* Whether @ip lies in the prefix; addresses of the other family never do. */
bool prefix_has(const struct prefix *prefix, struct ip ip);

/* Whether all addresses of @inner are of @outer too. */
static inline bool prefix_within(const struct prefix *inner, const struct prefix *outer)
{
	return inner->len >= outer->len && prefix_has(outer, inner->ip);
}

/* Of prefixes without host bits. */
static inline bool prefix_eq(const struct prefix *a, const struct prefix *b)
{
	return a->len == b->len && ip_eq(a->ip, b->ip);
}

static inline bool prefix_is_host(const struct prefix *prefix)
{
	return prefix->len == af_bits(ip_family(prefix->ip));
}

/* Text into @buf; the macros below bring a buffer that lives as long as the block around them. */
char *ip_format(char buf[IP_STRLEN], struct ip ip);
char *prefix_format(char buf[PREFIX_STRLEN], const struct prefix *prefix);
char *sg_format(char buf[SG_STRLEN], const struct sg *sg);

#define ip_str(ip) ip_format((char[IP_STRLEN]){ 0 }, ip)
#define prefix_str(prefix) prefix_format((char[PREFIX_STRLEN]){ 0 }, prefix)
#define sg_str(sg) sg_format((char[SG_STRLEN]){ 0 }, sg)

#endif
