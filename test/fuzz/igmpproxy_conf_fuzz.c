/* igmpproxy_conf_fuzz.c - any text for igmpproxy.conf, through a router to the modelled kernel */
#include "fuzz/fuzz.h"
#include "igmpproxy/config.h"
#include "igmpproxy/gm.h"
#include "igmpproxy/proxy.h"
#include "sim/bed.h"

static const struct module *const modules[] = { &gm_module, &proxy_module, NULL };

/* Lines are whole, of bounded length, and hide nothing; true if one of them is an error. */
static bool judge(const struct translation *translation)
{
	struct translation t = *translation;
	struct origin from;
	bool failed = false;

	while (translation_origin(&t.origins, &from)) {
		const char *line = buf_at(&t.text);
		const char *eol = memchr(line, '\n', buf_len(&t.text));

		MUST(eol && from.line && from.column);
		MUST(from.kind == LINE_STATEMENT || eol - line < 600);
		for (const char *p = line; p < eol; p++)
			MUST((unsigned char)*p >= 0x20 && *p != 0x7f);
		failed |= from.kind == LINE_ERROR;
		buf_take(&t.text, eol + 1 - line);
	}
	MUST(!buf_len(&t.text));
	return failed;
}

/* What the check of a router may say although each line is right: of slots, and of values. */
static bool is_of_the_whole(const char *errors)
{
	return strstr(errors, "is one interface too many") || strstr(errors, ":1:1: ");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_copy(data, len), *user = igmpproxy_user(text, len);
	struct bed b = { .translate = igmpproxy_translate };
	struct translation t = { 0 };
	struct buf errors = { 0 };
	unsigned bad;
	bool failed;

	igmpproxy_translate(&t, text, len);
	failed = judge(&t);
	translation_free(&t);
	free(text);
	free(user);

	text = fuzz_text(data, len);
	bed_begin(&b, modules, text);
	bad = router_check(b.r, &errors);
	buf_add(&errors, "", 1);
	MUST(!bad == !failed || is_of_the_whole(buf_at(&errors)));
	router_start(b.r);
	bed_work(&b);
	router_reload(b.r);
	bed_work(&b);
	MUST(b.k->nready + b.k->nrefused == 2);
	buf_free(&errors);
	bed_end(&b);
	free(text);
	return 0;
}
