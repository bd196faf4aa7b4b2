/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_config.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ini.h>

#include "host/printable.h"
#include "http/origin.h"

/* Of the disk, for what strangers seal for a few days. */
#define SEALED_TOTAL_MIB 4096u
/* A copy is held in a file: what a film of some minutes takes. */
#define COPY_MAX_MIB 2048u

typedef enum KeyKind {
    KEY_TEXT,      /* a line for people; not empty */
    KEY_OPTIONAL,  /* the same, may be empty */
    KEY_ADDRESS,   /* host:port, [host]:port, unix:PATH */
    KEY_ORIGIN,    /* https://host */
    KEY_ADDRESSES, /* may be given several times */
    KEY_RECIPIENT, /* may be given several times */
    KEY_TRIAGE,    /* "server" or "desk" */
    KEY_PACKS,     /* one recipient */
    KEY_NUMBER,
    KEY_BOOL
} KeyKind;

/* One key of the file. `reach` is the size of a text, or the largest number. */
typedef struct Key {
    const char *section;
    const char *name;
    KeyKind kind;
    size_t at;
    unsigned reach;
    const char *wrong; /* what is wrong when the value does not fit */
} Key;

#define AT(member) offsetof(OskServeConfig, member)
#define ROOM(member) (unsigned)sizeof(((OskServeConfig *)0)->member)

static const Key keys[] = {
    { "drop", "operator", KEY_TEXT, AT(intake.notice.operator_name),
      ROOM(intake.notice.operator_name), "say who runs the drop, in one line" },
    { "drop", "readers", KEY_TEXT, AT(intake.notice.readers), ROOM(intake.notice.readers),
      "say who can read what is sent, in one line" },
    { "drop", "contact", KEY_TEXT, AT(intake.notice.contact), ROOM(intake.notice.contact),
      "give a way to reach you, in one line" },
    { "drop", "onion", KEY_OPTIONAL, AT(intake.notice.onion), ROOM(intake.notice.onion),
      "an onion address is at most 127 letters long" },
    { "drop", "keep_days", KEY_NUMBER, AT(intake.notice.retain_days), 3650,
      "a number of days from 1 to 3650" },
    { "drop", "demo", KEY_BOOL, AT(intake.notice.is_demo), 0, "yes or no" },
    { "drop", "language", KEY_TEXT, AT(language), ROOM(language),
      "a language: en, es, fr, ar, zh or ko" },
    { "drop", "recipient", KEY_RECIPIENT, 0, 0,
      "this is no key of a recipient: they begin with age1" },
    { "drop", "seal_on_device", KEY_BOOL, AT(intake.seal_on_device), 0, "yes or no" },
    { "drop", "pause_large", KEY_BOOL, AT(intake.pause_large), 0, "yes or no" },
    { "drop", "file_max_mib", KEY_NUMBER, AT(file_max_mib), 1024 * 1024,
      "a number of MiB from 1 to 1048576" },
    { "drop", "submission_max_mib", KEY_NUMBER, AT(submission_max_mib), 1024 * 1024,
      "a number of MiB from 1 to 1048576" },
    { "drop", "files_max", KEY_NUMBER, AT(intake.files_max), 64, "a number from 1 to 64" },
    { "server", "listen", KEY_ADDRESSES, 0, OSK_CONFIG_ADDRESS_BYTES,
      "an address and a port (127.0.0.1:8080), or unix: and a path" },
    { "server", "metrics", KEY_ADDRESS, AT(metrics), ROOM(metrics),
      "an address and a port (127.0.0.1:9090), or unix: and a path" },
    { "server", "behind_proxy", KEY_BOOL, AT(behind_proxy), 0, "yes or no" },
    { "server", "backups", KEY_TEXT, AT(backups), ROOM(backups), "a folder" },
    { "server", "data", KEY_TEXT, AT(data), ROOM(data), "a folder" },
    { "server", "pages", KEY_TEXT, AT(pages), ROOM(pages), "a folder" },
    { "server", "scrub_workers", KEY_NUMBER, AT(intake.scrub_workers), 64,
      "a number from 1 to 64" },
    { "desk", "listen", KEY_ADDRESS, AT(desk_listen), ROOM(desk_listen),
      "an address and a port (127.0.0.1:8090), or unix: and a path" },
    { "desk", "origin", KEY_ORIGIN, AT(desk_origin), ROOM(desk_origin),
      "https:// and a host, or http:// and an onion service or this machine; without a path" },
    { "desk", "triage", KEY_TRIAGE, AT(triage_at_desk), 0, "server or desk" },
    { "desk", "triage_key", KEY_TEXT, AT(triage_key), ROOM(triage_key), "a file" },
    { "desk", "triage_recipient", KEY_PACKS, AT(triage_recipient), 0,
      "this is no key of a recipient: they begin with age1" },
    { "publish", "albums", KEY_BOOL, AT(publish.albums), 0, "yes or no" },
    { "publish", "links", KEY_BOOL, AT(publish.links), 0, "yes or no" },
    { "publish", "sealed_links", KEY_BOOL, AT(publish.sealed_links), 0, "yes or no" },
    { "publish", "sealed_total_mib", KEY_NUMBER, AT(sealed_total_mib), 16 * 1024 * 1024,
      "a number of MiB" },
    { "publish", "title", KEY_TEXT, AT(publish.title), ROOM(publish.title),
      "what stands above the albums, in one line" },
    { "publish", "address", KEY_ORIGIN, AT(publish.address), ROOM(publish.address),
      "https:// and a host, or http:// and an onion service or this machine; without a path" },
    { "publish", "unindexed", KEY_BOOL, AT(publish.is_unindexed), 0, "yes or no" },
    { "publish", "second_person", KEY_BOOL, AT(second_person), 0, "yes or no" },
    { "publish", "file_max_mib", KEY_NUMBER, AT(copy_max_mib), 1024 * 1024,
      "a number of MiB from 1 to 1048576" },
};

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))
#define CATEGORY "category "

