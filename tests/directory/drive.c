/* SPDX-License-Identifier: MIT */
/*
 * The directory's verbs for tests that steer real servers: one command a line on standard input,
 * its words in hex with a blank between them ("-" is nothing); one JSON object a line on standard
 * output.
 *
 * drive URI[,URI…] SETTING=VALUE…
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "crypto/crypto.h"
#include "directory/dir.h"

#define WORDS_MAX  40
#define LINE_BYTES 131072

struct drive {
	struct dir_settings settings;
	const char *uris[DIR_SERVERS_MAX + 1];
	struct metrics *metrics;
	struct dir_servers *servers;
	struct dir *dir;
	struct lk_arena *arena;
	struct lk_buf out;
	int deadline_ms;
	struct dir_changes_mark mark;
};

struct words {
	struct lk_str each[WORDS_MAX];
	size_t count;
};

static struct lk_str
word(const struct words *words, size_t index)
{
	return index < words->count ? words->each[index] : (struct lk_str){NULL, 0};
}

static struct lk_secret *
secret(struct drive *drive, const struct words *words, size_t index)
{
	return lk_secret_make(drive->arena, word(words, index));
}

static void
put_text(struct drive *drive, const char *name, struct lk_str value)
{
	lk_buf_printf(&drive->out, ",\"%s\":", name);
	lk_json_quote(&drive->out, value);
}

static void
put_number(struct drive *drive, const char *name, int64_t value)
{
	lk_buf_printf(&drive->out, ",\"%s\":%lld", name, (long long)value);
}

static void
put_texts(struct drive *drive, const char *name, const struct lk_str *texts, size_t count)
{
	size_t i;

	lk_buf_printf(&drive->out, ",\"%s\":[", name);
	for (i = 0; i < count; i++) {
		lk_buf_add_c(&drive->out, i == 0 ? "" : ",");
		lk_json_quote(&drive->out, texts[i]);
	}
	lk_buf_add_byte(&drive->out, ']');
}

static void
put_person(struct drive *drive, const struct dir_person *person)
{
	static const char *const states[] = {"",	"open",	       "locked",
					     "blocked", "not_started", "left"};

	put_text(drive, "id", person->id);
	put_text(drive, "dn", person->dn);
	put_text(drive, "username", person->username);
	put_text(drive, "display_name", person->display_name);
	put_text(drive, "given_name", person->given_name);
	put_text(drive, "family_name", person->family_name);
	put_text(drive, "mail", person->mail);
	put_text(drive, "phone", person->phone);
	put_text(drive, "department", person->department);
	put_text(drive, "manager_dn", person->manager_dn);
	put_text(drive, "language", person->language);
	put_text(drive, "state", lk_str_c(states[person->state]));
	put_texts(drive, "groups", person->groups, person->group_count);
	put_number(drive, "locked_at_s", person->locked_at_s);
	put_number(drive, "locked_until_s", person->locked_until_s);
	put_number(drive, "starts_at_s", person->starts_at_s);
	put_number(drive, "ends_at_s", person->ends_at_s);
	put_number(drive, "password_changed_at_s", person->password_changed_at_s);
	put_number(drive, "password_expires_at_s", person->password_expires_at_s);
	put_number(drive, "password_may_change_at_s", person->password_may_change_at_s);
	put_number(drive, "last_wrong_at_s", person->last_wrong_at_s);
	put_number(drive, "wrong_count", person->wrong_count);
	put_number(drive, "must_change", person->must_change);
}

/* Words "DN ID" of a person, or "- -" for nobody. */
static const struct dir_person *
person_of(const struct words *words, struct dir_person *storage)
{
	*storage = (struct dir_person){.dn = word(words, 1), .id = word(words, 2)};
	return storage->dn.len == 0 ? NULL : storage;
}

static enum lk_err
run_find(struct drive *drive, const struct words *words)
{
	struct dir_person person;
	bool is_by_id = lk_str_is(word(words, 0), "get");
	enum lk_err err = is_by_id ? dir_person_get(drive->dir, word(words, 1), &person)
				   : dir_person_find(drive->dir, word(words, 1), &person);

	if (err == LK_OK)
		put_person(drive, &person);
	return err;
}

