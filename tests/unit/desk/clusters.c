/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is folded, what comes back, and what is never hidden. */
#include "rig.h"

#include <stdio.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/call.h"
#include "desk/hex.h"
#include "desk/member.h"
#include "desk/model.h"

/* Of the row whose cluster this is. */
static bool is_row(const OskId *id)
{
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char sought[64];
    osk_hex_write(id, sizeof(*id), text);
    snprintf(sought, sizeof(sought), "\"cluster\":\"%s\"", text);
    return strstr(got.body, sought) != NULL;
}

static void set_record(OskSpace space, const OskId *owner, const OskId *id, OskRecordRow *row)
{
    OskFault fault = { 0 };
    OskRecordRow now;
    row->key = (OskRecordKey){ .space = space, .owner = *owner, .id = *id };
    bool is_there = osk_store_record(rig.store, &row->key, &now, &fault);
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = row,
                               .expected = is_there ? now.version : 0 };
    assert_int_equal(osk_store_commit(rig.store, &change, 1, NULL, &fault), OSK_COMMIT_OK);
    if (is_there) {
        osk_record_row_free(&now);
    }
}

static void fold(const OskId *file, OskMember member)
{
    uint8_t bytes[OSK_MEMBER_BYTES];
    osk_member_write(&member, bytes);
    OskRecordRow row = { .bytes = { .bytes = bytes, .len = sizeof(bytes) } };
    set_record(OSK_SPACE_MEMBER, file, file, &row);
}

static void fold_new(const OskId *file)
{
    fold(file, (OskMember){ .cluster = *file, .root = *file, .tier = OSK_TIER_NEW });
}

/* @param round what the rule that caught it had come to; 0: none was there. */
static void fold_under(const OskId *file, const OskId *cluster, uint32_t round, uint8_t flags)
{
    fold(file, (OskMember){ .cluster = *cluster,
                            .root = *cluster,
                            .like = *cluster,
                            .tier = OSK_TIER_EXPLAINED,
                            .round = round,
                            .flags = flags });
}

static void fold_different(const OskId *file, const OskId *root, uint8_t flags)
{
    fold(file, (OskMember){ .cluster = *file,
                            .root = *root,
                            .like = *root,
                            .tier = OSK_TIER_DIFFERENT,
                            .component_32 = 50,
                            .box = { 100, 200, 300, 400 },
                            .flags = flags });
}

static void queue__shows_one_row_for_all_copies(void **state)
{
    (void)state;
    Sent first = rig_send(3, 1, false);
    fold_new(&first.files[0]);
    for (int i = 0; i < 5; i++) {
        Sent copy = rig_send(0, 1, false);
        fold_under(&copy.files[0], &first.files[0], 0, 0);
    }
    Sent twice = rig_send(1, 2, false);
    fold_under(&twice.files[0], &first.files[0], 0, 0);
    fold_under(&twice.files[1], &first.files[0], 0, 0);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"cluster\":"), 1);
    assert_true(is_row(&first.files[0]));
    assert_int_equal(rig_whole("count"), 8);
    assert_int_equal(rig_whole("submissions"), 7);
    assert_int_equal(rig_whole("new"), 1);
    assert_int_equal(rig_count("\"tier\":\"new\""), 1);
}

static void queue__puts_what_is_most_novel_first(void **state)
{
    (void)state;
    Sent flood = rig_send(0, 1, false);
    Sent different = rig_send(0, 1, false);
    /* As a flood is that comes faster than looks. */
    Sent unlooked = rig_send(0, 1, false);
    Sent larger = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    fold_different(&different.files[0], &flood.files[0], 0);
    fold_different(&larger.files[0], &flood.files[0], OSK_MEMBER_STANDS_FOR);
    rig_get(&rig_anna, "/api/queue");
    const OskId *order[] = { &flood.files[0], &unlooked.files[0], &different.files[0],
                             &larger.files[0] };
    const char *at = got.body;
    for (unsigned i = 0; i < 4; i++) {
        char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
        char sought[64];
        osk_hex_write(order[i], sizeof(OskId), text);
        snprintf(sought, sizeof(sought), "\"cluster\":\"%s\"", text);
        at = strstr(at, sought);
        assert_non_null(at);
    }
}

