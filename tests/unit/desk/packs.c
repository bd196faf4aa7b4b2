/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `triage = desk`: the server hands out sealed packs, and believes of what comes back only what can
 * be so. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/hex.h"
#include "oilskin/fingerprint.h"
#include "packed.h"

/* What is said of a file. */
typedef struct Said {
    unsigned covered;
    unsigned component_16;
    unsigned component_32;
    unsigned frames;
    unsigned key_frames;
} Said;

/* @param like NULL: none. */
static void post_said(const OskId *file, const char *tier, const OskId *like, const Said *said)
{
    char one[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char other[OSK_HEX_BYTES(OSK_ID_BYTES) + 2] = "null";
    char body[1024];
    rig_id_text(file, one);
    if (like != NULL) {
        other[0] = '"';
        rig_id_text(like, other + 1);
        other[33] = '"';
        other[34] = 0;
    }
    snprintf(body, sizeof(body),
             "{\"folds\":[{\"file\":\"%s\",\"tier\":\"%s\",\"like\":%s,\"stands_for\":false,"
             "\"distance\":4,\"inliers\":20,\"covered\":%u,\"component_16\":%u,"
             "\"component_32\":%u,\"box\":[1,2,3,4],\"frames\":%u,\"key_frames\":%u}]}",
             one, tier, other, said->covered, said->component_16, said->component_32, said->frames,
             said->key_frames);
    rig_post(&rig_anna, "/api/folds", body);
}

/* Of a still. */
static void post_fold(const OskId *file, const char *tier, const OskId *like, unsigned component)
{
    const Said said = { .covered = 990, .component_16 = 1, .component_32 = component };
    post_said(file, tier, like, &said);
}

static void packs__are_given_sealed_with_what_became_of_them(void **state)
{
    (void)state;
    Sent first = packed_send(100, 0);
    Sent copy = packed_send(100, 1);
    Sent without = rig_send(0, 1, false);
    rig_get(&rig_anna, "/api/packs");
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_count("\"state\":\"waiting\""), 2);
    /* "age-encryption.org/v1" */
    assert_int_equal(rig_count("\"pack\":\"YWdlLWVuY3J5cHRpb24ub3JnL3Yx"), 2);
    assert_true(rig_shows(&first.files[0]) && rig_shows(&copy.files[0]) &&
                !rig_shows(&without.files[0]));
    post_fold(&first.files[0], "new", NULL, 0);
    assert_int_equal(got.status, 200);
    assert_int_equal(rig_whole("folded"), 1);
    post_fold(&copy.files[0], "explained", &first.files[0], 0);
    assert_int_equal(rig_whole("folded"), 1);
    assert_int_equal(packed_len(&copy.files[0]), 0);
    assert_true(packed_len(&first.files[0]) > 0);
    rig_get(&rig_anna, "/api/packs");
    assert_int_equal(rig_count("\"state\":\"representative\""), 1);
    assert_false(rig_shows(&copy.files[0]));
    rig_get(&rig_anna, "/api/packs?waiting=1");
    assert_int_equal(rig_count("\"pack\":"), 0);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"count\":2"), 1);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"fold\\\""), 2);
}

static void packs__come_in_pages_each_once(void **state)
{
    (void)state;
    static Sent sent[90];
    static unsigned seen[90];
    char address[128] = "/api/packs";
    unsigned pages = 0;
    OskMemory bytes = packed_bytes(1, 0, 0);
    memset(seen, 0, sizeof(seen));
    bytes.len = 3000; /* a short one: what is in it, the server can't see */
    for (int i = 0; i < 90; i++) {
        sent[i] = rig_send(0, 1, false);
        packed_look(&sent[i].files[0], &bytes, &rig.triage.recipient);
    }
    osk_bytes_free(&bytes.bytes);
    do {
        rig_get(&rig_anna, address);
        assert_int_equal(got.status, 200);
        for (int i = 0; i < 90; i++) {
            char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
            char sought[64];
            rig_id_text(&sent[i].files[0], text);
            snprintf(sought, sizeof(sought), "\"file\":\"%s\"", text);
            seen[i] += (unsigned)rig_count(sought);
        }
        snprintf(address, sizeof(address), "/api/packs?after=%s", rig_text("next"));
        pages++;
    } while (rig_text("next")[0] != 0);
    assert_int_equal(pages, 2);
    for (int i = 0; i < 90; i++) {
        assert_int_equal(seen[i], 1);
    }
}