static bool refuse(OskConfigFault *fault, const char *key, const char *what)
{
    fault->what = what;
    size_t len = strnlen(key, sizeof(fault->key) - 1);
    memcpy(fault->key, key, len);
    fault->key[len] = 0;
    return false;
}

/* ---- values ---- */

static bool read_bool(const char *value, bool *out)
{
    *out = strcmp(value, "yes") == 0;
    return *out || strcmp(value, "no") == 0;
}

static bool read_number(const char *value, unsigned most, unsigned *out)
{
    char *end = NULL;
    unsigned long number = strtoul(value, &end, 10);
    if (value[0] < '0' || value[0] > '9' || *end != 0 || number < 1 || number > most) {
        return false;
    }
    *out = (unsigned)number;
    return true;
}

/* Texts are shown on pages, which escape them; control characters are in none. */
static bool read_text(const char *value, char *out, size_t room, bool may_be_empty)
{
    size_t len = strlen(value);
    if (len >= room || (len == 0 && !may_be_empty)) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)value[i] < 0x20 || value[i] == 0x7F) {
            return false;
        }
    }
    memcpy(out, value, len + 1);
    return true;
}

static bool is_address(const char *value)
{
    if (strncmp(value, "unix:", 5) == 0) {
        return value[5] != 0;
    }
    const char *colon = strrchr(value, ':');
    return colon != NULL && colon != value && colon[1] != 0 &&
           colon[1 + strspn(colon + 1, "0123456789")] == 0;
}

static bool add_recipient(OskServeConfig *config, const char *value)
{
    OskFault fault = { 0 };
    if (config->recipient_count == OSK_CONFIG_RECIPIENTS_MAX ||
        osk_recipient_parse(&config->recipients[config->recipient_count], value, strlen(value),
                            &fault) != OSK_OK) {
        return false;
    }
    config->recipient_count++;
    return true;
}

static bool read_triage(const char *value, bool *out)
{
    *out = strcmp(value, "desk") == 0;
    return *out || strcmp(value, "server") == 0;
}

static bool read_packs(OskServeConfig *config, const char *value)
{
    OskFault fault = { 0 };
    config->has_triage_recipient =
        osk_recipient_parse(&config->triage_recipient, value, strlen(value), &fault) == OSK_OK;
    return config->has_triage_recipient;
}

static bool set_key(OskServeConfig *config, const Key *key, const char *value)
{
    void *at = (char *)config + key->at;
    switch (key->kind) {
    case KEY_TEXT: return read_text(value, at, key->reach, false);
    case KEY_OPTIONAL: return read_text(value, at, key->reach, true);
    case KEY_ADDRESS: return is_address(value) && read_text(value, at, key->reach, false);
    case KEY_ORIGIN: return osk_http_is_origin(value) && read_text(value, at, key->reach, false);
    case KEY_ADDRESSES:
        if (config->listen_count == OSK_CONFIG_LISTEN_MAX || !is_address(value) ||
            !read_text(value, config->listen[config->listen_count], key->reach, false)) {
            return false;
        }
        config->listen_count++;
        return true;
    case KEY_RECIPIENT: return add_recipient(config, value);
    case KEY_TRIAGE: return read_triage(value, at);
    case KEY_PACKS: return read_packs(config, value);
    case KEY_NUMBER: return read_number(value, key->reach, at);
    case KEY_BOOL: return read_bool(value, at);
    }
    return false;
}

/* ---- categories: a section each ---- */

