/* traffic.c - test traffic: the words of send and listen, and what both need */
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

#include "say.h"
#include "traffic.h"

#define DEFAULT_PORT 5001
#define DEFAULT_TTL 16
#define DEFAULT_SIZE 64
#define DEFAULT_INTERVAL SEC(1000000)

/* A word with a number behind it; @unit is what 1 stands for, fractions are for units above 1. */
struct parameter {
	const char *name, *unit_name;
	bool is_of[2]; /* by verb */
	size_t offset;
	double min, max, unit;
};

#define FIELD(member) offsetof(struct traffic, member)

static const struct parameter parameters[] = {
	{ "port", "a port", { true, true }, FIELD(port), 1, 65535, 1 },
	{ "count", "packets", { true, true }, FIELD(count), 1, 1e15, 1 },
	{ "ttl", "hops", { true, false }, FIELD(ttl), 1, 255, 1 },
	{ "size", "bytes", { true, false }, FIELD(size), PROBE_SIZE, 65507, 1 },
	{ "interval", "milliseconds", { true, false }, FIELD(interval), 0, 1e9, 1e6 },
	{ "for", "seconds", { false, true }, FIELD(duration), 0.001, 1e9, 1e9 },
};

static bool PRINTF(2, 3) wrong(enum traffic_verb verb, const char *fmt, ...)
{
	bool is_send = verb == TRAFFIC_SEND;
	char text[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	say("%s", text);
	fprintf(stderr, "usage: smcroutectl %s\n",
		is_send ? "send " SEND_ARGS : "listen " LISTEN_ARGS);
	return false;
}

static const struct parameter *find(enum traffic_verb verb, const char *name)
{
	for (size_t i = 0; i < NELEMS(parameters); i++)
		if (parameters[i].is_of[verb] && !strcmp(parameters[i].name, name))
			return &parameters[i];
	return NULL;
}

static bool number(struct traffic *t, enum traffic_verb verb, const struct parameter *p,
		   const char *word)
{
	char *end = NULL;
	double value = word ? strtod(word, &end) : 0;

	if (!word || end == word || *end || !(value >= p->min && value <= p->max) ||
	    (p->unit == 1 && value != (double)(int64_t)value))
		return wrong(verb, "%s wants %s from %g to %g%s%s", p->name, p->unit_name, p->min,
			     p->max, word ? ", not " : "", word ? word : "");
	*(int64_t *)(void *)((char *)t + p->offset) = value * p->unit;
	return true;
}

static bool interface(struct traffic *t, enum traffic_verb verb, const char *name)
{
	t->ifname = name;
	t->ifindex = name ? if_nametoindex(name) : 0;
	if (!name)
		return wrong(verb, "the name of an interface is missing");
	return t->ifindex || wrong(verb, "there is no interface %s", name);
}

/* [SOURCE] GROUP */
static char **addresses(struct traffic *t, enum traffic_verb verb, char **words)
{
	if (!*words || !ip_parse(*words, &t->group)) {
		wrong(verb, "%s is no address", *words ? *words : "nothing");
		return NULL;
	}
	words++;
	t->source = ip_any(ip_family(t->group));
	if (verb == TRAFFIC_LISTEN && *words && !ip_is_multicast(t->group)) {
		t->source = t->group;
		if (!ip_parse(*words, &t->group) || ip_family(t->group) != ip_family(t->source)) {
			wrong(verb, "%s is no group of the family of %s", *words, words[-1]);
			return NULL;
		}
		words++;
	}
	if (!ip_is_multicast(t->group)) {
		wrong(verb, "%s is no multicast group", words[-1]);
		return NULL;
	}
	return words;
}

bool traffic_parse(struct traffic *t, enum traffic_verb verb, char **words)
{
	const char *interface_word = verb == TRAFFIC_SEND ? "via" : "on";

	*t = (struct traffic){ .port = DEFAULT_PORT,
			       .ttl = DEFAULT_TTL,
			       .size = DEFAULT_SIZE,
			       .interval = DEFAULT_INTERVAL };
	words = addresses(t, verb, words);
	if (!words)
		return false;
	for (; *words; words += 2) {
		const struct parameter *p = find(verb, *words);

		if (!strcmp(*words, interface_word)) {
			if (!interface(t, verb, words[1]))
				return false;
		} else if (!p) {
			return wrong(verb, "'%s' is not understood", *words);
		} else if (!number(t, verb, p, words[1])) {
			return false;
		}
	}
	return true;
}

socklen_t traffic_address(const struct traffic *t, struct ip ip, struct sockaddr_storage *address)
{
	enum af af = ip_family(ip);
	struct sockaddr_in *in = (void *)address;
	struct sockaddr_in6 *in6 = (void *)address;

	memset(address, 0, sizeof(*address));
	if (af == V4) {
		in->sin_family = AF_INET;
		in->sin_port = htons(t->port);
		memcpy(&in->sin_addr, ip_wire(&ip, af), sizeof(in->sin_addr));
		return sizeof(*in);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(t->port);
	in6->sin6_scope_id = t->ifindex;
	memcpy(&in6->sin6_addr, ip_wire(&ip, af), sizeof(in6->sin6_addr));
	return sizeof(*in6);
}

int traffic_fail(const struct traffic *t, const char *what)
{
	say("%s %s%s%s: %s", what, ip_str(t->group), t->ifname ? " on " : "",
	    t->ifname ? t->ifname : "", strerror(errno));
	return EX_OSERR;
}

int traffic_socket(const struct traffic *t)
{
	int domain = ip_family(t->group) == V4 ? AF_INET : AF_INET6;
	int fd = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		traffic_fail(t, "no socket for");
	return fd;
}

int64_t traffic_now(int clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

static volatile sig_atomic_t interrupted;

static void note(int sig)
{
	(void)sig;
	interrupted = 1;
}

void traffic_catch_interrupts(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = note };
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < NELEMS(signals); i++) {
		sigaddset(&set, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool traffic_wait(int fd, int64_t ns)
{
	struct timespec timeout = { ns / 1000000000, ns % 1000000000 };
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	sigset_t none;

	sigemptyset(&none);
	if (ns < 0)
		timeout = (struct timespec){ 0 };
	ppoll(&pollfd, 1, &timeout, &none);
	return interrupted;
}
