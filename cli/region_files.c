/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/region_files.h"

#include <stdlib.h>
#include <string.h>

#include "host/folder.h"
#include "host/input.h"
#include "host/printable.h"

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const char *check_names(const OskFiles *files)
{
    const char **names = calloc(files->count + 1, sizeof(*names));
    if (names == NULL) {
        return "not enough memory";
    }
    bool same = false;
    for (size_t i = 0; i < files->count; i++) {
        names[i] = files->items[i].below;
    }
    qsort(names, files->count, sizeof(*names), compare_names);
    for (size_t i = 1; i < files->count && !same; i++) {
        same = strcmp(names[i - 1], names[i]) == 0;
    }
    free(names);
    return same ? "two of the files have the same name, and would get the same regions" : NULL;
}

const char *osk_region_files_check(const OskEdit *edit, const OskFiles *files)
{
    if (edit->preview && files->count > 1) {
        return "--preview shows one picture";
    }
    if (edit->folder == NULL) {
        return edit->covers && files->count > 1
                   ? "the same regions seldom fit two pictures; for several, --regions DIR with a "
                     "file for each"
                   : NULL;
    }
    for (size_t i = 0; i < files->count; i++) {
        if (files->items[i].is_stream) {
            return "standard input has no name to look for in a folder; --regions FILE";
        }
    }
    return check_names(files);
}

char *osk_region_files_path(const char *folder, const OskFile *picture)
{
    size_t len = strlen(folder);
    char *path = NULL;
    int made = asprintf(&path, "%s%s%s.json", folder, len > 0 && folder[len - 1] == '/' ? "" : "/",
                        picture->below);
    return made < 0 ? NULL : path;
}

/* Where a fault stands in a text, as an editor counts. */
typedef struct Place {
    size_t line; /* from 1; 0 for nowhere */
    size_t column;
    char word[48]; /* what stands there, or nothing */
} Place;

/* A word or a string in quotes, if one begins there that is not long. */
static void take_word(char *out, size_t size, const char *text, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-.";
    bool quoted = len > 0 && text[0] == '"';
    size_t end = quoted ? 1 : 0;
    while (end < len && end + 1 < size &&
           (quoted ? text[end] != '"' && text[end] != '\n'
                   : text[end] != 0 && strchr(letters, text[end]) != NULL)) {
        end++;
    }
    if (quoted && end < len && text[end] == '"') {
        end++;
    }
    end = end < size ? end : 0;
    memcpy(out, text, end);
    out[end] = 0;
}

static Place find_place(const char *text, size_t len, uint64_t offset)
{
    Place place = { .line = 1, .column = 1 };
    if (offset > len) {
        return (Place){ .line = 0 };
    }
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            place.column++;
        }
    }
    take_word(place.word, sizeof(place.word), text + offset, len - (size_t)offset);
    return place;
}

/* "BEFORE NAME, line 1, column 2: WHAT: word", what others wrote made printable. */
static char *explain(const char *before, const char *name, const Place *place, const char *what)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return NULL;
    }
    fputs(before, out);
    osk_printable_text(out, name);
    if (place->line > 0) {
        fprintf(out, ", line %zu, column %zu", place->line, place->column);
    }
    fprintf(out, ": %s", what != NULL ? what : "something went wrong");
    if (place->word[0] != 0) {
        fputs(": ", out);
        osk_printable_text(out, place->word);
    }
    return fclose(out) == 0 ? text : NULL;
}

static OskStatus fail(OskFault *fault, OskStatus status, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = status, .part = "", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return status;
}

static OskStatus fail_memory(OskFault *fault)
{
    return fail(fault, OSK_NO_MEMORY, "not enough memory",
                "close other programs, then run it again");
}

/* The whole file in memory: free with free(). */
static OskStatus read_whole(const char *path, char **out_bytes, size_t *out_len, OskFault *fault)
{
    OskInput input = { .fd = -1 };
    OskStatus status = osk_input_open(&input, path, OSK_INPUT_FOLLOW, fault);
    if (status == OSK_OK && input.size > OSK_REGION_FILE_MAX) {
        status = fail(fault, OSK_LIMIT, "a file of regions has 64 MiB at most",
                      "check that it is the right file");
    }
    char *bytes = NULL;
    if (status == OSK_OK) {
        bytes = malloc((size_t)input.size + 1);
        status = bytes == NULL ? fail_memory(fault) : OSK_OK;
    }
    if (status == OSK_OK) {
        if (osk_input_head(&input, (uint8_t *)bytes, (size_t)input.size) != input.size) {
            status = fail(fault, OSK_IO, "it could not be read", "check the disk that it is on");
        }
        *out_len = (size_t)input.size;
    }
    osk_input_close(&input);
    if (status != OSK_OK) {
        free(bytes);
        bytes = NULL;
    }
    *out_bytes = bytes;
    return status;
}

static const char correct_next[] =
    "correct it, or name the right file; docs/regions.md and oilskin-redact(1) say what may stand "
    "in it";

static OskStatus read_file(const OskEdit *edit, const char *path, OskRegions **out_regions,
                           Place *out_place, OskFault *fault)
{
    if (!osk_path_exists(path)) {
        return edit->folder == NULL
                   ? fail(fault, OSK_IO, "there is no such file", "check the spelling of the name")
                   : fail(fault, OSK_UNSUPPORTED,
                          "there is no such file, so nothing says what to cover",
                          "write one for this picture; docs/regions.md says how");
    }
    char *json = NULL;
    size_t len = 0;
    OskStatus status = read_whole(path, &json, &len, fault);
    if (status == OSK_OK) {
        status = osk_regions_parse(json, len, &edit->defaults, out_regions, fault);
        if (status != OSK_OK && fault->offset != OSK_NO_OFFSET) {
            *out_place = find_place(json, len, fault->offset);
        }
        if (fault->next == NULL) {
            fault->next = correct_next;
        }
    }
    free(json);
    return status;
}

OskStatus osk_region_files_read(const OskEdit *edit, const char *path, OskRegions **out_regions,
                                char **out_why, OskFault *fault)
{
    OskRegions *regions = NULL;
    OskStatus status = OSK_OK;
    Place place = { .line = 0 };
    *out_why = NULL;
    *out_regions = NULL;
    if (path != NULL) {
        status = read_file(edit, path, &regions, &place, fault);
        if (status != OSK_OK) {
            *out_why = explain("the regions in ", path, &place, fault->what);
        }
    } else {
        regions = osk_regions_new(&edit->defaults);
        status = regions != NULL ? OSK_OK : fail_memory(fault);
    }
    for (size_t i = 0; status == OSK_OK && i < edit->text_count; i++) {
        status = osk_regions_add_text(regions, edit->texts[i], fault);
        if (status != OSK_OK) {
            *out_why = explain("--region ", edit->texts[i], &place, fault->what);
        }
    }
    if (status != OSK_OK) {
        osk_regions_free(&regions);
        return status;
    }
    if (edit->invert) {
        osk_regions_invert(regions, true);
    }
    *out_regions = regions;
    return OSK_OK;
}
