/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/opening.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/output.h"
#include "host/random.h"
#include "oilskin/scrub.h"

/* Of a key's text, enough to tell keys of one drop apart. */
#define SHORT_LETTERS 20
#define CODE_BYTES 32u
#define MESSAGE_MAX 4096u

static OskStatus fail(OskFault *fault, const char *what)
{
    *fault =
        (OskFault){ .status = OSK_IO, .part = "opening", .what = what, .offset = OSK_NO_OFFSET };
    return OSK_IO;
}

static bool name_file(char path[PATH_MAX], const char *data, const OskRecipient *recipient,
                      const char *end)
{
    char text[OSK_RECIPIENT_TEXT_BYTES];
    osk_recipient_text(recipient, text);
    int len = snprintf(path, PATH_MAX, "%s/opening/%.*s%s", data, SHORT_LETTERS, text, end);
    return len > 0 && len < PATH_MAX;
}

static OskStatus write_file(const char *path, const void *bytes, size_t len, OskFault *fault)
{
    OskOutputOptions options = { .replace = true, .owner = (uid_t)-1, .group = (gid_t)-1 };
    return osk_output_write(path, options, bytes, len, fault);
}

/* At most MESSAGE_MAX bytes; false when it isn't there or is longer. */
static bool read_file(const char *path, uint8_t out[MESSAGE_MAX], size_t *out_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, out, MESSAGE_MAX) : -1;
    if (fd >= 0) {
        close(fd);
    }
    *out_len = got > 0 ? (size_t)got : 0;
    return got > 0 && got < (ssize_t)MESSAGE_MAX;
}

static void digest_of(const void *bytes, size_t len, uint8_t out[32])
{
    OskSha256 hash;
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, bytes, len);
    osk_sha256_end(&hash, out);
}

OskStatus osk_opening_prepare(const char *data, const OskRecipient *recipient, OskFault *fault)
{
    char folder[PATH_MAX];
    char path[PATH_MAX];
    int len = snprintf(folder, sizeof(folder), "%s/opening", data);
    if (len < 0 || len >= PATH_MAX || (mkdir(folder, 0700) != 0 && errno != EEXIST)) {
        return fail(fault, "the folder of test messages could not be made");
    }
    if (!name_file(path, data, recipient, ".want")) {
        return fail(fault, "the folder's name is too long");
    }
    if (access(path, F_OK) == 0) {
        return OSK_OK;
    }
    uint8_t code[CODE_BYTES];
    uint8_t digest[32];
    OskMemory sealed = { 0 };
    const OskRandom random = { .fill = osk_random_fill };
    const OskSealTo to = { .recipients = recipient, .count = 1, .random = &random };
    if (!osk_random_fill(NULL, code, sizeof(code))) {
        return fail(fault, "the kernel has no randomness");
    }
    OskStatus status = osk_seal_bytes(code, sizeof(code), &to, &sealed, fault);
    digest_of(code, sizeof(code), digest);
    osk_seal_wipe(code, sizeof(code));
    char message[PATH_MAX];
    if (status == OSK_OK && !name_file(message, data, recipient, ".age")) {
        status = fail(fault, "the folder's name is too long");
    }
    if (status == OSK_OK) {
        status = write_file(message, sealed.bytes, sealed.len, fault);
    }
    /* Last: with it the message counts as made. */
    if (status == OSK_OK) {
        status = write_file(path, digest, sizeof(digest), fault);
    }
    osk_bytes_free(&sealed.bytes);
    return status;
}

OskStatus osk_opening_open(const char *data, const OskIdentity *identity, OskFault *fault)
{
    char path[PATH_MAX];
    uint8_t sealed[MESSAGE_MAX];
    size_t sealed_len = 0;
    if (!name_file(path, data, &identity->recipient, ".age") ||
        !read_file(path, sealed, &sealed_len)) {
        return fail(fault, "there is no test message for this key; is it one of the drop's?");
    }
    const OskUnsealWith with = { .identities = identity, .count = 1 };
    OskMemory code = { .max = CODE_BYTES };
    OskStatus status = osk_unseal_bytes(sealed, sealed_len, &with, &code, fault);
    if (status != OSK_OK) {
        return status;
    }
    uint8_t digest[32];
    digest_of(code.bytes, code.len, digest);
    osk_seal_wipe(code.bytes, code.len);
    osk_bytes_free(&code.bytes);
    if (!name_file(path, data, &identity->recipient, ".opened")) {
        return fail(fault, "the folder's name is too long");
    }
    return write_file(path, digest, sizeof(digest), fault);
}

bool osk_opening_is_open(const char *data, const OskRecipient *recipient)
{
    char want[PATH_MAX];
    char opened[PATH_MAX];
    uint8_t wanted[MESSAGE_MAX];
    uint8_t found[MESSAGE_MAX];
    size_t wanted_len = 0;
    size_t found_len = 0;
    return name_file(want, data, recipient, ".want") &&
           name_file(opened, data, recipient, ".opened") && read_file(want, wanted, &wanted_len) &&
           read_file(opened, found, &found_len) && wanted_len == 32 && found_len == 32 &&
           osk_seal_equal(wanted, found, 32);
}