static void queue__what_differs_is_never_hidden(void **state)
{
    (void)state;
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char address[128];
    Sent flood = rig_send(0, 1, false);
    Sent different = rig_send(0, 1, false);
    Sent other = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    fold_different(&different.files[0], &flood.files[0], 0);
    fold_new(&other.files[0]);
    rig_act(&rig_anna, "dismiss", "clusters", &flood.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&different.files[0]) && !is_row(&flood.files[0]));
    assert_int_equal(rig_count("\"box\":{\"left\":100,\"top\":200,\"width\":300,\"height\":400}"),
                     1);
    osk_hex_write(&flood.files[0], sizeof(OskId), text);
    snprintf(address, sizeof(address), "/api/queue?view=differences&root=%s", text);
    rig_get(&rig_anna, address);
    assert_true(is_row(&different.files[0]) && !is_row(&other.files[0]));
    rig_get(&rig_anna, "/api/queue?view=dismissed");
    assert_true(is_row(&flood.files[0]));
    assert_int_equal(rig_whole("differences"), 1);
    /* What a copy of the difference is, is said by it alone. */
    rig_act(&rig_anna, "dismiss", "clusters", &different.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&different.files[0]));
}

static void queue__a_copy_leaves_with_its_rule_and_comes_back_with_it(void **state)
{
    (void)state;
    char operation[64];
    char body[128];
    Sent flood = rig_send(0, 1, false);
    Sent copy = rig_send(0, 1, true);
    Sent mixed = rig_send(0, 2, false);
    fold_new(&flood.files[0]);
    fold_under(&copy.files[0], &flood.files[0], 0, 0);
    fold_under(&mixed.files[0], &flood.files[0], 0, 0);
    fold_new(&mixed.files[1]);
    rig_act(&rig_anna, "dismiss", "clusters", &flood.files[0]);
    snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
    rig_get(&rig_anna, "/api/queue");
    /* Words keep a submission, and so does another file. */
    assert_false(rig_shows(&flood.submission));
    assert_true(rig_shows(&copy.submission));
    assert_int_equal(rig_count("\"kind\":\"words\""), 1);
    assert_true(is_row(&mixed.files[1]));
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char address[128];
    osk_hex_write(&mixed.submission, sizeof(OskId), text);
    snprintf(address, sizeof(address), "/api/submissions/%s", text);
    rig_get(&rig_anna, address);
    assert_int_equal(rig_count("\"done\":false"), 1);
    osk_hex_write(&flood.submission, sizeof(OskId), text);
    snprintf(address, sizeof(address), "/api/submissions/%s", text);
    rig_get(&rig_anna, address);
    assert_int_equal(rig_count("\"done\":true"), 1);
    snprintf(body, sizeof(body), "{\"operation\":\"%s\"}", operation);
    rig_post(&rig_anna, "/api/undo", body);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&flood.files[0]));
    assert_int_equal(rig_whole("new"), 3);
}