static enum lk_err
run_people(struct drive *drive, const struct words *words)
{
	struct dir_person *people;
	struct lk_str names[64];
	uint64_t max = 0;
	size_t count, i;
	enum lk_err err;

	(void)lk_str_to_u64(word(words, 2), &max);
	err = dir_people_find(drive->dir, word(words, 1), (size_t)max, &people, &count);
	for (i = 0; err == LK_OK && i < count; i++)
		names[i] = people[i].username;
	if (err == LK_OK)
		put_texts(drive, "people", names, count);
	return err;
}

static enum lk_err
run_check(struct drive *drive, const struct words *words)
{
	static const char *const verdicts[] = {"",	 "right",   "wrong",
					       "locked", "expired", "must_change"};
	struct dir_person person;
	struct dir_password_answer answer;
	enum lk_err err = dir_password_check(drive->dir, person_of(words, &person),
					     secret(drive, words, 3), &answer);

	if (err == LK_OK) {
		put_text(drive, "verdict", lk_str_c(verdicts[answer.verdict]));
		put_number(drive, "grace_left", answer.grace_left);
		put_number(drive, "expires_in_s", answer.expires_in_s);
	}
	return err;
}

static enum lk_err
run_check_locked(struct drive *drive, const struct words *words)
{
	struct dir_person person;
	bool is_right = false;
	enum lk_err err = dir_password_check_locked(drive->dir, person_of(words, &person),
						    secret(drive, words, 3), &is_right);

	put_number(drive, "is_right", is_right);
	return err;
}

static enum lk_err
run_change(struct drive *drive, const struct words *words)
{
	struct dir_person person;

	return dir_password_change(drive->dir, person_of(words, &person), secret(drive, words, 3),
				   secret(drive, words, 4));
}

static enum lk_err
run_reset(struct drive *drive, const struct words *words)
{
	struct dir_person person;

	return dir_password_reset(drive->dir, person_of(words, &person), secret(drive, words, 3));
}

static enum lk_err
run_unlock(struct drive *drive, const struct words *words)
{
	struct dir_person person;

	return dir_lock_clear(drive->dir, person_of(words, &person));
}

static enum lk_err
run_factors(struct drive *drive, const struct words *words)
{
	struct dir_person person;
	struct dir_factors factors;
	enum lk_err err = dir_factors_get(drive->dir, person_of(words, &person), &factors);

	if (err != LK_OK)
		return err;
	put_number(drive, "has_entry", factors.has_entry);
	put_text(drive, "totp_sealed", factors.totp_sealed);
	put_text(drive, "totp_name", factors.totp_name);
	put_number(drive, "totp_added_at_s", factors.totp_added_at_s);
	put_texts(drive, "recovery", factors.recovery, factors.recovery_count);
	put_texts(drive, "allowed", factors.allowed, factors.allowed_count);
	return LK_OK;
}

static enum lk_err
run_totp_remove(struct drive *drive, const struct words *words)
{
	struct dir_person person;

	return dir_totp_remove(drive->dir, person_of(words, &person));
}

static enum lk_err
run_recovery_put(struct drive *drive, const struct words *words)
{
	struct dir_person person;

	return dir_recovery_put(drive->dir, person_of(words, &person), words->each + 3,
				words->count - 3);
}

static enum lk_err
run_recovery_take(struct drive *drive, const struct words *words)
{
	struct dir_person person;

	return dir_recovery_take(drive->dir, person_of(words, &person), word(words, 3));
}

static void
put_hex(struct drive *drive, struct lk_str value)
{
	lk_buf_add_byte(&drive->out, '"');
	for (size_t i = 0; i < value.len; i++)
		lk_buf_printf(&drive->out, "%02x", (unsigned char)value.ptr[i]);
	lk_buf_add_byte(&drive->out, '"');
}

