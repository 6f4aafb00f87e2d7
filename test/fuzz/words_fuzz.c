/* words_fuzz.c - lines of words, and what is read of words: numbers, names, values of keywords
 *
 * Each line of the input is split, and its words are read by every parser there is.
 */
#include "fuzz/fuzz.h"
#include "lib/keyword.h"
#include "lib/log.h"

struct values {
	bool on, off;
	uint8_t u8;
	uint32_t u32;
	int64_t time;
};

static const struct keyword keywords[] = {
	{ "on", "", "", keyword_flag, offsetof(struct values, on), 0, 0 },
	{ "off", "", "", keyword_off, offsetof(struct values, off), 0, 0 },
	{ "u8", "NUM", "", keyword_u8, offsetof(struct values, u8), 1, 255 },
	{ "u32", "NUM", "", keyword_u32, offsetof(struct values, u32), 0, UINT32_MAX },
	{ "time", "SEC", "", keyword_seconds, offsetof(struct values, time), 1, 18724 },
	{ 0 },
};

/* An error stands on the line or just behind it, and is said in a text without controls. */
static void judge_error(const struct words *w, size_t len)
{
	MUST(w->column >= 1 && w->column <= len + 1 && *w->error);
	for (const char *p = w->error; *p; p++)
		MUST((unsigned char)*p >= 0x20 && *p != 0x7f);
}

static void judge_word(const char *word)
{
	MUST(*word && *word != '#');
	for (; *word; word++)
		MUST((unsigned char)*word > 0x20 && *word != 0x7f);
}

static void read_numbers(struct words *w, size_t len)
{
	static const int64_t ranges[][2] = {
		{ 0, 0 }, { 1, 255 }, { 0, UINT32_MAX }, { 0, INT64_MAX }, { 100, 1000 },
	};
	char text[32];

	for (unsigned i = 0; i < NELEMS(ranges); i++) {
		int64_t n = -1;

		w->next = w->column = 0;
		if (words_number(w, "it", ranges[i][0], ranges[i][1], &n)) {
			judge_error(w, len);
			continue;
		}
		MUST(n >= ranges[i][0] && n <= ranges[i][1]);
		snprintf(text, sizeof(text), "%lld", (long long)n);
		MUST(strspn(w->word[0], "0") + strlen(text) >= strlen(w->word[0]));
	}
}

static void read_keywords(struct words *w, size_t len)
{
	struct values v = { .off = true, .u8 = 1, .time = SEC(1) };
	const char *word;

	w->next = w->column = 0;
	while ((word = words_next(w))) {
		const struct keyword *k = keyword_find(keywords, word);

		if (k && k->parse(w, k, &v)) {
			judge_error(w, len);
			return;
		}
	}
	MUST(v.u8 && v.time >= SEC(1) && v.time <= SEC(18724) && !(v.time % SEC(1)));
}

static void read_level(const char *word)
{
	enum log_level level, again;

	if (!log_level_parse(word, &level))
		return;
	MUST(level >= LEVEL_NONE && level <= LEVEL_DEBUG);
	MUST(log_level_parse(log_level_name(level), &again) && again == level);
}

static void read_names(struct words *w, size_t len)
{
	const char *name;

	w->next = w->column = 0;
	while (words_peek(w)) {
		w->column = 0;
		name = words_ifname(w);
		MUST(!name || (*name && strlen(name) <= 15 && !strchr(name, '/')));
		if (!name)
			judge_error(w, len);
	}
	w->column = 0;
	MUST(!words_end(w));
	w->next = 0;
	MUST(!words_end(w) == !w->n);
}

static void split(struct words *w, const char *text, size_t len)
{
	char *line = fuzz_copy(text, len + 1);

	if (!words_split(w, line, len)) {
		judge_error(w, len);
		MUST(!w->n);
	} else {
		for (unsigned i = 0; i < w->n; i++) {
			judge_word(w->word[i]);
			read_level(w->word[i]);
		}
		read_numbers(w, len);
		read_keywords(w, len);
		read_names(w, len);
	}
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = fuzz_text(data, len), *at = text, *end = text + len, *eol;
	struct words w = { 0 };

	for (; at <= end; at = eol + 1) {
		eol = memchr(at, '\n', end - at);
		if (!eol)
			eol = end;
		split(&w, at, eol - at);
	}
	words_free(&w);
	free(text);
	return 0;
}