static void rule__counts_what_it_catches_and_shows_what_chance_has_chosen(void **state)
{
    (void)state;
    char operation[64];
    char body[128];
    Sent flood = rig_send(0, 1, false);
    Sent before = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    fold_under(&before.files[0], &flood.files[0], 0, OSK_MEMBER_SAMPLED);
    rig_act(&rig_anna, "dismiss", "clusters", &flood.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&flood.files[0]));
    for (int i = 0; i < 3; i++) {
        Sent caught = rig_send(0, 1, false);
        fold_under(&caught.files[0], &flood.files[0], 1, i == 1 ? OSK_MEMBER_SAMPLED : 0);
    }
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&flood.files[0]));
    assert_int_equal(rig_count("\"why\":\"sample\""), 1);
    assert_int_equal(rig_whole("catches"), 3);
    assert_int_equal(rig_whole("samples"), 1);
    rig_act(&rig_anna, "confirm", "clusters", &flood.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&flood.files[0]));
    /* Undone, it is to be looked at again. */
    snprintf(body, sizeof(body), "{\"operation\":\"%s\"}", operation);
    rig_post(&rig_anna, "/api/undo", body);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"why\":\"sample\""), 1);
    /* What was never dismissed can't be confirmed. */
    rig_act(&rig_anna, "confirm", "clusters", &before.files[0]);
    assert_int_equal(rig_whole("changed"), 0);
}

static void rule__is_asked_again_after_thirty_days(void **state)
{
    (void)state;
    Sent old = rig_send(40, 1, false);
    Sent young = rig_send(40, 1, false);
    static const OskId zeros;
    uint8_t decided[OSK_DECIDED_BYTES] = { [OSK_DECIDED_BYTES - 8] = 1 };
    const OskBytes bytes = { .bytes = decided, .len = sizeof(decided) };
    OskRecordRow row = { .day = osk_desk_today() - OSK_RULE_DAYS, .bytes = bytes };
    set_record(OSK_SPACE_RULE, &zeros, &old.files[0], &row);
    row = (OskRecordRow){ .day = osk_desk_today() - OSK_RULE_DAYS + 1, .bytes = bytes };
    set_record(OSK_SPACE_RULE, &zeros, &young.files[0], &row);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&old.files[0]) && !is_row(&young.files[0]));
    assert_int_equal(rig_count("\"why\":\"again\""), 1);
    rig_act(&rig_anna, "confirm", "clusters", &old.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&old.files[0]));
    rig_get(&rig_anna, "/api/queue?view=dismissed");
    assert_true(is_row(&old.files[0]) && is_row(&young.files[0]));
}

/* The page was drawn, then more came; or it was being folded while the rule was written. */
static void rule__asks_again_for_what_came_before_it_and_was_not_seen(void **state)
{
    (void)state;
    Sent flood = rig_send(0, 1, false);
    Sent between = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    const RigSeen shown = rig_seen("clusters", &flood.files[0]);
    fold_under(&between.files[0], &flood.files[0], 0, 0);
    rig_act_on(&rig_anna, "dismiss", "clusters", &flood.files[0], &shown);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&flood.files[0]));
    assert_int_equal(rig_count("\"why\":\"again\""), 1);
    assert_int_equal(rig_whole("catches"), 1);
    rig_act(&rig_anna, "confirm", "clusters", &flood.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&flood.files[0]));
    Sent racing = rig_send(0, 1, false);
    fold_under(&racing.files[0], &flood.files[0], 0, 0);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"why\":\"again\""), 1);
    assert_int_equal(rig_whole("catches"), 1);
}

