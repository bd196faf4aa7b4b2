/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/region_files.h"

#include <stdlib.h>
#include <string.h>

#include "host/folder.h"
#include "host/input.h"
#include "host/printable.h"

char *osk_region_files_path(const char *folder, const char *picture)
{
    const char *slash = strrchr(picture, '/');
    const char *name = slash != NULL ? slash + 1 : picture;
    size_t len = strlen(folder);
    char *path = NULL;
    int made =
        asprintf(&path, "%s%s%s.json", folder, len > 0 && folder[len - 1] == '/' ? "" : "/", name);
    return made < 0 ? NULL : path;
}

/* "NAME: WHAT", the name made printable. */
static char *explain(const char *before, const char *name, const char *what)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return NULL;
    }
    fputs(before, out);
    osk_printable_text(out, name);
    fprintf(out, ": %s", what != NULL ? what : "something went wrong");
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

static OskStatus read_file(const OskEdit *edit, const char *path, OskRegions **out_regions,
                           OskFault *fault)
{
    if (!osk_path_exists(path)) {
        return fail(fault, OSK_UNSUPPORTED, "there is no such file, so nothing says what to cover",
                    "write one for this picture; docs/regions.md says how");
    }
    char *json = NULL;
    size_t len = 0;
    OskStatus status = read_whole(path, &json, &len, fault);
    if (status == OSK_OK) {
        status = osk_regions_parse(json, len, &edit->defaults, out_regions, fault);
        if (fault->next == NULL) {
            fault->next = "correct that file; docs/regions.md says what may stand in it";
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
    *out_why = NULL;
    *out_regions = NULL;
    if (path != NULL) {
        status = read_file(edit, path, &regions, fault);
        if (status != OSK_OK) {
            *out_why = explain("the regions in ", path, fault->what);
        }
    } else {
        regions = osk_regions_new(&edit->defaults);
        status = regions != NULL ? OSK_OK : fail_memory(fault);
    }
    for (size_t i = 0; status == OSK_OK && i < edit->text_count; i++) {
        status = osk_regions_add_text(regions, edit->texts[i], fault);
        if (status != OSK_OK) {
            *out_why = explain("--region ", edit->texts[i], fault->what);
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
