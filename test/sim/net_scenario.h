/* net_scenario.h - a scenario of a network: how it begins, ends, and is compared with its log */
#ifndef SMCKIT_SIM_NET_SCENARIO_H
#define SMCKIT_SIM_NET_SCENARIO_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/buf.h"
#include "sim/net.h"

static inline struct net *net_begin(void)
{
	struct net_options options = { .seed = 1, .log = NET_LOG_CHANGES };

	options.pcap = getenv("PCAP");
	if (getenv("LOG"))
		options.log = NET_LOG_ALL;
	return net_new(&options);
}

static inline char *read_file(const char *name)
{
	FILE *file = fopen(name, "r");
	struct buf text = { 0 };
	size_t len;

	while (file && (len = fread(buf_room(&text, 4096), 1, 4096, file)))
		buf_grow(&text, len);
	if (file)
		fclose(file);
	buf_add(&text, "", 1);
	return text.data;
}

static inline void write_file(const char *name, const char *text)
{
	FILE *file = fopen(name, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		fail_msg("%s: cannot be written", name);
}

/* Complains with the first line that differs. */
static inline void compare(const char *name, const char *is, const char *expected)
{
	size_t same = 0;
	unsigned line = 1;

	for (size_t i = 0; is[i] && is[i] == expected[i]; i++) {
		if (is[i] == '\n') {
			same = i + 1;
			line++;
		}
	}
	if (strcmp(is, expected))
		fail_msg("%s:%u: expected is\n%.*s\nbut it was\n%.*s", name, line,
			 (int)strcspn(expected + same, "\n"), expected + same,
			 (int)strcspn(is + same, "\n"), is + same);
}

/* The log is to be the one that is kept under that name. */
static inline void check_log(struct net *n, const char *name)
{
	const char *srcdir = getenv("srcdir");
	char file[512], *expected;

	if (getenv("LOG"))
		return;
	snprintf(file, sizeof(file), "%s/test/sim/log/%s.log", srcdir ? srcdir : ".", name);
	if (getenv("UPDATE"))
		write_file(file, net_log_text(n));
	expected = read_file(file);
	compare(file, net_log_text(n), expected);
	free(expected);
}

/* All ends; nothing was wrong until now, and nothing is left. */
static inline void net_finish(struct net *n)
{
	net_end(n);
	if (getenv("LOG"))
		fputs(net_log_text(n), stderr);
	assert_string_equal(net_complaints(n), "");
	net_free(n);
}

#endif
