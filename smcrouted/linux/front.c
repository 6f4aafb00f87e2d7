/* front.c - what the command lines of front ends have in common */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/translation.h"
#include "linux/files.h"
#include "linux/front.h"

char *front_path(const struct program *p, const char *path)
{
	struct buf text = { 0 };

	if (*path != '/')
		buf_printf(&text, "%s/", p->cwd ? p->cwd : "");
	buf_add(&text, path, strlen(path) + 1);
	return text.data;
}

char *front_file(const struct program *p, const char *given, const char *dir, const char *name,
		 const char *suffix)
{
	struct buf text = { 0 };

	if (given)
		return front_path(p, given);
	buf_printf(&text, "%s/%s.%s", dir, name, suffix);
	buf_add(&text, "", 1);
	return text.data;
}

bool front_number(const char *text, int64_t max, int64_t *n)
{
	char *end;

	errno = 0;
	*n = strtoll(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *n <= max;
}

uint64_t front_seed(void)
{
	uint64_t seed;

	return getrandom(&seed, sizeof(seed), 0) == sizeof(seed) ? seed : (uint64_t)getpid();
}

static void keep_text(void *arg, const char *name, struct buf *text)
{
	struct buf *whole = arg;

	(void)name;
	buf_add(whole, buf_at(text), buf_len(text));
}

const char *front_read(const struct router_options *o, struct buf *text)
{
	const char *why = files_read(NULL, o->config, keep_text, text);

	if (!why || !o->fallback || strcmp(why, NO_SUCH_FILE))
		return why;
	buf_puts(text, o->fallback);
	return NULL;
}

bool front_check(const struct router_options *o, bool all)
{
	struct buf text = { 0 };
	unsigned n = daemon_check(o, &text);

	if (n || all)
		fwrite(buf_at(&text), 1, buf_len(&text), stderr);
	buf_free(&text);
	return !n;
}

void front_print(const struct router_options *o, const struct buf *text)
{
	struct translation t = { 0 };
	struct origin from;

	o->translate(&t, buf_at(text), buf_len(text));
	while (translation_origin(&t.origins, &from)) {
		const char *line = buf_at(&t.text);
		int len = (const char *)memchr(line, '\n', buf_len(&t.text)) - line;

		if (from.kind == LINE_STATEMENT)
			printf("%.*s\n", len, line);
		else
			printf("# line %u: %.*s\n", from.line, len, line);
		buf_take(&t.text, len + 1);
	}
	translation_free(&t);
}