/* Words "DN ID NAME…": values in hex, by name. */
static enum lk_err
run_attributes(struct drive *drive, const struct words *words)
{
	struct dir_attribute found[WORDS_MAX];
	const char *names[WORDS_MAX] = {NULL};
	struct dir_person person;
	size_t count = words->count < 3 ? 0 : words->count - 3, i, j;
	enum lk_err err;

	for (i = 0; i < count; i++)
		names[i] = lk_arena_c(drive->arena, word(words, i + 3));
	err = dir_attributes_get(drive->dir, person_of(words, &person), names, count, found);
	for (i = 0; err == LK_OK && i < count; i++) {
		lk_buf_printf(&drive->out, ",\"%s\":[", names[i]);
		for (j = 0; j < found[i].count; j++) {
			lk_buf_add_c(&drive->out, j == 0 ? "" : ",");
			put_hex(drive, found[i].values[j]);
		}
		lk_buf_printf(&drive->out, "],\"%s_is_cut\":%d", names[i], found[i].is_cut);
	}
	return err;
}

static enum lk_err
run_keys(struct drive *drive, const struct words *words)
{
	struct dir_key keys[4];
	size_t count = 0, i;
	enum lk_err err = dir_keys_find(drive->dir, keys, 4, &count);

	(void)words;
	lk_buf_add_c(&drive->out, ",\"found\":[");
	for (i = 0; err == LK_OK && i < count; i++) {
		lk_buf_printf(&drive->out, "%s{\"from\":\"drive\"", i == 0 ? "" : ",");
		put_text(drive, "name", keys[i].name);
		put_text(drive, "kid", keys[i].kid);
		put_text(drive, "sealed", keys[i].sealed);
		put_number(drive, "made_at_s", keys[i].made_at_s);
		put_number(drive, "signs_at_s", keys[i].signs_at_s);
		lk_buf_add_byte(&drive->out, '}');
	}
	lk_buf_add_byte(&drive->out, ']');
	return err;
}

/* Words "NAME KID SEALED MADE SIGNS". */
static enum lk_err
run_key_add(struct drive *drive, const struct words *words)
{
	struct dir_key key = {word(words, 1), word(words, 2), word(words, 3), 0, 0};
	uint64_t made_at_s = 0, signs_at_s = 0;

	(void)lk_str_to_u64(word(words, 4), &made_at_s);
	(void)lk_str_to_u64(word(words, 5), &signs_at_s);
	key.made_at_s = (int64_t)made_at_s;
	key.signs_at_s = (int64_t)signs_at_s;
	return dir_key_add(drive->dir, &key);
}

static enum lk_err
run_secrets(struct drive *drive, const struct words *words)
{
	struct dir_secret secrets[4];
	size_t count = 0, i;
	enum lk_err err = dir_secrets_find(drive->dir, secrets, 4, &count);

	(void)words;
	lk_buf_add_c(&drive->out, ",\"found\":[");
	for (i = 0; err == LK_OK && i < count; i++) {
		lk_buf_printf(&drive->out, "%s{\"from\":\"drive\"", i == 0 ? "" : ",");
		put_text(drive, "name", secrets[i].name);
		put_text(drive, "sealed", secrets[i].sealed);
		put_number(drive, "made_at_s", secrets[i].made_at_s);
		lk_buf_add_byte(&drive->out, '}');
	}
	lk_buf_add_byte(&drive->out, ']');
	return err;
}

/* Words "NAME SEALED"; made at a time of ours. */
static enum lk_err
run_secret_add(struct drive *drive, const struct words *words)
{
	struct dir_secret added = {word(words, 1), word(words, 2), 1795800000};

	return dir_secret_add(drive->dir, &added);
}

static enum lk_err
run_key_remove(struct drive *drive, const struct words *words)
{
	return dir_key_remove(drive->dir, word(words, 1));
}

static enum lk_err
run_findings(struct drive *drive, const struct words *words)
{
	struct dir_finding findings[16];
	struct lk_str fatal[16], told[16];
	size_t count, fatals = 0, tolds = 0, i;
	uint64_t limit = 0;
	enum lk_err err;

	(void)lk_str_to_u64(word(words, 1), &limit);
	err = dir_check(drive->dir, (int)limit, findings, 16, &count);
	for (i = 0; err == LK_OK && i < count; i++) {
		if (findings[i].is_fatal)
			fatal[fatals++] = findings[i].words;
		else
			told[tolds++] = findings[i].words;
	}
	put_texts(drive, "fatal", fatal, fatals);
	put_texts(drive, "told", told, tolds);
	return err;
}

