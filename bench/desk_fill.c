/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fills the folder of a drop with what weeks of floods leave at its desk.
 * usage: desk-fill DATA SUBMISSIONS TRIAGE-RECIPIENT [unique|arriving]
 *
 * One file each: one in ten is like nothing (its pack stays), one in fifty differs from one of a
 * hundred floods, the others are copies of these. One in twenty has words that nobody has read.
 * Half of the floods are dismissed. And an entry of the audit chain for one in ten. With `unique`
 * nothing is like anything. With `arriving` all of it comes while a desk is open that nobody asks;
 * then somebody does, and how long that takes is printed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "desk/call.h"
#include "desk/member.h"
#include "desk/model.h"
#include "host/clock.h"
#include "host/random.h"
#include "oilskin/seal.h"
#include "store/store_open.h"

#define FLOODS 100u
#define REST_S 3
#define BATCH 200u
#define CHANGES_EACH 5u

static const OskRandom kernel = { .fill = osk_random_fill };

typedef struct Item {
    OskSubmissionRow submission;
    OskFileRow file;
    OskRecordRow seen;
    OskRecordRow look;
    OskRecordRow member;
    uint8_t member_bytes[OSK_MEMBER_BYTES];
    OskMemory pack;
} Item;

typedef struct Fill {
    OskStore *store;
    OskRecipient triage;
    bool is_unique;
    OskId floods[FLOODS];
    Item items[BATCH];
    OskChange changes[BATCH * CHANGES_EACH];
    size_t item_count;
    size_t change_count;
} Fill;

static uint8_t manifest[700];

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "desk-fill: %s\n", what);
        exit(1);
    }
}

static void draw(void *out, size_t len)
{
    must(osk_random_fill(NULL, out, len), "no randomness");
}

/* As long as one of a photograph, and like nothing. */
static OskMemory draw_pack(const OskRecipient *to)
{
    OskPackHash hash = { .has_forms = true };
    OskPackFrame frame = { .luma_width = 128,
                           .luma_height = 96,
                           .trim = { .width = 128, .height = 96 },
                           .feature_count = OSK_FEATURES_MAX };
    OskPack pack = { .kind = OSK_PACK_STILL,
                     .width = 4000,
                     .height = 3000,
                     .frame_count = 1,
                     .hashes = &hash,
                     .hash_count = 1,
                     .frames = &frame,
                     .key_count = 1 };
    OskMemory plain = { .max = OSK_PACK_BYTES_MAX };
    OskMemory sealed = { .max = OSK_SMALL_BLOB_BYTES };
    OskFeature features[OSK_FEATURES_MAX];
    uint8_t luma[128 * 96];
    draw(&hash.pdq, sizeof(hash.pdq));
    hash.pdq.quality = 100;
    draw(luma, sizeof(luma));
    draw(features, sizeof(features));
    for (unsigned i = 0; i < OSK_FEATURES_MAX; i++) {
        features[i].x %= OSK_FEATURE_FRAME * OSK_FEATURE_STEPS;
        features[i].y %= OSK_FEATURE_FRAME * OSK_FEATURE_STEPS * 3 / 4;
    }
    frame.luma = luma;
    frame.features = features;
    must(osk_pack_write(&pack, &plain, NULL) == OSK_OK, "no pack");
    const OskSealTo seal = { .recipients = to,
                             .count = 1,
                             .random = &kernel,
                             .padded_len = osk_seal_padded_len(plain.len) };
    must(osk_seal_bytes(plain.bytes, plain.len, &seal, &sealed, NULL) == OSK_OK, "no sealing");
    osk_bytes_free(&plain.bytes);
    return sealed;
}

static void commit(Fill *fill)
{
    OskFault fault = { 0 };
    must(osk_store_commit(fill->store, fill->changes, fill->change_count, NULL, &fault) ==
             OSK_COMMIT_OK,
         fault.what != NULL ? fault.what : "no commit");
    for (size_t i = 0; i < fill->item_count; i++) {
        osk_bytes_free(&fill->items[i].pack.bytes);
    }
    fill->item_count = 0;
    fill->change_count = 0;
}

static OskMember member_of(const Fill *fill, const OskId *file, unsigned number)
{
    const OskId *flood = &fill->floods[number % FLOODS];
    OskMember member = { .cluster = *file, .root = *file, .tier = OSK_TIER_NEW, .distance = 256 };
    if (fill->is_unique) {
        return member;
    }
    if (number >= FLOODS && number % 50 == 1) {
        member.tier = OSK_TIER_DIFFERENT;
        member.root = *flood;
        member.like = *flood;
        member.component_32 = (uint16_t)(number % 100);
    } else if (number >= FLOODS && number % 10 != 0) {
        member = (OskMember){ .cluster = *flood,
                              .root = *flood,
                              .like = *flood,
                              .tier = OSK_TIER_EXPLAINED,
                              .distance = (uint16_t)(number % 31),
                              .round = number % 2,
                              .flags = number % 64 == 0 ? OSK_MEMBER_SAMPLED : 0 };
    }
    return member;
}

static void add_change(Fill *fill, OskRowChange kind, const void *row)
{
    OskChange *change = &fill->changes[fill->change_count++];
    *change = (OskChange){ .kind = kind };
    if (kind == OSK_ROW_SUBMISSION_ADD) {
        change->row.submission = row;
    } else if (kind == OSK_ROW_FILE_ADD) {
        change->row.file = row;
    } else {
        change->row.record = row;
    }
}

