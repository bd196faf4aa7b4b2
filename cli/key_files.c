/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/key_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/output_text.h"
#include "host/errors.h"
#include "host/printable.h"
#include "oilskin/scrub.h"

/* A list of keys is short; what is longer is another file, named by mistake. */
#define KEY_FILE_BYTES ((size_t)64 << 10)

static OskStatus fail(OskFault *fault, const char *what, const char *next)
{
    *fault = (OskFault){
        .status = OSK_MALFORMED, .part = "file", .what = what, .next = next, .offset = OSK_NO_OFFSET
    };
    return OSK_MALFORMED;
}

static void wipe_short(uint8_t **bytes, size_t len)
{
    if (*bytes != NULL) {
        osk_seal_wipe(*bytes, len);
        osk_bytes_free(bytes);
    }
}

/* The whole of a short file; wipe and free it. */
static OskStatus read_short(const char *path, uint8_t **out, size_t *out_len, struct stat *info,
                            OskFault *fault)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    uint8_t *bytes = fd < 0 ? NULL : malloc(KEY_FILE_BYTES + 1);
    size_t len = 0;
    ssize_t got = fd < 0 || fstat(fd, info) != 0 ? -1 : 1;
    while (bytes != NULL && got > 0 && len <= KEY_FILE_BYTES) {
        got = read(fd, bytes + len, KEY_FILE_BYTES + 1 - len);
        if (got < 0 && errno == EINTR) {
            got = 1;
            continue;
        }
        len += got > 0 ? (size_t)got : 0;
    }
    int error = got < 0 ? errno : ENOMEM;
    if (fd >= 0 && !is_stdin) {
        close(fd);
    }
    if (bytes == NULL || got < 0) {
        wipe_short(&bytes, len);
        return osk_host_fail(fault, "file", error);
    }
    *out = bytes;
    *out_len = len;
    return OSK_OK;
}

/* What a line that is no key of ours may be. */
static const char *foreign_kind(const char *line, size_t len)
{
    static const struct {
        const char *begin;
        const char *what;
    } kinds[] = {
        { "ssh-", "is a key of SSH, which this program doesn't seal to" },
        { "-----BEGIN OPENSSH", "is a key of SSH, which this program doesn't open with" },
        { "age1yubikey1", "is a key of a plug-in, which this program doesn't know" },
        { "AGE-PLUGIN-", "is a key of a plug-in, which this program doesn't know" },
    };
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        size_t begin = strlen(kinds[i].begin);
        if (len >= begin && memcmp(line, kinds[i].begin, begin) == 0) {
            return kinds[i].what;
        }
    }
    return NULL;
}

/* Takes one line that is neither empty nor a remark. */
typedef OskStatus (*TakeLine)(void *list, const char *line, size_t len, OskFault *fault);

static OskStatus take_recipient(void *context, const char *line, size_t len, OskFault *fault)
{
    OskRecipients *list = context;
    if (list->count == OSK_SEAL_RECIPIENTS_MAX) {
        return fail(fault, "holds more recipients than one file takes, which is 64",
                    "seal it to fewer");
    }
    OskStatus status = osk_recipient_parse(&list->items[list->count], line, len, fault);
    list->count += status == OSK_OK ? 1 : 0;
    return status;
}

static OskStatus take_identity(void *context, const char *line, size_t len, OskFault *fault)
{
    OskIdentities *list = context;
    if (list->count == OSK_IDENTITIES_MAX) {
        return fail(fault, "holds more keys than are tried, which is 64", "give fewer at a time");
    }
    OskStatus status = osk_identity_parse(&list->items[list->count], line, len, fault);
    list->count += status == OSK_OK ? 1 : 0;
    return status;
}

static OskStatus take_lines(const uint8_t *bytes, size_t len, TakeLine take, void *list,
                            size_t *out_line, OskFault *fault)
{
    size_t taken = 0;
    size_t number = 0;
    for (size_t at = 0; at < len;) {
        const uint8_t *end = memchr(bytes + at, '\n', len - at);
        size_t line_len = end == NULL ? len - at : (size_t)(end - (bytes + at));
        const char *line = (const char *)bytes + at;
        at += line_len + (end == NULL ? 0 : 1);
        number++;
        if (line_len > 0 && line[line_len - 1] == '\r') {
            line_len--;
        }
        if (line_len == 0 || line[0] == '#') {
            continue;
        }
        *out_line = number;
        const char *foreign = foreign_kind(line, line_len);
        OskStatus status = foreign != NULL ? fail(fault, foreign, "make a key with oilskin keygen")
                                           : take(list, line, line_len, fault);
        if (status != OSK_OK) {
            return status;
        }
        taken++;
    }
    *out_line = 0;
    return taken > 0 ? OSK_OK
                     : fail(fault, "holds no key", "make one with oilskin keygen -o key.txt");
}

OskStatus osk_recipients_add(OskRecipients *list, const char *text, OskFault *fault)
{
    const char *foreign = foreign_kind(text, strlen(text));
    return foreign != NULL ? fail(fault, foreign, "make a key with oilskin keygen")
                           : take_recipient(list, text, strlen(text), fault);
}

OskStatus osk_recipients_read(OskRecipients *list, const char *path, size_t *out_line,
                              OskFault *fault)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct stat info;
    *out_line = 0;
    OskStatus status = read_short(path, &bytes, &len, &info, fault);
    if (status == OSK_OK && len > KEY_FILE_BYTES) {
        status = fail(fault, "is too long for a list of keys", "name a file of lines with age1");
    }
    if (status == OSK_OK) {
        status = take_lines(bytes, len, take_recipient, list, out_line, fault);
    }
    wipe_short(&bytes, len);
    return status;
}

