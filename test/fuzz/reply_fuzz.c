/* reply_fuzz.c - what a daemon may answer, through the client's parser to its tables
 *
 * Lines of the input are records; a line of "%%" begins the answers to the view's next request.
 */
#include <jansson.h>

#include "../../smcroutectl/table.h"
#include "fuzz/fuzz.h"

static const struct view *const views[] = {
	&view_routes, &view_groups,  &view_interfaces, &view_pending,
	&view_help,   &view_version, &view_monitor,    &view_other,
};

static bool is_inside(struct text text, const char *line, size_t len)
{
	return text.at >= line && text.at <= line + len && text.len <= len - (text.at - line);
}

/* Members lie in the line; a string's items, numbers and texts can be had of each. */
static void judge_record(const char *line, size_t len)
{
	struct buf out = { 0 };
	struct reply r;

	if (!reply_parse(&r, line, len))
		return;
	MUST(r.n <= REPLY_FIELDS);
	for (unsigned i = 0; i < r.n; i++) {
		const struct field *f = &r.field[i];
		struct text list = f->value, item;

		MUST(is_inside(f->key, line, len) && is_inside(f->value, line, len));
		while (f->type == REPLY_LIST && reply_next(&list, &item)) {
			MUST(is_inside(item, line, len));
			text_print(&out, item);
		}
		if (f->type == REPLY_STRING)
			MUST(text_print(&out, f->value) <= f->value.len);
	}
	reply_number(&r, "width");
	buf_free(&out);
}

/* Whether a strict reader takes each line for a record. */
static bool is_json(const char *line, size_t len)
{
	json_t *json = json_loadb(line, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	bool good = json_is_object(json);

	json_decref(json);
	return good;
}

/* Nothing that a record says may control the terminal: neither C0, nor DEL, nor C1 in UTF-8. */
static void judge_text(const struct buf *out)
{
	const unsigned char *p = (const unsigned char *)buf_at(out), *end = p + buf_len(out);

	for (; p < end; p++) {
		MUST((*p >= 0x20 && *p != 0x7f) || *p == '\n');
		MUST(*p != 0xc2 || p + 1 == end || p[1] < 0x80 || p[1] > 0x9f);
	}
}

static void judge_document(const struct buf *out)
{
	json_t *json;

	if (!buf_len(out))
		return;
	json = json_loadb(buf_at(out), buf_len(out), JSON_ALLOW_NUL, NULL);
	MUST(json);
	json_decref(json);
}

/* Prints the reply @text of @len bytes; true if all of it was JSON. */
static bool print(struct printer *p, const char *text, size_t len)
{
	unsigned request = 0;
	bool good = true;

	for (const char *at = text, *end = text + len; at < end;) {
		const char *eol = memchr(at, '\n', end - at);
		size_t n = eol ? (size_t)(eol - at) : (size_t)(end - at);
		char *line = fuzz_copy(at, n);

		if (n == 2 && !memcmp(line, "%%", 2)) {
			printer_request(p, ++request % VIEW_REQUESTS);
		} else if (printer_line(p, (struct text){ line, n })) {
			judge_record(line, n);
			good = good && is_json(line, n);
		}
		free(line);
		at += n + 1;
	}
	return good;
}

static void show(const struct view *view, const struct options *options, const uint8_t *data,
		 size_t len)
{
	struct printer p = { .options = options };
	bool good;

	printer_begin(&p, view, options->detail);
	good = print(&p, (const char *)data, len);
	printer_end(&p, good);
	if (!options->json)
		judge_text(&p.out);
	else if (good && view->nsections)
		judge_document(&p.out);
	buf_free(&p.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct options plain = { .headings = HEADINGS_PLAIN, .columns = 79 };
	static const struct options detail = { .headings = HEADINGS_NONE, .detail = true };
	static const struct options json = { .json = true };

	for (unsigned i = 0; i < NELEMS(views); i++) {
		show(views[i], &plain, data, len);
		show(views[i], &detail, data, len);
		show(views[i], &json, data, len);
	}
	return 0;
}