static void add_item(Fill *fill, unsigned number)
{
    Item *item = &fill->items[fill->item_count++];
    *item = (Item){ .pack = { .len = 0 } };
    draw(&item->submission.id, sizeof(OskId));
    draw(&item->file.id, sizeof(OskId));
    const OskId *file = &item->file.id;
    if (number < FLOODS) {
        fill->floods[number] = *file;
    }
    const OskMember member = member_of(fill, file, number);
    osk_member_write(&member, item->member_bytes);
    if (member.tier != OSK_TIER_EXPLAINED) {
        item->pack = draw_pack(&fill->triage);
    }
    item->submission.day = osk_desk_today() - (OskDay)(number % 28);
    item->submission.file_count = 1;
    item->submission.manifest = (OskBytes){ .bytes = manifest, .len = sizeof(manifest) };
    item->file.submission = item->submission.id;
    item->seen.key = (OskRecordKey){ .space = OSK_SPACE_SEEN,
                                     .owner = item->submission.id,
                                     .id = item->submission.id };
    item->look = (OskRecordRow){
        .key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file },
        .flags = 1,
        .bytes = { .bytes = item->pack.bytes, .len = item->pack.len },
    };
    item->member = (OskRecordRow){
        .key = { .space = OSK_SPACE_MEMBER, .owner = *file, .id = *file },
        .bytes = { .bytes = item->member_bytes, .len = OSK_MEMBER_BYTES },
    };
    add_change(fill, OSK_ROW_SUBMISSION_ADD, &item->submission);
    add_change(fill, OSK_ROW_FILE_ADD, &item->file);
    if (number % 20 != 0) {
        add_change(fill, OSK_ROW_RECORD_SET, &item->seen);
    }
    add_change(fill, OSK_ROW_RECORD_SET, &item->look);
    add_change(fill, OSK_ROW_RECORD_SET, &item->member);
    if (fill->item_count == BATCH) {
        commit(fill);
    }
}

static void add_rules(Fill *fill)
{
    OskRecordRow rows[FLOODS];
    static uint8_t decided[OSK_DECIDED_BYTES];
    /* Whoever dismissed them saw all of them. */
    memset(decided, 0xff, sizeof(decided));
    for (unsigned i = 0; i < FLOODS; i += 2) {
        rows[i] = (OskRecordRow){ .key = { .space = OSK_SPACE_RULE, .id = fill->floods[i] },
                                  .day = osk_desk_today(),
                                  .bytes = { .bytes = decided, .len = sizeof(decided) } };
        add_change(fill, OSK_ROW_RECORD_SET, &rows[i]);
    }
    commit(fill);
}

static void add_audit(const Fill *fill, unsigned count)
{
    OskFault fault = { 0 };
    OskAudit *audit = NULL;
    must(osk_audit_open(&audit, fill->store, &kernel, &fault) == OSK_OK, "no audit chain");
    for (unsigned i = 0; i < count; i++) {
        const OskDeed deed = { .did = "dismiss" };
        must(osk_audit_commit(audit, &deed, NULL, 0, &fault) == OSK_OK, "no entry");
    }
    osk_audit_close(&audit);
}

/* ---- a desk that nobody asks ---- */

static void count_row(void *context, const OskModelRow *row)
{
    (void)row;
    ++*(size_t *)context;
}

static OskDesk *open_desk(Fill *fill)
{
    OskFault fault = { 0 };
    OskDesk *desk = NULL;
    const OskDeskOptions options = { .recipients = &fill->triage, .recipient_count = 1 };
    must(osk_desk_open(&desk, fill->store, &options, &fault) == OSK_OK, "no desk");
    return desk;
}

/* In the morning: what came in the last second is not in the queue either. */
static void ask(OskDesk *desk)
{
    OskFault fault = { 0 };
    size_t rows = 0;
    bool has_more = false;
    const OskModelQuery query = { .limit = 100 };
    struct timespec wait = { .tv_sec = REST_S };
    nanosleep(&wait, NULL);
    int64_t began = osk_now_ms();
    must(osk_model_page(desk->model, &query, &(OskModelEach){ count_row, &rows }, &has_more,
                        &fault) == OSK_OK,
         "no page");
    printf("first_page_after_arrivals_ms %lld\n", (long long)(osk_now_ms() - began));
}

int main(int argc, char **argv)
{
    OskFault fault = { 0 };
    const OskStoreOptions options = { .create = true };
    Fill *fill = calloc(1, sizeof(*fill));
    must((argc == 4 || argc == 5) && fill != NULL,
         "usage: desk-fill DATA SUBMISSIONS TRIAGE-RECIPIENT [unique|arriving]");
    bool is_arriving = argc == 5 && strcmp(argv[4], "arriving") == 0;
    fill->is_unique = argc == 5 && !is_arriving;
    unsigned count = (unsigned)strtoul(argv[2], NULL, 10);
    osk_seal_ready();
    must(osk_recipient_parse(&fill->triage, argv[3], strlen(argv[3]), &fault) == OSK_OK,
         "that is no recipient");
    must(osk_store_open_folder(&fill->store, argv[1], &options, &fault) == OSK_OK, "no store");
    OskDesk *desk = is_arriving ? open_desk(fill) : NULL;
    draw(manifest, sizeof(manifest));
    for (unsigned i = 0; i < count; i++) {
        add_item(fill, i);
    }
    commit(fill);
    add_rules(fill);
    if (is_arriving) {
        ask(desk);
        osk_desk_close(&desk);
    } else {
        add_audit(fill, count / 10);
    }
    osk_store_close(&fill->store);
    free(fill);
    return 0;
}