static void folds__under_what_represents_nothing_change_nothing(void **state)
{
    (void)state;
    Sent first = packed_send(100, 0);
    Sent copy = packed_send(100, 1);
    Sent third = packed_send(100, 2);
    Sent without = rig_send(0, 1, false);
    /* Under what was not folded, under a copy, without a pack, twice, under itself. */
    post_fold(&copy.files[0], "explained", &first.files[0], 0);
    assert_int_equal(rig_whole("folded"), 0);
    post_fold(&first.files[0], "new", NULL, 0);
    post_fold(&copy.files[0], "explained", &first.files[0], 0);
    post_fold(&third.files[0], "explained", &copy.files[0], 0);
    assert_int_equal(rig_whole("folded"), 0);
    assert_int_equal(rig_whole("skipped"), 1);
    post_fold(&without.files[0], "explained", &first.files[0], 0);
    assert_int_equal(rig_whole("folded"), 0);
    post_fold(&copy.files[0], "new", NULL, 0);
    assert_int_equal(rig_whole("folded"), 0);
    post_fold(&third.files[0], "explained", &third.files[0], 0);
    assert_int_equal(rig_whole("folded"), 0);
    post_fold(&third.files[0], "different", &first.files[0], 30);
    assert_int_equal(rig_whole("folded"), 1);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"tier\":\"different\""), 1);
    assert_int_equal(rig_whole("new"), 3);
}

static void folds__that_are_none_are_refused(void **state)
{
    (void)state;
    Sent sent = packed_send(100, 0);
    post_fold(&sent.files[0], "folded", NULL, 0);
    assert_int_equal(got.status, 400);
    post_fold(&sent.files[0], "explained", NULL, 0);
    assert_int_equal(got.status, 400);
    post_fold(&sent.files[0], "new", NULL, 1025);
    assert_int_equal(got.status, 400);
    rig_post(&rig_anna, "/api/folds", "{\"folds\":{}}");
    assert_int_equal(got.status, 400);
    rig_get(&rig_anna, "/api/packs?after=12");
    assert_int_equal(got.status, 400);
    rig_get(&rig_anna, "/api/packs?waiting=yes");
    assert_int_equal(got.status, 400);
    Browser nobody = { .cookie = "" };
    rig_get(&nobody, "/api/packs");
    assert_int_equal(got.status, 401);
}

/* Whose session is another's can't bury what no rule would. */
static void folds__that_the_rules_do_not_explain_are_refused(void **state)
{
    (void)state;
    const OskLikenessRules rules = osk_likeness_rules();
    const Said still = { .covered = rules.covered_permille,
                         .component_16 = rules.component_16,
                         .component_32 = rules.component_32 };
    Said film = still;
    film.frames = rules.frames_permille;
    film.key_frames = rules.key_frames;
    Said wrong[] = { still, still, still, film, film };
    wrong[0].covered--;
    wrong[1].component_16++;
    wrong[2].component_32++;
    wrong[3].frames--;
    wrong[4].key_frames--;
    Sent first = packed_send(100, 0);
    Sent copy = packed_send(100, 1);
    Sent other = packed_send(100, 2);
    post_fold(&first.files[0], "new", NULL, 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        post_said(&copy.files[0], "explained", &first.files[0], &wrong[i]);
        assert_int_equal(got.status, 400);
        assert_true(packed_len(&copy.files[0]) > 0);
    }
    post_said(&copy.files[0], "explained", &first.files[0], &still);
    assert_int_equal(rig_whole("folded"), 1);
    post_said(&other.files[0], "explained", &first.files[0], &film);
    assert_int_equal(rig_whole("folded"), 1);
}

static void folds__say_in_the_chain_which_file_went_under_which(void **state)
{
    (void)state;
    char sought[128];
    char under[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char file[OSK_HEX_BYTES(OSK_ID_BYTES)];
    Sent first = packed_send(100, 0);
    Sent copy = packed_send(100, 1);
    Sent other = packed_send(200, 0);
    post_fold(&first.files[0], "new", NULL, 0);
    post_fold(&copy.files[0], "explained", &first.files[0], 1);
    post_fold(&other.files[0], "different", &first.files[0], 30);
    rig_id_text(&first.files[0], under);
    rig_id_text(&copy.files[0], file);
    snprintf(sought, sizeof(sought), "{\\\"file\\\":\\\"%s\\\",\\\"under\\\":\\\"%s\\\"}", file,
             under);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count(sought), 1);
    assert_int_equal(rig_count("\\\"under\\\""), 1);
}

static void folds__of_a_refused_pack_leave_its_file_in_the_queue(void **state)
{
    (void)state;
    Sent sent = packed_send(100, 0);
    post_fold(&sent.files[0], "refused", NULL, 0);
    assert_int_equal(rig_whole("folded"), 1);
    assert_int_equal(packed_len(&sent.files[0]), 0);
    rig_get(&rig_anna, "/api/queue");
    assert_true(rig_shows(&sent.files[0]));
}

