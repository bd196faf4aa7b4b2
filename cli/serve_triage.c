/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/serve_triage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/output.h"
#include "host/random.h"

#define FILE_BYTES 1024u

static const OskRandom kernel = { .fill = osk_random_fill };

static OskStatus refuse(OskFault *fault, OskStatus status, const char *what)
{
    *fault = (OskFault){ .status = status, .what = what };
    return status;
}

static OskStatus make_key(const char *path, OskFault *fault)
{
    char text[FILE_BYTES];
    char secret[OSK_IDENTITY_TEXT_BYTES];
    char known[OSK_RECIPIENT_TEXT_BYTES];
    OskIdentity identity;
    const OskOutputOptions keep = { .owner = (uid_t)-1, .group = (gid_t)-1 };
    OskStatus status = osk_identity_make(&identity, &kernel, fault);
    if (status == OSK_OK) {
        osk_recipient_text(&identity.recipient, known);
        osk_identity_text(&identity, secret);
        int len = snprintf(text, sizeof(text), "# public key: %s\n%s\n", known, secret);
        status = osk_output_write(path, keep, text, (size_t)len, fault);
    }
    osk_identity_wipe(&identity);
    osk_seal_wipe(secret, sizeof(secret));
    osk_seal_wipe(text, sizeof(text));
    return status;
}

/* The first line that is no remark. */
static OskStatus parse(const char *text, OskIdentity *out, OskFault *fault)
{
    while (*text == '#' || *text == '\n') {
        text += strcspn(text, "\n");
        text += *text == '\n' ? 1 : 0;
    }
    return osk_identity_parse(out, text, strcspn(text, "\r\n"), fault);
}

static OskStatus read_key(FILE *file, OskIdentity *out, OskFault *fault)
{
    char text[FILE_BYTES];
    struct stat info;
    if (fstat(fileno(file), &info) != 0 || (info.st_mode & 077) != 0) {
        return refuse(fault, OSK_AUTH, "others may read it: chmod 600");
    }
    setvbuf(file, NULL, _IONBF, 0);
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    text[len] = 0;
    OskStatus status =
        ferror(file) != 0 ? refuse(fault, OSK_IO, "it can't be read") : parse(text, out, fault);
    osk_seal_wipe(text, sizeof(text));
    return status;
}

OskStatus osk_serve_triage_key(const OskServeConfig *config, OskIdentity *out, char path[PATH_MAX],
                               OskFault *fault)
{
    int len = config->triage_key[0] != 0 ? snprintf(path, PATH_MAX, "%s", config->triage_key)
                                         : snprintf(path, PATH_MAX, "%s/triage.key", config->data);
    if (len < 0 || len >= PATH_MAX) {
        return refuse(fault, OSK_LIMIT, "the path is too long");
    }
    FILE *file = fopen(path, "re");
    if (file == NULL && errno == ENOENT) {
        OskStatus status = make_key(path, fault);
        if (status != OSK_OK) {
            return status;
        }
        file = fopen(path, "re");
    }
    if (file == NULL) {
        return refuse(fault, OSK_IO, "it can't be read");
    }
    OskStatus status = read_key(file, out, fault);
    fclose(file);
    return status;
}
