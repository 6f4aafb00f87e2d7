/* register.c - a TUN device as what registers go through, against the kernel's register vif
 *
 *	register dr|rp tun|vif 4|6 COUNT RATE SOURCE ROUTER SINK
 *	register switch tun|vif now|next|MS DELAY COUNT SOURCE ROUTER SINK
 *
 * The last three are network namespaces: the router is at eth0 of the source and at eth0 of the
 * sink by its eth0 and eth1; for switch, a second cable leads from the source's eth1 to its eth2.
 *
 * dr: the source sends; the router makes Registers to the sink of what is forwarded to the device.
 * rp: the source sends Registers; the router forwards what they hold to the sink. Prints how many
 * were lost, and the processor time of the router's process for each, in nanoseconds.
 *
 * switch: the source sends each packet twice, in a Register and, once half are sent, natively, the
 * Register DELAY microseconds later (earlier, if negative). The router takes the stream from the
 * Registers and changes to the other way when a packet came in there: now, when the next Register
 * was forwarded, or that many milliseconds later. Prints how many were lost and doubled.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/ip6.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/ip.h>
#include <linux/mroute.h>
#include <linux/mroute6.h>

#include "lib/cksum.h"
#include "tool.h"

#define PORT 5000
#define PAYLOAD 100
#define PIM 103
#define HEADER 8
#define RATE 1000
#define MAXPACKETS 10000

enum { NATIVE, OUT, TUNNEL, SECOND };

static enum af af;
static bool is_tun, is_switch;

struct data {
	uint8_t bytes[HEADER + 40 + 8 + PAYLOAD];
	size_t len; /* without the header of a Register, behind which the packet stands */
};

static struct ip ip_of(const char *v4, const char *v6)
{
	struct ip ip = ip_any(V4);

	if (!ip_parse(af == V4 ? v4 : v6, &ip))
		exit(2);
	return ip;
}

static struct ip source(void)
{
	return ip_of("10.0.0.2", "fd00::2");
}

static struct ip group(void)
{
	return ip_of("239.1.1.1", "ff0e::1:1");
}

static socklen_t address(struct sockaddr_storage *sa, struct ip ip, const char *device)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };

	memset(sa, 0, sizeof(*sa));
	if (af == V4) {
		memcpy(&sin.sin_addr, ip_wire(&ip, V4), 4);
		memcpy(sa, &sin, sizeof(sin));
		return sizeof(sin);
	}
	memcpy(&sin6.sin6_addr, ip.b, 16);
	sin6.sin6_scope_id = device ? if_nametoindex(device) : 0;
	memcpy(sa, &sin6, sizeof(sin6));
	return sizeof(sin6);
}

/* The header of a Register; its checksum is over 8 bytes alone. */
static void put_register(uint8_t header[HEADER], struct ip src, struct ip dst)
{
	uint16_t sum;

	memset(header, 0, HEADER);
	header[0] = 0x21;
	sum = cksum_end(cksum_add(af == V6 ? cksum_add_pseudo6(0, src, dst, HEADER, PIM) : 0,
				  header, HEADER));
	header[2] = sum >> 8;
	header[3] = sum;
}

static void put_number(struct data *d, uint32_t number)
{
	memcpy(d->bytes + HEADER + d->len - PAYLOAD, &number, sizeof(number));
}

/* A packet of the stream, with its number, which the UDP checksum of IPv6 must suit. */
static void put_data(struct data *d, uint32_t number)
{
	struct ip src = source(), dst = group();
	struct udphdr udp = { .source = htons(PORT),
			      .dest = htons(PORT),
			      .len = htons(sizeof(udp) + PAYLOAD) };
	size_t header = af == V4 ? sizeof(struct iphdr) : sizeof(struct ip6_hdr);
	uint8_t *p = d->bytes + HEADER;

	memset(d, 0, sizeof(*d));
	d->len = header + sizeof(udp) + PAYLOAD;
	if (af == V4) {
		struct iphdr ip = { .version = 4,
				    .ihl = 5,
				    .ttl = 16,
				    .protocol = IPPROTO_UDP,
				    .tot_len = htons(d->len) };

		memcpy(&ip.saddr, ip_wire(&src, V4), 4);
		memcpy(&ip.daddr, ip_wire(&dst, V4), 4);
		ip.check = htons(cksum_end(cksum_add(0, &ip, sizeof(ip))));
		memcpy(p, &ip, sizeof(ip));
	} else {
		struct ip6_hdr ip6 = { .ip6_plen = htons(sizeof(udp) + PAYLOAD),
				       .ip6_nxt = IPPROTO_UDP,
				       .ip6_hlim = 16 };

		ip6.ip6_vfc = 0x60; /* in a union with the others */
		memcpy(&ip6.ip6_src, src.b, 16);
		memcpy(&ip6.ip6_dst, dst.b, 16);
		memcpy(p, &ip6, sizeof(ip6));
	}
	memcpy(p + header, &udp, sizeof(udp));
	put_number(d, number);
	if (af == V6) {
		udp.check = htons(
			cksum_end(cksum_add(cksum_add_pseudo6(0, src, dst, sizeof(udp) + PAYLOAD,
							      IPPROTO_UDP),
					    p + header, sizeof(udp) + PAYLOAD)));
		memcpy(p + header, &udp, sizeof(udp));
	}
}

