/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/shares.h"

#include <string.h>

#include "base/fault.h"
#include "host/random.h"
#include "oilskin/seal.h"

/* As receipts and reviewers: RFC 9106's second choice. */
#define ARGON_PASSES 3u
#define ARGON_KIB (64u * 1024)
/* Others who take a view of the same link at the same moment; each round one of them gets it. */
#define ROUNDS 256u
/* A commit whose end is not known. */
#define AGAIN 4u
/* Grants of the last view live for minutes, so a day behind the day is enough. */
#define CLOSED_DAYS 1

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* ---- tokens ---- */

OskStatus osk_share_draw(char out[OSK_SHARE_TOKEN_BYTES], const OskRandom *random)
{
    uint8_t drawn[OSK_SHARE_TOKEN_LETTERS];
    memset(out, 0, OSK_SHARE_TOKEN_BYTES);
    if (!random->fill(random->context, drawn, sizeof(drawn))) {
        return OSK_IO;
    }
    for (size_t i = 0; i < sizeof(drawn); i++) {
        out[i] = letters[drawn[i] % 64];
    }
    osk_seal_wipe(drawn, sizeof(drawn));
    return OSK_OK;
}

bool osk_share_id(const char *token, size_t len, OskId *out)
{
    uint8_t digest[32];
    OskSha256 hash;
    if (len != OSK_SHARE_TOKEN_LETTERS || strspn(token, letters) < len) {
        return false;
    }
    osk_sha256_begin(&hash);
    osk_sha256_add(&hash, token, len);
    osk_sha256_end(&hash, digest);
    memcpy(out, digest, sizeof(*out));
    return true;
}

bool osk_share_address_id(const char *address, OskId *out)
{
    static const char space[] = " \t\r\n";
    const char *at = address + strspn(address, space);
    size_t len = strcspn(at, " \t\r\n#?");
    const char *end = at + len;
    if (end[strspn(end, space)] != 0 && *end != '#' && *end != '?') {
        return false;
    }
    if (len > 0 && at[len - 1] == '/') {
        len--;
    }
    const char *slash = memrchr(at, '/', len);
    if (slash != NULL) {
        len -= (size_t)(slash + 1 - at);
        at = slash + 1;
    }
    return osk_share_id(at, len, out);
}

OskShareState osk_share_state(const OskShareFound *found, OskDay today)
{
    const OskShare *share = &found->share;
    if ((found->row.flags & OSK_SHARE_ENDED) != 0) {
        return OSK_SHARE_IS_ENDED;
    }
    OskClock clock = osk_clock_of(&found->believed, today);
    OskTerm term =
        share->expires == 0 ? OSK_TERM_RUNS : osk_clock_term(clock, share->expires, today);
    return term == OSK_TERM_IS_OVER      ? OSK_SHARE_IS_EXPIRED
           : share->views == 0           ? OSK_SHARE_IS_USED
           : term == OSK_TERM_IS_DOUBTED ? OSK_SHARE_IS_DOUBTED
                                         : OSK_SHARE_IS_OPEN;
}

bool osk_share_opens(const OskShareFound *found, const OskShareVisit *visit)
{
    return (found->row.flags & visit->kind) != 0 &&
           osk_share_state(found, visit->today) == OSK_SHARE_IS_OPEN;
}

bool osk_share_is_doubted(const OskShareFound *found, const OskShareVisit *visit)
{
    return (found->row.flags & visit->kind) != 0 &&
           osk_share_state(found, visit->today) == OSK_SHARE_IS_DOUBTED;
}

/* ---- passphrases ---- */

static bool derive(const OskShare *share, const char *passphrase,
                   uint8_t out[OSK_SHARE_VERIFIER_BYTES])
{
    const OskArgon2 of = { .secret = passphrase,
                           .secret_len = strlen(passphrase),
                           .salt = share->salt,
                           .passes = ARGON_PASSES,
                           .memory_kib = ARGON_KIB };
    return osk_seal_argon2id(&of, out, OSK_SHARE_VERIFIER_BYTES) == OSK_OK;
}

OskStatus osk_share_set_passphrase(OskShare *share, const char *passphrase, const OskRandom *random)
{
    size_t len = strnlen(passphrase, OSK_SHARE_PASSPHRASE_MAX + 1);
    if (len < OSK_SHARE_PASSPHRASE_MIN || len > OSK_SHARE_PASSPHRASE_MAX) {
        return OSK_MISUSE;
    }
    if (!random->fill(random->context, share->salt, sizeof(share->salt))) {
        return OSK_IO;
    }
    share->has_passphrase = derive(share, passphrase, share->verifier);
    return share->has_passphrase ? OSK_OK : OSK_NO_MEMORY;
}

