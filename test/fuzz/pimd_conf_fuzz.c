/* pimd_conf_fuzz.c - any text for pimd.conf, and as our own, to the words and statements of PIM */
#include "fuzz/fuzz.h"
#include "igmpproxy/gm.h"
#include "pim-module/config.h"
#include "pim-module/pim_conf.h"
#include "sim/bed.h"

static const struct module *const modules[] = { &gm_module, NULL };

static struct engine *create(void)
{
	return xcalloc(1, sizeof(struct engine));
}

static void destroy(struct engine *e)
{
	free(e);
}

static void configure(struct engine *e, void *conf, bool keep)
{
	(void)keep;
	pim_conf_free(pim_conf_take(conf, e->af));
}

/* Reads what PIM does, and does nothing with it. */
static const struct module pim = {
	.name = "pim",
	.version = "fuzz",
	.statements = pim_statements,
	.phyint = pim_keywords,
	.phyint_named = pim_phyint_named,
	.conf_new = pim_conf_new,
	.conf_free = pim_conf_free,
	.check = pim_conf_check,
	.serves = pim_serves,
	.create = create,
	.destroy = destroy,
	.configure = configure,
};
static const struct module *const opened[] = { &pim, NULL };

static const char *ifname(void *arg, struct ip address)
{
	(void)arg;
	return ip_eq(address, ip_v4(0x0a000001)) ? "eth0" : NULL;
}

static void translate(struct translation *t, const char *text, size_t len)
{
	pimd_translate(&(struct pimd_translation){ false, ifname, NULL }, t, text, len);
}

/* Lines are whole, of bounded length, and hide nothing; none is an error. */
static void judge(const char *text, size_t len)
{
	struct translation t = { 0 };
	struct origin from;

	translate(&t, text, len);
	while (translation_origin(&t.origins, &from)) {
		const char *line = buf_at(&t.text);
		const char *eol = memchr(line, '\n', buf_len(&t.text));

		MUST(eol && eol - line < 600 && from.line && from.column);
		MUST(from.kind == LINE_STATEMENT || from.kind == LINE_WARNING);
		for (const char *p = line; p < eol; p++)
			MUST((unsigned char)*p >= 0x20 && *p != 0x7f);
		buf_take(&t.text, eol + 1 - line);
	}
	MUST(!buf_len(&t.text));
	translation_free(&t);
}

/* How many errors the configuration has; nothing is left of it when it has been in force. */
static unsigned errors_of(const char *text, bool is_ours, struct buf *errors)
{
	struct bed b = { .translate = is_ours ? NULL : translate };
	unsigned n;

	bed_begin(&b, modules, text);
	b.k->modules = opened;
	n = router_check(b.r, errors);
	buf_add(errors, "", 1);
	router_start(b.r);
	bed_work(&b);
	bed_end(&b);
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_copy(data, len);
	struct buf errors = { 0 }, ours = { 0 };

	judge(text, len);
	free(text);
	text = fuzz_text(data, len);
	if (errors_of(text, false, &errors))
		MUST(strstr(buf_at(&errors), "is one interface too many"));
	buf_free(&errors);
	buf_printf(&ours, "module pim\n%s", text);
	buf_add(&ours, "", 1);
	errors_of(buf_at(&ours), true, &errors);
	buf_free(&errors);
	buf_free(&ours);
	free(text);
	return 0;
}
