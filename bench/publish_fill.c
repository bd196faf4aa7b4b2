/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publishes without a desk, for tests and measurements: into the folder of a drop that does not
 * run. usage: publish-fill DATA < LINES      fields of a line are parted by tabs; what is made is
 * printed
 *
 *   album   TITLE DESCRIPTION WARNING LANGUAGE open|hidden
 *   piece   ALBUM|- STATE DAY KIND WIDTH HEIGHT MS CAPTION ALT WARNING COPY
 * [RENDITION:WIDTH:HEIGHT]... many    COUNT and what piece has; on COUNT / 20 days, newest first
 *   state   ID STATE
 *   asked             lists what was asked for: id, kind, open|answered, counted, space, target,
 * length answer  ID STATE: waiting, public, unlisted, hidden, withdrawn. KIND: jpg, png, webp, gif,
 * mp4, webm. A day is a number. COPY and RENDITION are files. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/random.h"
#include "oilskin/seal.h"
#include "store/day.h"
#include "store/published.h"
#include "store/store_open.h"

#define FIELDS_MAX 24u
#define LINE_BYTES 16384u
#define BATCH 200u
#define A_DAY 20u

typedef struct Fields {
    char *items[FIELDS_MAX];
    size_t count;
} Fields;

/* Copy and renditions, one behind the other. */
typedef struct Media {
    OskPublication publication;
    uint8_t *bytes;
    size_t len;
} Media;

static OskStore *store;

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "publish-fill: %s\n", what);
        exit(1);
    }
}

static OskId draw(void)
{
    OskId id;
    must(osk_random_fill(NULL, id.bytes, sizeof(id.bytes)), "no randomness");
    return id;
}

static const char *field(const Fields *fields, size_t at)
{
    must(at < fields->count, "a field is missing");
    return fields->items[at];
}

static uint32_t number(const Fields *fields, size_t at)
{
    return (uint32_t)strtoul(field(fields, at), NULL, 10);
}

static OskId id_of(const char *text)
{
    OskId id = { .bytes = { 0 } };
    must(strcmp(text, "-") == 0 || osk_public_id_read(text, strlen(text), &id), "this is no id");
    return id;
}

static uint32_t word_of(const char *word, const char *const *words, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return i + 1;
        }
    }
    must(false, word);
    return 0;
}

static uint32_t state_of(const char *word)
{
    static const char *const words[] = { "waiting", "public", "unlisted", "hidden", "withdrawn" };
    return word_of(word, words, 5);
}

/* What stands there as \n becomes a line's end. */
static void copy_text(char *out, size_t room, const char *text)
{
    must(strlen(text) < room, "a text is too long");
    for (; *text != 0; text++) {
        bool is_end = text[0] == '\\' && text[1] == 'n';
        *out++ = is_end ? '\n' : *text;
        text += is_end ? 1 : 0;
    }
    *out = 0;
}

static void print_id(const OskId *id)
{
    char text[OSK_PUBLIC_ID_BYTES];
    osk_public_id_write(id, text);
    puts(text);
    fflush(stdout);
}

static void commit(const OskChange *changes, size_t count)
{
    OskFault fault = { 0 };
    must(osk_store_commit(store, changes, count, NULL, &fault) == OSK_COMMIT_OK,
         fault.what != NULL ? fault.what : "no commit");
}

static void set(const OskRecordRow *row, uint64_t expected)
{
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = row,
                               .expected = expected };
    commit(&change, 1);
}

/* ---- media ---- */

static size_t add_file(Media *media, const char *path)
{
    FILE *file = fopen(path, "rb");
    must(file != NULL && fseek(file, 0, SEEK_END) == 0, path);
    long len = ftell(file);
    must(len > 0 && fseek(file, 0, SEEK_SET) == 0, path);
    media->bytes = realloc(media->bytes, media->len + (size_t)len);
    must(media->bytes != NULL &&
             fread(media->bytes + media->len, 1, (size_t)len, file) == (size_t)len,
         path);
    fclose(file);
    media->len += (size_t)len;
    return (size_t)len;
}