static void rule__is_not_confirmed_for_samples_that_came_since(void **state)
{
    (void)state;
    Sent flood = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    rig_act(&rig_anna, "dismiss", "clusters", &flood.files[0]);
    Sent first = rig_send(0, 1, false);
    fold_under(&first.files[0], &flood.files[0], 1, OSK_MEMBER_SAMPLED);
    const RigSeen shown = rig_seen("clusters", &flood.files[0]);
    Sent second = rig_send(0, 1, false);
    fold_under(&second.files[0], &flood.files[0], 1, OSK_MEMBER_SAMPLED);
    rig_act_on(&rig_anna, "confirm", "clusters", &flood.files[0], &shown);
    assert_int_equal(rig_whole("changed"), 0);
    assert_int_equal(rig_whole("skipped"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_whole("samples"), 2);
}

/* A fold reads the rule, the rule is confirmed, and then the fold is stored: what it chose belongs
 * to a round that nobody looks at any more. */
static void rule__shows_samples_that_are_stored_while_it_is_confirmed(void **state)
{
    (void)state;
    Sent flood = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    rig_act(&rig_anna, "dismiss", "clusters", &flood.files[0]);
    Sent first = rig_send(0, 1, false);
    fold_under(&first.files[0], &flood.files[0], 1, OSK_MEMBER_SAMPLED);
    rig_act(&rig_anna, "confirm", "clusters", &flood.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&flood.files[0]));
    Sent late = rig_send(0, 1, false);
    fold_under(&late.files[0], &flood.files[0], 1, OSK_MEMBER_SAMPLED);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&flood.files[0]));
    assert_int_equal(rig_count("\"why\":\"sample\""), 1);
    assert_int_equal(rig_whole("samples"), 1);
    rig_act(&rig_anna, "confirm", "clusters", &flood.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&flood.files[0]));
    Sent next = rig_send(0, 1, false);
    fold_under(&next.files[0], &flood.files[0], 3, OSK_MEMBER_SAMPLED);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_whole("samples"), 1);
}

static void rule__that_is_put_back_asks_for_what_came_meanwhile(void **state)
{
    (void)state;
    char operation[64];
    Sent flood = rig_send(0, 1, false);
    fold_new(&flood.files[0]);
    rig_act(&rig_anna, "dismiss", "clusters", &flood.files[0]);
    rig_act(&rig_anna, "withdraw-rule", "clusters", &flood.files[0]);
    snprintf(operation, sizeof(operation), "%s", rig_text("operation"));
    for (int i = 0; i < 3; i++) {
        Sent meanwhile = rig_send(0, 1, false);
        fold_under(&meanwhile.files[0], &flood.files[0], 0, 0);
    }
    rig_undo(&rig_anna, operation);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&flood.files[0]));
    assert_int_equal(rig_count("\"why\":\"again\""), 1);
    assert_int_equal(rig_whole("catches"), 3);
}

static void check_grown(const char *deed, const char *answer, const char *view)
{
    char address[64];
    Sent first = rig_send(0, 1, false);
    fold_new(&first.files[0]);
    rig_act(&rig_anna, deed, "clusters", &first.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&first.files[0]));
    Sent copy = rig_send(0, 1, false);
    fold_under(&copy.files[0], &first.files[0], 0, 0);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&first.files[0]));
    assert_int_equal(rig_count("\"why\":\"again\""), 1);
    assert_int_equal(rig_whole("catches"), 1);
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char submission[128];
    osk_hex_write(&copy.submission, sizeof(OskId), text);
    snprintf(submission, sizeof(submission), "/api/submissions/%s", text);
    rig_get(&rig_anna, submission);
    assert_int_equal(rig_count("\"done\":false"), 1);
    snprintf(address, sizeof(address), "/api/queue?view=%s", view);
    rig_get(&rig_anna, address);
    assert_true(is_row(&first.files[0]));
    rig_act(&rig_anna, answer, "clusters", &first.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_false(is_row(&first.files[0]));
    rig_get(&rig_anna, address);
    assert_true(is_row(&first.files[0]));
    rig_get(&rig_anna, submission);
    assert_int_equal(rig_count("\"done\":true"), 1);
}

static void cluster__that_was_kept_or_flagged_shows_that_it_grew(void **state)
{
    (void)state;
    check_grown("keep", "confirm", "kept");
    check_grown("keep", "keep", "kept");
    check_grown("flag", "confirm", "flagged");
}