/* ---- identities ---- */

static bool is_sealed(const uint8_t *bytes, size_t len)
{
    static const char version[] = "age-encryption.org/v1\n";
    return osk_armor_probe(bytes, len) ||
           (len >= sizeof(version) - 1 && memcmp(bytes, version, sizeof(version) - 1) == 0);
}

/* Replaces a sealed list of keys by what is in it. */
static OskStatus open_list(uint8_t **bytes, size_t *len, const char *passphrase_path,
                           OskFault *fault)
{
    OskPassphrase passphrase = { 0 };
    uint8_t *binary = NULL;
    size_t binary_len = 0;
    OskMemory plain = { .max = KEY_FILE_BYTES };
    OskStatus status = OSK_OK;
    if (osk_armor_probe(*bytes, *len)) {
        status = osk_armor_decode(*bytes, *len, &binary, &binary_len, fault);
    }
    if (status == OSK_OK) {
        status = passphrase_path != NULL
                     ? osk_passphrase_read(&passphrase, passphrase_path, fault)
                     : osk_passphrase_ask(&passphrase, "Passphrase of the key", false, fault);
    }
    if (status == OSK_OK) {
        OskUnsealWith with = { .passphrase = passphrase.text, .passphrase_len = passphrase.len };
        status = osk_unseal_bytes(binary != NULL ? binary : *bytes,
                                  binary != NULL ? binary_len : *len, &with, &plain, fault);
    }
    if (status == OSK_AUTH) {
        *fault = (OskFault){ .status = OSK_AUTH,
                             .part = "file",
                             .what = "this passphrase doesn't open it",
                             .next = "type it again, with care for capital letters",
                             .offset = OSK_NO_OFFSET };
    }
    osk_passphrase_wipe(&passphrase);
    osk_bytes_free(&binary);
    wipe_short(bytes, *len);
    *bytes = plain.bytes;
    *len = plain.len;
    return status;
}

OskStatus osk_identities_read(OskIdentities *list, const char *path, const char *passphrase_path,
                              size_t *out_line, OskFault *fault)
{
    uint8_t *bytes = NULL;
    size_t len = 0;
    struct stat info = { 0 };
    *out_line = 0;
    OskStatus status = read_short(path, &bytes, &len, &info, fault);
    if (status == OSK_OK && len > KEY_FILE_BYTES) {
        status = fail(fault, "is too long for a key",
                      "name the file that oilskin keygen or age-keygen made");
    }
    bool sealed = status == OSK_OK && is_sealed(bytes, len);
    if (sealed) {
        status = open_list(&bytes, &len, passphrase_path, fault);
    }
    if (status == OSK_OK) {
        status = take_lines(bytes, len, take_identity, list, out_line, fault);
    }
    wipe_short(&bytes, len);
    if (status == OSK_OK && !sealed && S_ISREG(info.st_mode) && (info.st_mode & 077) != 0) {
        fputs("oilskin: warning: other people on this machine can read ", stderr);
        osk_printable_text(stderr, path);
        fputs(": take that away with chmod 600\n", stderr);
    }
    return status;
}

void osk_identities_wipe(OskIdentities *list)
{
    osk_seal_wipe(list, sizeof(*list));
}

/* ---- faults ---- */

static const char *next_step(const OskFault *fault)
{
    bool is_copy = fault->part != NULL && strcmp(fault->part, "copy") == 0;
    bool is_file = fault->part != NULL && strcmp(fault->part, "file") == 0;
    if (is_copy) {
        return osk_host_is_taken(fault) ? "choose another name with -o FILE"
                                        : "choose another place with -o FILE";
    }
    if (fault->status == OSK_IO && is_file) {
        return "check the name, and that you may read it";
    }
    if (fault->next != NULL) {
        return fault->next;
    }
    switch (fault->status) {
    case OSK_TRUNCATED: return "get it again from where it came from: its end is missing";
    case OSK_MALFORMED:
    case OSK_AUTH: return "get it again from where it came from";
    case OSK_LIMIT: return "open it with age, if you trust who made it";
    case OSK_NO_MEMORY: return "close other programs, then run it again";
    default: return "run it again";
    }
}

int osk_say_key_fault(const char *command, const char *name, size_t line, const OskFault *fault)
{
    static const char *const wholes[] = { "", "file", "copy" };
    const char *part = fault->part == NULL ? "" : fault->part;
    bool named = true;
    for (size_t i = 0; i < sizeof(wholes) / sizeof(wholes[0]); i++) {
        named = named && strcmp(part, wholes[i]) != 0;
    }
    fflush(stdout);
    fprintf(stderr, "oilskin %s: ", command);
    if (name != NULL) {
        osk_say_name(stderr, name);
        fputs(": ", stderr);
    }
    if (line > 0) {
        fprintf(stderr, "line %zu: ", line);
    }
    fprintf(stderr, "%s%s%s%s\n", named ? "the " : "", named ? part : "", named ? " " : "",
            fault->what != NULL ? fault->what : "something went wrong");
    fprintf(stderr, "  What you can do: %s.\n", next_step(fault));
    return fault->status == OSK_MISUSE ? OSK_EXIT_USAGE : osk_exit_code(fault->status);
}