bool osk_share_knows(const OskShare *share, const char *passphrase)
{
    uint8_t verifier[OSK_SHARE_VERIFIER_BYTES];
    if (!share->has_passphrase) {
        return true;
    }
    if (strnlen(passphrase, OSK_SHARE_PASSPHRASE_MAX + 1) > OSK_SHARE_PASSPHRASE_MAX) {
        return false;
    }
    bool knows = derive(share, passphrase, verifier) &&
                 osk_seal_equal(verifier, share->verifier, sizeof(verifier));
    osk_seal_wipe(verifier, sizeof(verifier));
    return knows;
}

/* ---- rows ---- */

bool osk_share_find(OskStore *store, const OskId *id, OskShareFound *out, OskFault *fault)
{
    const OskRecordKey key = { .space = OSK_SPACE_SHARE, .id = *id };
    if (osk_clock_believed(store, &out->believed, fault) != OSK_OK ||
        !osk_store_record(store, &key, &out->row, fault)) {
        return false;
    }
    bool is_readable = osk_share_read(&out->share, &out->row.bytes);
    osk_bytes_clear(&out->row.bytes);
    if (!is_readable) {
        (void)osk_fault_set(fault, OSK_MALFORMED, "share", "a link's row is unreadable",
                            OSK_NO_OFFSET);
    }
    return is_readable;
}

/* Of one that was found: OK, FOUND when it is not as it was read, or what went wrong. */
static OskStatus store_row(OskStore *store, const OskShareFound *found, OskFault *fault)
{
    OskId once;
    OskRecordRow row = found->row;
    OskCommit commit = OSK_COMMIT_UNKNOWN;
    if (!osk_random_fill(NULL, &once, sizeof(once))) {
        return osk_fault_set(fault, OSK_IO, "", "the kernel has no randomness", OSK_NO_OFFSET);
    }
    OskStatus status = osk_share_write(&found->share, &row.bytes);
    if (status != OSK_OK) {
        return osk_fault_set(fault, status, "", "out of memory", OSK_NO_OFFSET);
    }
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = row.version };
    for (unsigned i = 0; commit == OSK_COMMIT_UNKNOWN && i < AGAIN; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        commit = osk_store_commit(store, &change, 1, &once, fault);
    }
    osk_bytes_clear(&row.bytes);
    if (commit == OSK_COMMIT_OK) {
        return OSK_OK;
    }
    return commit == OSK_COMMIT_CONFLICT && fault->status != OSK_OK ? fault->status : OSK_IO;
}

OskStatus osk_share_spend(OskStore *store, const OskShareVisit *visit, OskShareFound *out,
                          OskFault *fault)
{
    OskStatus status = OSK_FOUND;
    for (unsigned i = 0; status == OSK_FOUND && i < ROUNDS; i++) {
        *fault = (OskFault){ .status = OSK_OK };
        bool is_there = osk_share_find(store, &visit->id, out, fault);
        if (!is_there && fault->status != OSK_OK) {
            return fault->status == OSK_NO_MEMORY ? OSK_NO_MEMORY : OSK_IO;
        }
        if (!is_there || !osk_share_opens(out, visit)) {
            return osk_fault_set(fault, OSK_FOUND, "share", "it opens nothing", OSK_NO_OFFSET);
        }
        if (out->share.views == OSK_SHARE_VIEWS_ANY) {
            return OSK_OK;
        }
        out->share.views--;
        out->row.day = out->share.views == 0 ? visit->today : out->row.day;
        status = store_row(store, out, fault);
    }
    return status == OSK_FOUND ? OSK_IO : status;
}

OskStatus osk_share_end(const OskShareFound *found, OskDay today, OskRecordRow *out)
{
    *out = found->row;
    out->flags |= OSK_SHARE_ENDED;
    out->day = today;
    out->blob = (OskId){ .bytes = { 0 } };
    out->sealed_len = 0;
    return osk_share_write(&found->share, &out->bytes);
}

/* ---- what is over ---- */

/* What it leads to is gone for good. */
static bool leads_nowhere(OskStore *store, const OskShare *share, OskFault *fault)
{
    OskRecordRow row;
    const OskRecordKey key = { .space = OSK_SPACE_PUBLICATION, .id = share->publication };
    if (!osk_store_record(store, &key, &row, fault)) {
        return fault->status == OSK_OK;
    }
    bool is_gone = row.flags == OSK_PUBLICATION_WITHDRAWN;
    osk_record_row_free(&row);
    return is_gone;
}

bool osk_share_is_over(OskStore *store, const OskId *id, OskDay today, OskFault *fault)
{
    OskShareFound found;
    if (!osk_share_find(store, id, &found, fault)) {
        return false;
    }
    OskShareState state = osk_share_state(&found, today);
    return state == OSK_SHARE_IS_EXPIRED ||
           (state != OSK_SHARE_IS_OPEN && state != OSK_SHARE_IS_DOUBTED &&
            today - found.row.day > CLOSED_DAYS) ||
           ((found.row.flags & OSK_SHARE_CHECKED) != 0 &&
            leads_nowhere(store, &found.share, fault));
}