/* RENDITION:WIDTH:HEIGHT */
static void add_rendition(Media *media, char *text)
{
    OskPublication *publication = &media->publication;
    char *height = strrchr(text, ':');
    must(height != NULL && publication->rendition_count < OSK_RENDITIONS_MAX, text);
    *height++ = 0;
    char *width = strrchr(text, ':');
    must(width != NULL, text);
    *width++ = 0;
    OskRendition *rendition = &publication->renditions[publication->rendition_count++];
    rendition->offset = media->len;
    rendition->width = (uint16_t)strtoul(width, NULL, 10);
    rendition->height = (uint16_t)strtoul(height, NULL, 10);
    rendition->len = (uint32_t)add_file(media, text);
    *--width = ':';
    *--height = ':';
}

/* @param at of ALBUM among the fields. */
static Media read_media(Fields *fields, size_t at)
{
    static const char *const kinds[] = { "jpg", "png", "webp", "gif", "mp4", "webm" };
    Media media = { .bytes = NULL };
    OskPublication *publication = &media.publication;
    OskSha256 hash;
    publication->album = id_of(field(fields, at));
    publication->day = (OskDay)number(fields, at + 2);
    publication->kind = (OskMediaKind)word_of(field(fields, at + 3), kinds, 6);
    publication->width = number(fields, at + 4);
    publication->height = number(fields, at + 5);
    publication->duration_ms = number(fields, at + 6);
    copy_text(publication->caption, sizeof(publication->caption), field(fields, at + 7));
    copy_text(publication->alt, sizeof(publication->alt), field(fields, at + 8));
    copy_text(publication->warning, sizeof(publication->warning), field(fields, at + 9));
    /* So that tests can tell where reviewers show. */
    memcpy(publication->maker.bytes, "FIRST-REVIEWER-1", OSK_ID_BYTES);
    memcpy(publication->second.bytes, "OTHER-REVIEWER-2", OSK_ID_BYTES);
    publication->areas = 3919791979u;
    publication->copy_len = add_file(&media, field(fields, at + 10));
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, media.bytes, media.len);
    osk_sha256_end(&hash, publication->digest);
    for (size_t i = at + 11; i < fields->count; i++) {
        add_rendition(&media, fields->items[i]);
    }
    return media;
}

static OskRecordRow row_of(const Media *media, uint32_t state)
{
    OskFault fault = { 0 };
    OskBlobWriter *writer = NULL;
    OskRecordRow row = { .key = { .space = OSK_SPACE_PUBLICATION, .id = draw() },
                         .day = media->publication.day,
                         .flags = state,
                         .sealed_len = media->len };
    must(osk_blob_begin(store, media->len, &writer, &fault) == OSK_OK &&
             osk_blob_write(writer, media->bytes, media->len, &fault) == OSK_OK &&
             osk_blob_commit(&writer, UINT64_MAX, &row.blob, &fault) == OSK_OK,
         "no blob");
    must(osk_publication_write(&media->publication, &row.bytes) == OSK_OK, "no such publication");
    return row;
}

/* ---- lines ---- */

static void make_album(const Fields *fields)
{
    OskAlbum album = { .day = osk_day_today() };
    OskRecordRow row = { .key = { .space = OSK_SPACE_ALBUM, .id = draw() }, .day = album.day };
    copy_text(album.title, sizeof(album.title), field(fields, 1));
    copy_text(album.description, sizeof(album.description), field(fields, 2));
    copy_text(album.warning, sizeof(album.warning), field(fields, 3));
    copy_text(album.language, sizeof(album.language), field(fields, 4));
    row.flags = strcmp(field(fields, 5), "open") == 0 ? OSK_ALBUM_OPEN : OSK_ALBUM_HIDDEN;
    must(osk_album_write(&album, &row.bytes) == OSK_OK, "no such album");
    set(&row, 0);
    osk_bytes_clear(&row.bytes);
    print_id(&row.key.id);
}

