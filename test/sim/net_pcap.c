/* net_pcap.c - what a link carries, as a file for tshark: raw IP packets */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cksum.h"
#include "lib/cursor.h"
#include "sim/net_state.h"

#define LINKTYPE_RAW 101
#define SNAPLEN 65535

/* Options that ask routers to look (RFC 2113, RFC 2711). */
static const uint8_t alert4[] = { 0x94, 4, 0, 0 };
static const uint8_t alert6[] = { PROTO_ICMPV6, 0, 5, 2, 0, 0, 1, 0 };

void net_pcap_open(struct net *n, struct net_link *l)
{
	const uint32_t head[] = { 0xa1b2c3d4, 2 | 4 << 16, 0, 0, SNAPLEN, LINKTYPE_RAW };
	char name[512];

	if (!n->options.pcap)
		return;
	snprintf(name, sizeof(name), "%s/%s.pcap", n->options.pcap, l->name);
	l->pcap = fopen(name, "w");
	if (!l->pcap)
		net_die("cannot write", name);
	fwrite(head, sizeof(head), 1, l->pcap);
}

void net_pcap_close(struct net_link *l)
{
	if (l->pcap)
		fclose(l->pcap);
	l->pcap = NULL;
}

static void header4(struct wr *w, const struct packet *p)
{
	size_t options = p->router_alert ? sizeof(alert4) : 0;
	uint8_t *begin = w->p;
	uint16_t sum;

	wr_u8(w, 4 << 4 | (20 + options) / 4);
	wr_u8(w, p->tos);
	wr_u16(w, 20 + options + p->len);
	wr_u32(w, 0);
	wr_u8(w, p->ttl);
	wr_u8(w, p->proto);
	wr_u16(w, 0);
	wr_ip(w, V4, p->src);
	wr_ip(w, V4, p->dst);
	wr_bytes(w, alert4, options);
	sum = cksum_end(cksum_add(0, begin, 20 + options));
	begin[10] = sum >> 8;
	begin[11] = sum;
}

static void header6(struct wr *w, const struct packet *p)
{
	size_t options = p->router_alert ? sizeof(alert6) : 0;

	wr_u32(w, 6u << 28 | (uint32_t)p->tos << 20);
	wr_u16(w, options + p->len);
	wr_u8(w, options ? 0 : p->proto);
	wr_u8(w, p->ttl);
	wr_ip(w, V6, p->src);
	wr_ip(w, V6, p->dst);
	wr_bytes(w, alert6, options);
}

static void write_packet(struct net_link *l, int64_t now, const struct packet *p)
{
	uint8_t data[9216];
	struct wr w = wr_init(data, sizeof(data));
	uint32_t head[4] = { now / 1000, now % 1000 * 1000 };

	if (ip_family(p->dst) == V4)
		header4(&w, p);
	else
		header6(&w, p);
	wr_bytes(&w, p->data, p->len);
	if (w.full)
		net_die("too long a packet on", l->name);
	head[2] = head[3] = w.p - data;
	fwrite(head, sizeof(head), 1, l->pcap);
	fwrite(data, w.p - data, 1, l->pcap);
}

/* Data is UDP, with its number as the payload. */
static void write_data(struct net_link *l, int64_t now, const struct sim_packet *data)
{
	uint8_t bytes[16];
	struct wr w = wr_init(bytes, sizeof(bytes));
	struct packet p = {
		.proto = PROTO_UDP,
		.ttl = data->ttl,
		.src = data->sg.src,
		.dst = data->sg.grp,
		.data = bytes,
		.len = sizeof(bytes),
	};
	uint32_t sum = data->af == V6 ? cksum_add_pseudo6(0, p.src, p.dst, p.len, p.proto) : 0;
	uint16_t check;

	wr_u16(&w, 9); /* discard */
	wr_u16(&w, 9);
	wr_u16(&w, sizeof(bytes));
	wr_u16(&w, 0);
	wr_u32(&w, data->id >> 32);
	wr_u32(&w, data->id);
	if (data->af == V6) {
		check = cksum_end(cksum_add(sum, bytes, sizeof(bytes)));
		check = check ? check : 0xffff; /* RFC 768: 0 is none */
		bytes[6] = check >> 8;
		bytes[7] = check;
	}
	write_packet(l, now, &p);
}

void net_pcap(struct net_link *l, int64_t now, const struct net_frame *f)
{
	if (!l->pcap)
		return;
	if (f->control)
		write_packet(l, now, &f->packet);
	else
		write_data(l, now, &f->data);
}