static enum lk_err
run_ping(struct drive *drive, const struct words *words)
{
	(void)words;
	return dir_ping(drive->dir);
}

static enum lk_err
run_changes(struct drive *drive, const struct words *words)
{
	struct dir_changes changes = {.people = NULL};
	enum lk_err err = dir_changes_find(drive->dir, &drive->mark, &changes);

	(void)words;
	put_texts(drive, "people", changes.people, changes.people_count);
	put_number(drive, "has_groups", changes.has_groups);
	put_number(drive, "has_more", changes.has_more);
	return err;
}

static enum lk_err
run_servers(struct drive *drive, const struct words *words)
{
	bool is_up = false;
	size_t i;

	(void)words;
	lk_buf_add_c(&drive->out, ",\"up\":[");
	for (i = 0; dir_servers_uri(drive->servers, i, &is_up) != NULL; i++)
		lk_buf_printf(&drive->out, "%s%d", i == 0 ? "" : ",", is_up);
	lk_buf_add_byte(&drive->out, ']');
	return LK_OK;
}

static enum lk_err
run_metrics(struct drive *drive, const struct words *words)
{
	LK_AUTO_BUF text;

	(void)words;
	lk_buf_init(&text, METRIC_TEXT_MAX_BYTES);
	metrics_write(drive->metrics, &text);
	put_text(drive, "metrics", lk_buf_str(&text));
	return LK_OK;
}

static enum lk_err
run_deadline(struct drive *drive, const struct words *words)
{
	uint64_t ms = 0;

	(void)lk_str_to_u64(word(words, 1), &ms);
	drive->deadline_ms = (int)ms;
	return LK_OK;
}

static const struct {
	const char *name;
	enum lk_err (*run)(struct drive *drive, const struct words *words); /* NULL: */
	enum lk_err (*put)(struct dir *dir, const struct dir_person *person, struct lk_str first,
			   struct lk_str second);
} commands[] = {
    {"find", run_find, NULL},
    {"get", run_find, NULL},
    {"people", run_people, NULL},
    {"check", run_check, NULL},
    {"check_locked", run_check_locked, NULL},
    {"change", run_change, NULL},
    {"reset", run_reset, NULL},
    {"unlock", run_unlock, NULL},
    {"factors", run_factors, NULL},
    {"totp_put", NULL, dir_totp_put},
    {"totp_remove", run_totp_remove, NULL},
    {"totp_reseal", NULL, dir_totp_reseal},
    {"recovery_put", run_recovery_put, NULL},
    {"recovery_take", run_recovery_take, NULL},
    {"allowed_put", NULL, dir_allowed_put},
    {"attributes", run_attributes, NULL},
    {"keys", run_keys, NULL},
    {"key_add", run_key_add, NULL},
    {"key_remove", run_key_remove, NULL},
    {"secrets", run_secrets, NULL},
    {"secret_add", run_secret_add, NULL},
    {"findings", run_findings, NULL},
    {"ping", run_ping, NULL},
    {"changes", run_changes, NULL},
    {"servers", run_servers, NULL},
    {"metrics", run_metrics, NULL},
    {"deadline", run_deadline, NULL},
};

static void
run(struct drive *drive, const struct words *words)
{
	const struct lk_clock *clock = lk_clock_system();
	int64_t began_ms = lk_clock_mono_ms(clock);
	struct lk_why why;
	struct lk_call call = {clock, drive->arena, &why, began_ms + drive->deadline_ms};
	enum lk_err err = LK_E_FORMAT;
	struct dir_person person;
	size_t i;

	lk_why_clear(&why);
	lk_buf_clear(&drive->out);
	lk_buf_add_c(&drive->out, "{\"from\":\"drive\"");
	dir_begin(drive->dir, &call);
	for (i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (!lk_str_is(word(words, 0), commands[i].name))
			continue;
		err = commands[i].run != NULL
			  ? commands[i].run(drive, words)
			  : commands[i].put(drive->dir, person_of(words, &person), word(words, 3),
					    word(words, 4));
	}
	put_text(drive, "err", lk_str_c(lk_err_row(err)->name));
	put_text(drive, "why", lk_str_n(why.text, why.len));
	put_number(drive, "took_ms", lk_clock_mono_ms(clock) - began_ms);
	printf("%.*s}\n", LK_STR_ARGS(lk_buf_str(&drive->out)));
	fflush(stdout);
	lk_arena_reset(drive->arena);
}

