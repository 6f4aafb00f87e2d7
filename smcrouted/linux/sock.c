/* sock.c - sockets for either family */
#include <linux/filter.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#include "linux/sock.h"

int sock_domain(enum af af)
{
	return af == V4 ? AF_INET : AF_INET6;
}

int sock_level(enum af af)
{
	return af == V4 ? IPPROTO_IP : IPPROTO_IPV6;
}

socklen_t sock_addr(struct sockaddr_storage *sa, struct ip ip, unsigned ifindex)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6, .sin6_scope_id = ifindex };
	enum af af = ip_family(ip);

	memset(sa, 0, sizeof(*sa));
	if (af == V4) {
		memcpy(&sin.sin_addr, ip_wire(&ip, af), af_size(af));
		memcpy(sa, &sin, sizeof(sin));
		return sizeof(sin);
	}
	memcpy(&sin6.sin6_addr, ip_wire(&ip, af), af_size(af));
	memcpy(sa, &sin6, sizeof(sin6));
	return sizeof(sin6);
}

/* Both kinds of address have the port in the same place. */
void sock_port(struct sockaddr_storage *sa, uint16_t port)
{
	uint16_t be = htons(port);

	_Static_assert(offsetof(struct sockaddr_in, sin_port) ==
			       offsetof(struct sockaddr_in6, sin6_port),
		       "one place");
	memcpy((char *)sa + offsetof(struct sockaddr_in, sin_port), &be, sizeof(be));
}

struct ip sock_ip(enum af af, const struct sockaddr_storage *sa)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (af == V4) {
		memcpy(&sin, sa, sizeof(sin));
		return ip_from_wire(af, &sin.sin_addr);
	}
	memcpy(&sin6, sa, sizeof(sin6));
	return ip_from_wire(af, &sin6.sin6_addr);
}

int sock_open(enum af af, int type, int protocol)
{
	return socket(sock_domain(af), type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
}

int sock_set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value));
}

void sock_rcvbuf(int fd, int bytes)
{
	if (sock_set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes))
		sock_set(fd, SOL_SOCKET, SO_RCVBUF, bytes);
}

uint32_t sock_drops(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(info);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len) ? 0 : info[SK_MEMINFO_DROPS];
}

int sock_deafen(int fd)
{
	struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = { .len = 1, .filter = &nothing };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

/* The type of a message of PIM; IPv4 comes with its header. Gives the number of instructions. */
static unsigned load_type(struct sock_filter *code, enum af af)
{
	unsigned at = 0;

	if (af == V4) {
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0);
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_IND, 0);
	} else {
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0);
	}
	code[at++] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xf);
	return at;
}

/* Jumps are over instructions that follow: to the last but one, which is no, and the last, yes. */
int sock_hear(int fd, enum af af, enum sock_part part, const unsigned *ifindex, unsigned n)
{
	struct sock_filter code[SOCK_MAXDEVICES + 8];
	struct sock_fprog program = { .filter = code };
	unsigned at = 0, devices = ifindex ? n + 1 : 1;

	/* where the protocol stands in an IPv4 header, upcalls have 0 */
	if (part == SOCK_UPCALLS) {
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9);
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, 0, devices + 1, 0);
	} else if (part == SOCK_REGISTERS) {
		at = load_type(code, af);
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, 1, 0, devices);
	} else if (part == SOCK_NO_REGISTERS) {
		at = load_type(code, af);
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, 1, devices, 0);
	}
	if (ifindex)
		code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							  SKF_AD_OFF + SKF_AD_IFINDEX);
	else
		code[at++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1);
	for (unsigned i = 0; ifindex && i < n; i++)
		code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ, ifindex[i], n - i, 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, UINT32_MAX);
	program.len = at;
	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

int sock_join(int fd, unsigned ifindex, struct ip group)
{
	struct group_req req = { .gr_interface = ifindex };

	sock_addr(&req.gr_group, group, 0);
	return setsockopt(fd, sock_level(ip_family(group)), MCAST_JOIN_GROUP, &req, sizeof(req));
}

unsigned sock_arrival(struct msghdr *msg)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		struct in_pktinfo info;

		if (c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_PKTINFO ||
		    c->cmsg_len < CMSG_LEN(sizeof(info)))
			continue;
		memcpy(&info, CMSG_DATA(c), sizeof(info));
		return info.ipi_ifindex;
	}
	return 0;
}