static int open_raw(int protocol)
{
	int fd = socket(af == V4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, protocol);

	if (fd < 0)
		fail("socket");
	return fd;
}

/* Sends whole packets by the device. */
static int open_out(const char *device)
{
	int fd = open_raw(IPPROTO_RAW), ifindex = if_nametoindex(device);
	struct ip_mreqn mreq = { .imr_ifindex = ifindex };

	if (af == V4)
		set(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq));
	else
		set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, &ifindex, sizeof(ifindex));
	return fd;
}

/* The router */

struct router {
	int mroute, tun, pim;
	uint8_t message[65536];
};

static void add_vif(const struct router *r, unsigned vif, const char *device)
{
	struct vifctl vc = { .vifc_vifi = vif, .vifc_threshold = 1 };
	struct mif6ctl mc = { .mif6c_mifi = vif, .vifc_threshold = 1 };

	if (device) {
		vc.vifc_flags = VIFF_USE_IFINDEX;
		vc.vifc_lcl_ifindex = mc.mif6c_pifi = if_nametoindex(device);
	} else {
		vc.vifc_flags = VIFF_REGISTER;
		mc.mif6c_flags = MIFF_REGISTER;
	}
	if (af == V4)
		set(r->mroute, IPPROTO_IP, MRT_ADD_VIF, &vc, sizeof(vc));
	else
		set(r->mroute, IPPROTO_IPV6, MRT6_ADD_MIF, &mc, sizeof(mc));
}

static void set_entry(const struct router *r, unsigned parent, unsigned oif)
{
	struct mfcctl mc = { .mfcc_parent = parent };
	struct mf6cctl mc6 = { .mf6cc_parent = parent };
	struct ip src = source(), grp = group();

	memcpy(&mc.mfcc_origin, ip_wire(&src, V4), 4);
	memcpy(&mc.mfcc_mcastgrp, ip_wire(&grp, V4), 4);
	mc.mfcc_ttls[oif] = 1;
	memcpy(&mc6.mf6cc_origin.sin6_addr, src.b, 16);
	memcpy(&mc6.mf6cc_mcastgrp.sin6_addr, grp.b, 16);
	IF_SET(oif, &mc6.mf6cc_ifset);
	if (af == V4)
		set(r->mroute, IPPROTO_IP, MRT_ADD_MFC, &mc, sizeof(mc));
	else
		set(r->mroute, IPPROTO_IPV6, MRT6_ADD_MFC, &mc6, sizeof(mc6));
}

static int open_tun(void)
{
	struct ifreq ifr = { .ifr_name = "pimreg", .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr))
		fail("tun");
	if (system("ip link set pimreg up mtu 65535 txqueuelen 2000"))
		exit(1);
	return fd;
}