static void cluster__members_are_paged_with_what_is_to_be_shown_first(void **state)
{
    (void)state;
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char address[160];
    Sent flood = rig_send(0, 1, false);
    Sent far = { .count = 0 };
    Sent sampled = { .count = 0 };
    fold_new(&flood.files[0]);
    for (int i = 0; i < 150; i++) {
        Sent copy = rig_send(0, 1, false);
        far = i == 70 ? copy : far;
        sampled = i == 90 ? copy : sampled;
        fold(&copy.files[0], (OskMember){ .cluster = flood.files[0],
                                          .root = flood.files[0],
                                          .tier = OSK_TIER_EXPLAINED,
                                          .flags = i == 90 ? OSK_MEMBER_SAMPLED : 0,
                                          .component_32 = i == 70 ? 3 : 1 });
    }
    osk_hex_write(&flood.files[0], sizeof(OskId), text);
    snprintf(address, sizeof(address), "/api/clusters/%s", text);
    rig_get(&rig_anna, address);
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("count"), 151);
    assert_int_equal(rig_count("\"tier\":\"first\""), 1);
    assert_int_equal(rig_count("\"distance\":"), 100);
    const char *members = strstr(got.body, "\"members\"");
    osk_hex_write(&far.files[0], sizeof(OskId), text);
    const char *farthest = strstr(members, text);
    osk_hex_write(&sampled.files[0], sizeof(OskId), text);
    const char *sample = strstr(members, text);
    assert_non_null(farthest);
    assert_non_null(sample);
    assert_true(farthest < sample && sample - members < 1500);
    size_t len = strlen(address);
    snprintf(address + len, sizeof(address) - len, "?after=%s", rig_text("next"));
    rig_get(&rig_anna, address);
    assert_int_equal(rig_count("\"distance\":"), 51);
    assert_string_equal(rig_text("next"), "");
    /* A copy is no cluster. */
    osk_hex_write(&far.files[0], sizeof(OskId), text);
    snprintf(address, sizeof(address), "/api/clusters/%s", text);
    rig_get(&rig_anna, address);
    assert_int_equal(got.status, 404);
}

static void cluster__what_has_more_is_offered_in_its_place(void **state)
{
    (void)state;
    Sent first = rig_send(0, 1, false);
    Sent larger = rig_send(0, 2, false);
    fold_new(&first.files[0]);
    fold_different(&larger.files[1], &first.files[0], OSK_MEMBER_STANDS_FOR);
    char file[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char submission[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char sought[160];
    rig_get(&rig_anna, "/api/queue");
    osk_hex_write(&larger.files[1], sizeof(OskId), file);
    osk_hex_write(&larger.submission, sizeof(OskId), submission);
    snprintf(sought, sizeof(sought),
             "\"better\":{\"file\":\"%s\",\"submission\":\"%s\",\"number\":1}", file, submission);
    assert_int_equal(rig_count(sought), 1);
}

static void cluster__outlives_its_representative(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    Sent first = rig_send(0, 1, false);
    Sent copy = rig_send(0, 1, false);
    fold_new(&first.files[0]);
    fold_under(&copy.files[0], &first.files[0], 0, 0);
    const OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = first.submission };
    assert_int_equal(osk_store_commit(rig.store, &drop, 1, NULL, &fault), OSK_COMMIT_OK);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&first.files[0]) && rig_shows(&copy.files[0]));
    rig_act(&rig_anna, "dismiss", "clusters", &first.files[0]);
    assert_int_equal(rig_whole("changed"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_false(rig_shows(&copy.files[0]));
}

/* Somebody flags a file, then it turns out to be a copy: the flag is not lost in a cluster. */
static void cluster__what_was_decided_of_a_file_stays_a_row(void **state)
{
    (void)state;
    Sent first = rig_send(0, 1, false);
    Sent flagged = rig_send(0, 1, false);
    fold_new(&first.files[0]);
    rig_act(&rig_anna, "flag", "clusters", &flagged.files[0]);
    fold_under(&flagged.files[0], &first.files[0], 0, 0);
    rig_act(&rig_anna, "dismiss", "clusters", &first.files[0]);
    rig_get(&rig_anna, "/api/queue?view=flagged");
    assert_true(is_row(&flagged.files[0]));
    rig_act(&rig_anna, "unflag", "clusters", &flagged.files[0]);
    rig_get(&rig_anna, "/api/queue?view=all");
    assert_false(is_row(&flagged.files[0]));
}

static void member__that_can_not_be_read_folds_nothing(void **state)
{
    (void)state;
    Sent first = rig_send(0, 1, false);
    Sent copy = rig_send(0, 1, false);
    uint8_t bytes[OSK_MEMBER_BYTES];
    const OskMember member = { .cluster = first.files[0], .tier = OSK_TIER_EXPLAINED };
    fold_new(&first.files[0]);
    osk_member_write(&member, bytes);
    OskRecordRow row = { .bytes = { .bytes = bytes, .len = sizeof(bytes) - 1 } };
    set_record(OSK_SPACE_MEMBER, &copy.files[0], &copy.files[0], &row);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&copy.files[0]));
    bytes[0] = 2;
    row = (OskRecordRow){ .bytes = { .bytes = bytes, .len = sizeof(bytes) } };
    set_record(OSK_SPACE_MEMBER, &copy.files[0], &copy.files[0], &row);
    rig_get(&rig_anna, "/api/queue");
    assert_true(is_row(&copy.files[0]));
}