static void make_pieces(Fields *fields, size_t at, uint32_t count)
{
    static OskRecordRow rows[BATCH];
    static OskChange changes[BATCH];
    Media media = read_media(fields, at);
    uint32_t state = state_of(field(fields, at + 1));
    OskDay newest = media.publication.day;
    for (uint32_t made = 0; made < count;) {
        size_t taken = 0;
        for (; taken < BATCH && made < count; taken++, made++) {
            media.publication.day = newest - (OskDay)(made / A_DAY);
            rows[taken] = row_of(&media, state);
            changes[taken] = (OskChange){ .kind = OSK_ROW_RECORD_SET, .row.record = &rows[taken] };
        }
        commit(changes, taken);
        for (size_t i = 0; i < taken; i++) {
            osk_bytes_clear(&rows[i].bytes);
        }
    }
    print_id(&rows[0].key.id);
    free(media.bytes);
}

static void set_flags(OskSpace space, const char *id, uint32_t flags)
{
    const OskRecordKey key = { .space = space, .id = id_of(id) };
    OskRecordRow row;
    OskFault fault = { 0 };
    must(osk_store_record(store, &key, &row, &fault), "there is no such row");
    bool ends = space == OSK_SPACE_PUBLICATION && flags == OSK_PUBLICATION_WITHDRAWN;
    row.flags = space == OSK_SPACE_ASKED ? row.flags | flags : flags;
    row.blob = ends ? (OskId){ .bytes = { 0 } } : row.blob;
    row.sealed_len = ends ? 0 : row.sealed_len;
    set(&row, row.version);
    osk_record_row_free(&row);
    puts("done");
    fflush(stdout);
}

static bool tell_asked(void *context, const OskRecordRow *row)
{
    (void)context;
    OskAskedRow asked;
    char id[OSK_PUBLIC_ID_BYTES];
    char target[OSK_PUBLIC_ID_BYTES];
    must(osk_asked_read(&asked, &row->bytes), "this is no request");
    osk_public_id_write(&row->key.id, id);
    osk_public_id_write(&asked.target, target);
    printf("%s\t%u\t%s\t%u\t%u\t%s\t%zu\t", id, row->flags & OSK_ASKED_KINDS,
           (row->flags & OSK_ASKED_ANSWERED) != 0 ? "answered" : "open", osk_asked_more(row->flags),
           (unsigned)asked.space, target, asked.sealed.len);
    for (size_t i = 0; i < asked.sealed.len; i++) {
        printf("%02x", asked.sealed.bytes[i]);
    }
    putchar('\n');
    return true;
}

static void list_asked(void)
{
    const OskRecordQuery query = { .space = OSK_SPACE_ASKED };
    OskFault fault = { 0 };
    must(osk_store_records(store, &query, tell_asked, NULL, &fault) == OSK_OK, "no list");
    puts("done");
    fflush(stdout);
}

static void run(char *line)
{
    Fields fields = { .count = 0 };
    for (char *at = line; at != NULL && fields.count < FIELDS_MAX;) {
        fields.items[fields.count++] = strsep(&at, "\t");
    }
    const char *word = field(&fields, 0);
    if (strcmp(word, "album") == 0) {
        make_album(&fields);
    } else if (strcmp(word, "piece") == 0) {
        make_pieces(&fields, 1, 1);
    } else if (strcmp(word, "many") == 0) {
        make_pieces(&fields, 2, number(&fields, 1));
    } else if (strcmp(word, "state") == 0) {
        set_flags(OSK_SPACE_PUBLICATION, field(&fields, 1), state_of(field(&fields, 2)));
    } else if (strcmp(word, "answer") == 0) {
        set_flags(OSK_SPACE_ASKED, field(&fields, 1), OSK_ASKED_ANSWERED);
    } else if (strcmp(word, "asked") == 0) {
        list_asked();
    } else {
        must(false, "this line is none");
    }
}

int main(int argc, char **argv)
{
    static char line[LINE_BYTES];
    const OskStoreOptions options = { .create = true };
    OskFault fault = { 0 };
    must(argc == 2, "usage: publish-fill DATA < LINES");
    must(osk_store_open_folder(&store, argv[1], &options, &fault) == OSK_OK, "no store");
    while (fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = 0;
        run(line);
    }
    osk_store_close(&store);
    return 0;
}