/* With the kernel's vif the payload is of no interest, and is cut off. */
static void cut(int fd)
{
	struct sock_filter code = BPF_STMT(BPF_RET | BPF_K, 96);
	struct sock_fprog program = { .len = 1, .filter = &code };

	set(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static void router_open(struct router *r, const char *netns)
{
	int on = 1;

	enter(netns);
	r->mroute = open_raw(af == V4 ? IPPROTO_IGMP : IPPROTO_ICMPV6);
	set(r->mroute, af == V4 ? IPPROTO_IP : IPPROTO_IPV6, MRT_INIT, &on, sizeof(on));
	set(r->mroute, af == V4 ? IPPROTO_IP : IPPROTO_IPV6, MRT_PIM, &on, sizeof(on));
	set_room(r->mroute);
	r->pim = open_raw(PIM);
	set_room(r->pim);
	r->tun = is_tun ? open_tun() : -1;
	if (!is_tun)
		cut(r->pim);
	add_vif(r, NATIVE, "eth0");
	add_vif(r, OUT, "eth1");
	add_vif(r, TUNNEL, is_tun ? "pimreg" : NULL);
	if (is_switch)
		add_vif(r, SECOND, "eth2");
	fcntl(r->mroute, F_SETFL, O_NONBLOCK);
	fcntl(r->pim, F_SETFL, O_NONBLOCK);
}

/* Makes Registers of what is forwarded to the device; there is room for the header before it. */
static void run_dr(struct router *r)
{
	struct ip self = ip_of("10.0.1.1", "fd00:1::1"), sink = ip_of("10.0.1.2", "fd00:1::2");
	struct pollfd p = { .fd = is_tun ? r->tun : r->mroute, .events = POLLIN };
	size_t skip = is_tun ? 0 : af == V4 ? sizeof(struct igmpmsg) : sizeof(struct mrt6msg);
	struct sockaddr_storage to;
	socklen_t len = address(&to, sink, NULL);
	uint8_t *at = r->message + 64;
	ssize_t n;

	set_entry(r, NATIVE, TUNNEL);
	for (;;) {
		poll(&p, 1, -1);
		while ((n = read(p.fd, at - skip, 9000)) > (ssize_t)skip) {
			put_register(at - HEADER, self, sink);
			sendto(r->pim, at - HEADER, HEADER + n - skip, 0, (struct sockaddr *)&to,
			       len);
		}
	}
}

/* Takes one Register; false if there is none. */
static bool decapsulate(struct router *r)
{
	ssize_t n = read(r->pim, r->message, sizeof(r->message));
	size_t skip = (af == V4 ? sizeof(struct iphdr) : 0) + HEADER;

	if (n < (ssize_t)skip)
		return false;
	if (is_tun && write(r->tun, r->message + skip, n - skip) < 0)
		fail("write");
	return true;
}

static void run_rp(struct router *r)
{
	struct pollfd p = { .fd = r->pim, .events = POLLIN };

	set_entry(r, TUNNEL, OUT);
	for (;;) {
		poll(&p, 1, -1);
		while (decapsulate(r))
			;
	}
}

/* Whether a packet came in by the second cable. */
static bool is_triggered(struct router *r)
{
	struct igmpmsg m;
	bool yes = false;

	while (read(r->mroute, r->message, sizeof(r->message)) >= (ssize_t)sizeof(m)) {
		memcpy(&m, r->message, sizeof(m));
		yes |= !m.im_mbz && m.im_msgtype == IGMPMSG_WRONGVIF && m.im_vif == SECOND;
	}
	return yes;
}

static void run_switch(struct router *r, const char *when)
{
	struct pollfd p[2] = { { .fd = r->mroute, .events = POLLIN },
			       { .fd = r->pim, .events = POLLIN } };
	int64_t due = 0;
	bool next = false, done = false;

	set_entry(r, TUNNEL, OUT);
	for (;;) {
		poll(p, 2, due ? 0 : -1);
		if (is_triggered(r) && !done) {
			next = !strcmp(when, "next");
			due = next ? 0 : now_ns() + atoi(when) * NS_MS; /* now: 0 */
		}
		if (due && now_ns() >= due) {
			set_entry(r, SECOND, OUT);
			due = 0;
			done = true;
		}
		while (decapsulate(r)) {
			if (next)
				set_entry(r, SECOND, OUT);
			done |= next;
			next = false;
		}
	}
}

/* The ends */

static unsigned long received(void)
{
	char line[512];
	unsigned long n = 0;
	FILE *f = fopen("/proc/thread-self/net/dev", "r");

	while (f && fgets(line, sizeof(line), f)) {
		char *at = strstr(line, "eth0:");

		if (at && sscanf(at, "eth0: %*u %lu", &n) == 1)
			break;
	}
	if (f)
		fclose(f);
	return n;
}

static void send_all(bool registers, unsigned count, unsigned rate)
{
	struct ip src = source(), router = ip_of("10.0.0.1", "fd00::1");
	int fd = registers ? open_raw(PIM) : open_out("eth0");
	struct sockaddr_storage to;
	socklen_t len = address(&to, registers ? router : group(), registers ? NULL : "eth0");
	int64_t start = now_ns();
	struct data d;

	put_data(&d, 0);
	put_register(d.bytes, src, router);
	for (unsigned i = 0; i < count; i++) {
		await_turn(start, i, rate);
		if (sendto(fd, registers ? d.bytes : d.bytes + HEADER,
			   registers ? HEADER + d.len : d.len, 0, (struct sockaddr *)&to,
			   len) < 0 &&
		    errno != ENOBUFS)
			fail("send");
	}
}

/* What is due next: a Register or a packet of its own. */
static void send_twice(int64_t delay, unsigned count)
{
	struct ip src = source(), router = ip_of("10.0.0.1", "fd00::1");
	int own = open_out("eth1"), pim = open_raw(PIM);
	struct sockaddr_storage to, to_group;
	socklen_t len = address(&to, router, NULL);
	int64_t start = now_ns() + 50 * NS_MS, step = NS_SEC / RATE;
	unsigned i = 0, j = count / 2;
	struct data d;

	address(&to_group, group(), "eth1");
	while (i < count || j < count) {
		int64_t reg = start + i * step + (delay > 0 ? delay : 0);
		int64_t native = start + j * step + (delay < 0 ? -delay : 0);

		if (j < count && (i == count || native <= reg)) {
			pause_until(native);
			put_data(&d, j++);
			sendto(own, d.bytes + HEADER, d.len, 0, (struct sockaddr *)&to_group, len);
		} else {
			pause_until(reg);
			put_data(&d, i++);
			put_register(d.bytes, src, router);
			sendto(pim, d.bytes, HEADER + d.len, 0, (struct sockaddr *)&to, len);
		}
	}
}

static int open_listener(void)
{
	struct group_req req = { .gr_interface = if_nametoindex("eth0") };
	int fd = socket(af == V4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0);
	struct sockaddr_storage any;
	socklen_t len = address(&any, ip_any(af), NULL);
	uint16_t port = htons(PORT);

	memcpy((char *)&any + 2, &port, sizeof(port));
	if (fd < 0 || bind(fd, (struct sockaddr *)&any, len))
		fail("listen");
	address(&req.gr_group, group(), NULL);
	set(fd, af == V4 ? IPPROTO_IP : IPPROTO_IPV6, MCAST_JOIN_GROUP, &req, sizeof(req));
	set_room(fd);
	return fd;
}

static void count_numbers(int fd, unsigned count)
{
	static uint8_t times[MAXPACKETS];
	unsigned lost = 0, doubled = 0;
	uint32_t number;

	while (recv(fd, &number, sizeof(number), MSG_DONTWAIT) > 0) {
		if (number < count && times[number] < UINT8_MAX)
			times[number]++;
	}
	for (unsigned i = 0; i < count; i++) {
		lost += !times[i];
		doubled += times[i] > 1 ? times[i] - 1 : 0;
	}
	printf("%u %u\n", lost, doubled);
}

/* In a process of its own, which is ready when this returns. */
static pid_t start_router(char **arg, char **netns)
{
	int fds[2];
	char byte = 0;
	pid_t pid;

	if (pipe(fds) || (pid = fork()) < 0)
		fail("fork");
	if (!pid) {
		static struct router r;

		router_open(&r, netns[1]);
		if (write(fds[1], &byte, 1) != 1)
			exit(1);
		if (is_switch)
			run_switch(&r, arg[3]);
		else if (!strcmp(arg[1], "dr"))
			run_dr(&r);
		else
			run_rp(&r);
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		exit(1);
	close(fds[0]);
	pause_ns(20 * NS_MS);
	return pid;
}

int main(int argc, char **argv)
{
	char **netns = argv + argc - 3, pid_text[16];
	unsigned long before, after;
	unsigned count, rate;
	int64_t cpu;
	pid_t pid;
	int fd;

	if (argc != 9)
		return 2;
	is_tun = !strcmp(argv[2], "tun");
	is_switch = !strcmp(argv[1], "switch");
	if (is_switch) {
		count = atoi(argv[5]);
		enter(netns[2]);
		fd = open_listener();
		pid = start_router(argv, netns);
		enter(netns[0]);
		send_twice(atol(argv[4]) * 1000, count > MAXPACKETS ? MAXPACKETS : count);
		pause_ns(50 * NS_MS);
		count_numbers(fd, count);
	} else {
		af = *argv[3] == '6' ? V6 : V4;
		count = atoi(argv[4]);
		rate = atoi(argv[5]);
		pid = start_router(argv, netns);
		snprintf(pid_text, sizeof(pid_text), "%d", pid);
		enter(netns[2]);
		before = received();
		cpu = cpu_ns(pid_text);
		enter(netns[0]);
		send_all(!strcmp(argv[1], "rp"), count, rate);
		pause_ns(200 * NS_MS);
		cpu = cpu_ns(pid_text) - cpu;
		enter(netns[2]);
		after = received() - before;
		printf("%ld %ld\n", (long)count - (long)after, (long)(cpu / count));
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return 0;
}