static int
digit(char c)
{
	return c <= '9' ? c - '0' : c - 'a' + 10;
}

static struct lk_str
unhex(struct drive *drive, struct lk_str hex)
{
	char *bytes = lk_arena_alloc(drive->arena, hex.len / 2 + 1);
	size_t i;

	if (lk_str_is(hex, "-") || bytes == NULL)
		return (struct lk_str){NULL, 0};
	for (i = 0; i + 1 < hex.len; i += 2)
		bytes[i / 2] = (char)(digit(hex.ptr[i]) << 4 | digit(hex.ptr[i + 1]));
	return lk_str_n(bytes, hex.len / 2);
}

static void
read_lines(struct drive *drive)
{
	static char line[LINE_BYTES];

	while (fgets(line, sizeof line, stdin) != NULL) {
		struct lk_str rest = lk_str_trim(lk_str_c(line)), piece;
		struct words words = {.count = 0};

		while (words.count < WORDS_MAX && lk_str_split(&rest, ' ', &piece))
			words.each[words.count++] = unhex(drive, piece);
		run(drive, &words);
	}
}

static void
set(struct dir_settings *settings, const char *word)
{
	const struct {
		const char *name;
		const char **place;
	} places[] = {
	    {"ca_file=", &settings->ca_file},		{"bind_dn=", &settings->bind_dn},
	    {"people_base=", &settings->people_base},	{"groups_base=", &settings->groups_base},
	    {"factors_base=", &settings->factors_base}, {"decoy_dn=", &settings->decoy_dn},
	};
	struct lk_str text = lk_str_c(word);
	size_t i;

	for (i = 0; i < sizeof places / sizeof places[0]; i++) {
		if (lk_str_starts(text, places[i].name))
			*places[i].place = strchr(word, '=') + 1;
	}
	if (lk_str_starts(text, "bind_password="))
		settings->bind_password =
		    lk_secret_new(lk_str_from(text, strlen("bind_password=")));
	if (lk_str_is(text, "starttls=yes"))
		settings->wants_starttls = true;
	if (lk_str_starts(text, "timeout="))
		settings->operation_timeout_ms = (int)strtol(strchr(word, '=') + 1, NULL, 10);
}

int
main(int argc, char **argv)
{
	static struct drive drive = {.deadline_ms = 9000};
	struct lk_why why;
	size_t count = 0;
	char *uri;
	int i;

	if (crypto_init() != LK_OK)
		return 1;
	drive.settings = (struct dir_settings){.uris = drive.uris,
					       .name_attribute = "uid",
					       .mail_attribute = "mail",
					       .operation_timeout_ms = 1000};
	for (i = 2; i < argc; i++)
		set(&drive.settings, argv[i]);
	for (uri = argc > 1 ? strtok(argv[1], ",") : NULL; uri != NULL; uri = strtok(NULL, ","))
		drive.uris[count++] = uri;
	lk_why_clear(&why);
	drive.metrics = drive.settings.metrics = metrics_new("0");
	drive.arena = lk_arena_new(65536, 1u << 24);
	lk_buf_init(&drive.out, 1u << 24);
	drive.servers = dir_servers_new(&drive.settings, &why);
	drive.dir = drive.servers == NULL ? NULL : dir_new(drive.servers);
	if (drive.dir == NULL || drive.arena == NULL) {
		printf("{\"err\":\"START\",\"why\":\"%s\"}\n", why.text);
		return 1;
	}
	read_lines(&drive);
	dir_free(drive.dir);
	dir_servers_free(drive.servers);
	metrics_free(drive.metrics);
	lk_arena_free(drive.arena);
	lk_buf_done(&drive.out);
	lk_secret_free((struct lk_secret *)drive.settings.bind_password);
	return 0;
}
