/* load.c - a configuration on its way in: the start, reloads, checks
 *
 * There is one at a time: it is read, some lines in each slice, then comes into force as a whole,
 * and what is left of it is freed. What clients want to change meanwhile waits, and so do further
 * reloads; traffic and tables do not. A signal's reloads are one, which begins when all is done.
 */
#include <stdio.h>

#include "config.h"

/* Lines of a slice where nothing else is to be done. */
#define LINES 4096

static void log_complaint(void *arg, const char *line, bool is_warning)
{
	struct router *r = arg;

	if (is_warning)
		log_warning(r->log, "%s", line);
	else
		log_err(r->log, "%s", line);
}

/* What was wrong stays, to be shown, until a configuration is read again. */
static void keep_complaints(struct router *r, struct config *c)
{
	complaints_free(&r->load.complaints);
	r->load.complaints = c->complaints;
	r->load.serial++;
	c->complaints = (struct complaints){ 0 };
}

void load_begin(struct router *r, enum load_what what, const char *name, struct session *asker)
{
	struct load *l = &r->load;

	l->config = config_open(r, name);
	l->what = what;
	l->asker = asker;
	l->reading = true;
	l->is_read = false;
	if (what == LOAD_RELOAD)
		l->due = false;
	if (what != LOAD_CHECK)
		r->kern->op->reloading(r->kern);
}

static void apply(struct router *r, struct config *c, bool keep)
{
	config_apply(c, keep);
	r->load.applying = true;
}

static void finish_check(struct load *l)
{
	struct config *c = l->config;
	char error[80];

	snprintf(error, sizeof(error), "errors: %u", c->complaints.nerrors);
	session_loaded(l->asker, &c->complaints, c->complaints.nerrors ? error : NULL);
}

static void finish_reload(struct router *r)
{
	struct load *l = &r->load;
	struct config *c = l->config;
	unsigned n = c->complaints.nerrors;
	char error[160];

	snprintf(error, sizeof(error), "nothing was changed: %u errors in %s", n, c->name);
	config_tell(c);
	if (l->asker)
		session_loaded(l->asker, &c->complaints, n ? error : NULL);
	else
		complaints_each(&c->complaints, log_complaint, r);
	if (n && !l->asker)
		log_err(r->log, "%s: nothing was changed: %u errors", c->name, n);
	keep_complaints(r, c);
	if (!n)
		apply(r, c, l->what == LOAD_KEEP);
	else if (!l->due)
		r->kern->op->ready(r->kern, false);
}

/* Reads it, then makes room for it if it is to come into force; true if more is to be done. */
static bool prepare(struct load *l, unsigned budget)
{
	struct config *c = l->config;

	if (!l->is_read && config_read(c, budget))
		return true;
	l->is_read = true;
	return l->what != LOAD_CHECK && !c->complaints.nerrors && config_shrink(c, budget);
}

bool load_work(struct router *r, unsigned budget)
{
	struct load *l = &r->load;

	if (l->due && !load_is_busy(r))
		load_begin(r, LOAD_RELOAD, r->options.config, NULL);
	if (!l->config)
		return false;
	if (!l->reading) {
		if (!config_free(l->config, budget))
			l->config = NULL;
	} else if (!prepare(l, budget)) {
		l->reading = false;
		if (l->what == LOAD_CHECK)
			finish_check(l);
		else
			finish_reload(r);
		l->asker = NULL;
	}
	return true;
}

bool load_settled(struct router *r)
{
	struct load *l = &r->load;

	if (!l->applying)
		return false;
	l->applying = false;
	if (!l->due)
		r->kern->op->ready(r->kern, true);
	return true;
}

bool load_is_busy(const struct router *r)
{
	return r->load.config || r->load.applying;
}

bool load_holds(const struct router *r)
{
	return r->load.due || load_is_busy(r);
}

/* A reload goes on without its asker, a check is for nobody else. */
void load_forget(struct router *r, const struct session *asker)
{
	struct load *l = &r->load;

	if (l->asker != asker)
		return;
	l->asker = NULL;
	if (l->what == LOAD_CHECK)
		l->reading = false;
}

static void free_config(struct config *c)
{
	while (config_free(c, LINES))
		;
}

void load_end(struct router *r)
{
	if (r->load.config)
		free_config(r->load.config);
	r->load.config = NULL;
	complaints_free(&r->load.complaints);
}

void router_reload(struct router *r)
{
	r->load.due = true;
}

/* Reads it all at once. */
static struct config *read_whole(struct router *r)
{
	struct config *c = config_open(r, r->options.config);

	while (config_read(c, LINES))
		;
	return c;
}

void load_start(struct router *r)
{
	struct config *c = read_whole(r);
	unsigned n = c->complaints.nerrors;

	if (c->is_missing) {
		log_notice(r->log, "%s: " NO_SUCH_FILE ", commands are waited for", c->name);
		complaints_free(&c->complaints);
	} else {
		complaints_each(&c->complaints, log_complaint, r);
		if (n)
			log_warning(r->log, "%s: going on without the %u lines in error", c->name,
				    n);
	}
	keep_complaints(r, c);
	apply(r, c, false);
	free_config(c);
}

static void add_line(void *arg, const char *line, bool is_warning)
{
	struct buf *text = arg;

	(void)is_warning;
	buf_puts(text, line);
	buf_puts(text, "\n");
}

unsigned router_check(struct router *r, struct buf *text)
{
	struct config *c = read_whole(r);
	unsigned n = c->complaints.nerrors;

	complaints_each(&c->complaints, add_line, text);
	free_config(c);
	return n;
}