static void folds__of_what_a_rule_catches_are_counted_and_the_farthest_shown(void **state)
{
    (void)state;
    Sent first = packed_send(100, 0);
    Sent near = packed_send(100, 1);
    Sent far = packed_send(100, 2);
    post_fold(&first.files[0], "new", NULL, 0);
    rig_act(&rig_anna, "dismiss", "clusters", &first.files[0]);
    post_fold(&near.files[0], "explained", &first.files[0], 1);
    rig_act(&rig_anna, "confirm", "clusters", &first.files[0]);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"cluster\":"), 1);
    post_fold(&far.files[0], "explained", &first.files[0], 3);
    rig_get(&rig_anna, "/api/queue");
    assert_int_equal(rig_count("\"why\":\"sample\""), 1);
    assert_int_equal(rig_whole("catches"), 2);
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char sought[64];
    rig_id_text(&far.files[0], text);
    snprintf(sought, sizeof(sought), "\"farthest\":\"%s\"", text);
    assert_int_equal(rig_count(sought), 1);
    rig_get(&rig_anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"caught\\\""), 2);
}

static char representative[OSK_HEX_BYTES(OSK_ID_BYTES)];

static const char *hex_of(const OskId *id)
{
    static char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    rig_id_text(id, text);
    return text;
}

static size_t append_fold(char *body, size_t len, size_t room, const OskId *file)
{
    return len +
           (size_t)snprintf(body + len, room - len,
                            "%s{\"file\":\"%s\",\"tier\":\"explained\",\"like\":\"%s\","
                            "\"stands_for\":false,\"distance\":0,\"inliers\":0,\"covered\":1000,"
                            "\"component_16\":0,\"component_32\":0,\"box\":[0,0,0,0],\"frames\":0,"
                            "\"key_frames\":0}",
                            len > 10 ? "," : "", hex_of(file), representative);
}

static void folds__show_one_of_64_by_chance(void **state)
{
    (void)state;
    static char body[64 * 1024];
    char address[128];
    size_t sampled = 0;
    Sent first = packed_send(100, 0);
    OskMemory bytes = { .bytes = (uint8_t *)body, .len = 100 };
    post_fold(&first.files[0], "new", NULL, 0);
    rig_id_text(&first.files[0], representative);
    for (int page = 0; page < 9; page++) {
        OskId files[100];
        for (int i = 0; i < 100; i++) {
            files[i] = rig_send(0, 1, false).files[0];
            packed_look(&files[i], &bytes, &rig.triage.recipient);
        }
        size_t len = (size_t)snprintf(body, sizeof(body), "{\"folds\":[");
        for (int i = 0; i < 100; i++) {
            len = append_fold(body, len, sizeof(body), &files[i]);
        }
        snprintf(body + len, sizeof(body) - len, "]}");
        rig_post(&rig_anna, "/api/folds", body);
        assert_int_equal(rig_whole("folded"), 100);
    }
    for (int after = 0; after < 901; after += 100) {
        snprintf(address, sizeof(address), "/api/clusters/%s?after=%d", representative, after);
        rig_get(&rig_anna, address);
        sampled += rig_count("\"sampled\":true");
    }
    /* None lies farther than another. About fourteen: none, or forty, are seen once in a million
     * runs. */
    assert_in_range(sampled, 1, 40);
}

static void server__that_folds_gives_no_packs_away(void **state)
{
    (void)state;
    rig_get(&rig_anna, "/api/me");
    assert_string_equal(rig_text("triage"), "desk");
    rig_close();
    rig.folds = true;
    rig_open();
    rig_login(&rig_anna, "anna", RIG_PASSPHRASE, NULL);
    assert_string_equal(rig_text("triage"), "server");
    rig_get(&rig_anna, "/api/packs");
    assert_int_equal(got.status, 409);
    rig_post(&rig_anna, "/api/folds", "{\"folds\":[]}");
    assert_int_equal(got.status, 409);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, rig_set_up_anna, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(packs__are_given_sealed_with_what_became_of_them),
        TEST(packs__come_in_pages_each_once),
        TEST(folds__under_what_represents_nothing_change_nothing),
        TEST(folds__that_are_none_are_refused),
        TEST(folds__that_the_rules_do_not_explain_are_refused),
        TEST(folds__say_in_the_chain_which_file_went_under_which),
        TEST(folds__of_a_refused_pack_leave_its_file_in_the_queue),
        TEST(folds__of_what_a_rule_catches_are_counted_and_the_farthest_shown),
        TEST(folds__show_one_of_64_by_chance),
        TEST(server__that_folds_gives_no_packs_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