static bool is_category_id(const char *id)
{
    size_t len = strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len < OSK_CATEGORY_BYTES && id[len] == 0;
}

static OskCategory *find_category(OskServeConfig *config, const char *id)
{
    for (size_t i = 0; i < config->intake.category_count; i++) {
        if (strcmp(config->intake.categories[i].id, id) == 0) {
            return &config->intake.categories[i];
        }
    }
    if (!is_category_id(id) || config->intake.category_count == OSK_INTAKE_CATEGORIES_MAX) {
        return NULL;
    }
    OskCategory *category = &config->intake.categories[config->intake.category_count++];
    *category = (OskCategory){ 0 };
    memcpy(category->id, id, strlen(id));
    memcpy(category->label, id, strlen(id));
    return category;
}

static bool set_category(OskServeConfig *config, const char *id, const char *key, const char *value,
                         OskConfigFault *fault)
{
    OskCategory *category = find_category(config, id);
    if (category == NULL) {
        return refuse(fault, id,
                      "a category is named in small letters, digits and -, at most 31 of them, and "
                      "there are at most 32");
    }
    if (strcmp(key, "label") == 0) {
        return read_text(value, category->label, sizeof(category->label), false) ||
               refuse(fault, key, "what senders read, in one line");
    }
    if (strcmp(key, "paused") == 0) {
        return read_bool(value, &category->paused) || refuse(fault, key, "yes or no");
    }
    if (strcmp(key, "keep_days") == 0) {
        return read_number(value, 3650, &category->retain_days) ||
               refuse(fault, key, "a number of days from 1 to 3650");
    }
    return refuse(fault, key, "a category has label, paused and keep_days, and no other key");
}

bool osk_config_set(OskServeConfig *config, const char *section, const char *key, const char *value,
                    OskConfigFault *fault)
{
    if (strncmp(section, CATEGORY, strlen(CATEGORY)) == 0) {
        return set_category(config, section + strlen(CATEGORY), key, value, fault);
    }
    for (size_t i = 0; i < KEY_COUNT; i++) {
        if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, key) == 0) {
            return set_key(config, &keys[i], value) || refuse(fault, key, keys[i].wrong);
        }
    }
    return refuse(fault, key, "there is no such key in this section; oilskin.conf(5) lists them");
}

/* ---- the file ---- */

typedef struct Reading {
    OskServeConfig *config;
    OskConfigFault *fault;
    const char *at;
    const char *end;
    unsigned line; /* that was given to the library last */
    bool failed;
} Reading;

static int take_pair(void *context, const char *section, const char *name, const char *value)
{
    Reading *reading = context;
    if (reading->failed) {
        return 0;
    }
    if (!osk_config_set(reading->config, section, name, value, reading->fault)) {
        reading->failed = true;
        reading->fault->line = reading->line;
        return 0;
    }
    return 1;
}

/* As fgets(): one line at a time, so that the number of each is known. */
static char *next_line(char *out, int room, void *context)
{
    Reading *reading = context;
    if (reading->at == reading->end || reading->failed || room < 2) {
        return NULL;
    }
    const char *newline = memchr(reading->at, '\n', (size_t)(reading->end - reading->at));
    const char *after = newline != NULL ? newline + 1 : reading->end;
    size_t len = (size_t)(after - reading->at);
    reading->line++;
    if (len > OSK_CONFIG_LINE_BYTES || len >= (size_t)room || memchr(reading->at, 0, len) != NULL) {
        reading->failed = true;
        reading->fault->line = reading->line;
        refuse(reading->fault, "", "a line is text of at most 198 bytes");
        return NULL;
    }
    memcpy(out, reading->at, len);
    out[len] = 0;
    reading->at = after;
    return out;
}

bool osk_config_parse(OskServeConfig *config, const char *text, size_t len, OskConfigFault *fault)
{
    *fault = (OskConfigFault){ 0 };
    if (len > OSK_CONFIG_BYTES) {
        return refuse(fault, "", "a configuration is at most 256 KiB long");
    }
    Reading reading = { .config = config, .fault = fault, .at = text, .end = text + len };
    int line = ini_parse_stream(next_line, &reading, take_pair, &reading);
    if (reading.failed) {
        return false;
    }
    if (line != 0) {
        fault->line = line > 0 ? (unsigned)line : 0;
        return refuse(fault, "", "a line is `key = value`, `[section]`, or begins with # or ;");
    }
    return true;
}

bool osk_config_read(OskServeConfig *config, const char *path, OskConfigFault *fault)
{
    FILE *file = fopen(path, "re");
    char *text = malloc(OSK_CONFIG_BYTES + 1);
    bool fits = false;
    *fault = (OskConfigFault){ .what = "the file can't be read" };
    if (file != NULL && text != NULL) {
        size_t len = fread(text, 1, OSK_CONFIG_BYTES + 1, file);
        fits = ferror(file) == 0 && osk_config_parse(config, text, len, fault);
    }
    free(text);
    if (file != NULL) {
        fclose(file);
    }
    return fits;
}