typedef struct Shown {
    const Sent *late;
    const OskId *cluster;
    uint32_t count;
    uint32_t members;
} Shown;

static void fold_meanwhile(void *context, const OskModelRow *row)
{
    Shown *shown = context;
    shown->count = row->count;
    fold_under(&shown->late->files[0], shown->cluster, 0, 0);
}

static void count_member(void *context, const OskModelRow *row)
{
    Shown *shown = context;
    (void)row;
    shown->members++;
}

/* Else a page says that there are two, and gives three; or leaves one out between two pages. */
static void cluster__members_are_of_the_moment_of_their_row(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    Sent first = rig_send(2, 1, false);
    Sent copy = rig_send(1, 1, false);
    Sent late = rig_send(0, 1, false);
    fold_new(&first.files[0]);
    fold_under(&copy.files[0], &first.files[0], 0, 0);
    Shown shown = { .late = &late, .cluster = &first.files[0] };
    const OskModelShowing showing = {
        .row = fold_meanwhile, .member = count_member, .context = &shown, .limit = 10
    };
    assert_true(osk_model_show(rig.desk->model, &first.files[0], &showing, &fault));
    assert_int_equal(shown.count, 2);
    assert_int_equal(shown.members, 2);
    shown.members = 0;
    assert_true(osk_model_show(rig.desk->model, &first.files[0], &showing, &fault));
    assert_int_equal(shown.count, 3);
    assert_int_equal(shown.members, 3);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(queue__shows_one_row_for_all_copies),
        TEST(queue__puts_what_is_most_novel_first),
        TEST(queue__what_differs_is_never_hidden),
        TEST(queue__a_copy_leaves_with_its_rule_and_comes_back_with_it),
        TEST(rule__counts_what_it_catches_and_shows_what_chance_has_chosen),
        TEST(rule__is_asked_again_after_thirty_days),
        TEST(rule__asks_again_for_what_came_before_it_and_was_not_seen),
        TEST(rule__is_not_confirmed_for_samples_that_came_since),
        TEST(rule__shows_samples_that_are_stored_while_it_is_confirmed),
        TEST(rule__that_is_put_back_asks_for_what_came_meanwhile),
        TEST(cluster__that_was_kept_or_flagged_shows_that_it_grew),
        TEST(cluster__members_are_paged_with_what_is_to_be_shown_first),
        TEST(cluster__what_has_more_is_offered_in_its_place),
        TEST(cluster__outlives_its_representative),
        TEST(cluster__what_was_decided_of_a_file_stays_a_row),
        TEST(member__that_can_not_be_read_folds_nothing),
        TEST(cluster__members_are_of_the_moment_of_their_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