void osk_config_say(const char *command, const char *path, const OskConfigFault *fault)
{
    fprintf(stderr, "oilskin %s: ", command);
    if (path != NULL) {
        osk_printable_text(stderr, path);
        fputs(": ", stderr);
    }
    if (fault->line != 0) {
        fprintf(stderr, "line %u: ", fault->line);
    }
    if (fault->key[0] != 0) {
        osk_printable_text(stderr, fault->key);
        fputs(": ", stderr);
    }
    fprintf(stderr, "%s\n", fault->what);
}

/* ---- whole ---- */

void osk_config_init(OskServeConfig *config)
{
    *config = (OskServeConfig){ .language = "en",
                                .sealed_total_mib = SEALED_TOTAL_MIB,
                                .copy_max_mib = COPY_MAX_MIB };
}

/* What its pages say of the people behind it is what the drop says. */
static void finish_publish(OskServeConfig *config)
{
    const OskIntakeNotice *notice = &config->intake.notice;
    OskPublishOptions *publish = &config->publish;
    memcpy(publish->operator_name, notice->operator_name, sizeof(publish->operator_name));
    memcpy(publish->contact, notice->contact, sizeof(publish->contact));
    publish->is_demo = notice->is_demo;
    publish->sealed_total = (uint64_t)config->sealed_total_mib << 20;
    publish->default_language = config->language;
    publish->recipients = config->recipients;
    publish->recipient_count = config->recipient_count;
}

static bool has_demo_key(const OskServeConfig *config)
{
    bool has = config->has_triage_recipient && osk_recipient_is_demo(&config->triage_recipient);
    for (size_t i = 0; i < config->recipient_count; i++) {
        has = has || osk_recipient_is_demo(&config->recipients[i]);
    }
    return has;
}

bool osk_config_finish(OskServeConfig *config, OskConfigFault *fault)
{
    static const struct {
        const char *key;
        size_t at;
        const char *what;
    } needed[] = {
        { "operator", AT(intake.notice.operator_name), "the page must say who runs the drop" },
        { "readers", AT(intake.notice.readers), "the page must say who can read what is sent" },
        { "contact", AT(intake.notice.contact), "the page must give a contact" },
        { "data", AT(data), "say in which folder submissions are kept" },
    };
    *fault = (OskConfigFault){ 0 };
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (*((const char *)config + needed[i].at) == 0) {
            return refuse(fault, needed[i].key, needed[i].what);
        }
    }
    if (config->intake.notice.retain_days == 0) {
        return refuse(fault, "keep_days", "the page must say for how long submissions are kept");
    }
    if (config->listen_count == 0) {
        return refuse(fault, "listen", "say where to listen");
    }
    if (config->desk_listen[0] != 0 && config->desk_origin[0] == 0 &&
        !osk_http_is_near(config->desk_listen)) {
        return refuse(fault, "origin",
                      "a desk that more than this machine reaches must know its own address");
    }
    if (config->triage_at_desk != config->has_triage_recipient) {
        return refuse(fault, config->triage_at_desk ? "triage" : "triage_recipient",
                      "triage = desk and triage_recipient go together");
    }
    if (config->triage_at_desk && config->triage_key[0] != 0) {
        return refuse(fault, "triage_key", "with triage = desk this server has no such key");
    }
    if (config->recipient_count == 0) {
        return refuse(fault, "recipient",
                      "say to whom submissions are sealed; `oilskin desk init` makes the keys");
    }
    const char *opens = config->publish.albums         ? "albums"
                        : config->publish.links        ? "links"
                        : config->publish.sealed_links ? "sealed_links"
                                                       : NULL;
    if (opens != NULL && config->desk_listen[0] == 0) {
        return refuse(fault, opens,
                      "only a desk can publish, or end what is public: say where it listens");
    }
    if (!config->intake.notice.is_demo && has_demo_key(config)) {
        return refuse(
            fault, "recipient",
            "a key of demonstrations, which everybody has: make one with `oilskin keygen`");
    }
    config->intake.recipients = config->recipients;
    config->intake.recipient_count = config->recipient_count;
    config->intake.triage = config->triage_at_desk ? &config->triage_recipient : NULL;
    config->intake.default_language = config->language;
    config->intake.notice.has_albums = config->publish.albums;
    config->intake.file_max = (uint64_t)config->file_max_mib << 20;
    config->intake.submission_max = (uint64_t)config->submission_max_mib << 20;
    finish_publish(config);
    return true;
}
