/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server folds what was looked at, hides nothing that is unique, and keeps no pack that it does
 * not need. */
#include <dirent.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk/hex.h"
#include "desk/member.h"
#include "desk/pack_open.h"
#include "host/clock.h"
#include "host/random.h"
#include "packed.h"

#define PATIENCE_MS 100000

static Browser anna;
/* Packs that were opened to be compared. */
static atomic_uint opened;

OskStatus __real_osk_pack_open(OskPack **out, const OskBytes *sealed, const OskUnsealWith *with);
OskStatus __wrap_osk_pack_open(OskPack **out, const OskBytes *sealed, const OskUnsealWith *with);
OskStatus __wrap_osk_pack_open(OskPack **out, const OskBytes *sealed, const OskUnsealWith *with)
{
    atomic_fetch_add(&opened, 1);
    return __real_osk_pack_open(out, sealed, with);
}

static int set_up(void **state)
{
    int status = rig_set_up(state);
    if (status == 0) {
        rig_close();
        rig.folds = true;
        rig_open();
        rig_first(&anna);
    }
    return status;
}

static void pause_ms(int ms)
{
    usleep((useconds_t)ms * 1000);
}

static bool read_member(const OskId *file, OskMember *out)
{
    OskFault fault = { .status = OSK_OK };
    OskRecordRow row;
    const OskRecordKey key = { .space = OSK_SPACE_MEMBER, .owner = *file, .id = *file };
    if (!osk_store_record(rig.store, &key, &row, &fault)) {
        return false;
    }
    bool fits = osk_member_read(out, &row.bytes);
    osk_record_row_free(&row);
    assert_true(fits);
    return true;
}

static OskMember wait_for(const OskId *file)
{
    OskMember member;
    int64_t until = osk_now_ms() + PATIENCE_MS;
    while (!read_member(file, &member)) {
        assert_true(osk_now_ms() < until);
        pause_ms(5);
    }
    return member;
}

static bool is_same(const OskId *one, const OskId *other)
{
    return memcmp(one, other, sizeof(*one)) == 0;
}

static bool lies_under(const OskId *file, const OskId *representative)
{
    const OskMember member = wait_for(file);
    return is_same(&member.cluster, representative);
}

static void fold__copies_lie_under_the_first_and_unique_things_under_nothing(void **state)
{
    (void)state;
    Sent first = packed_send(100, 0);
    assert_int_equal(wait_for(&first.files[0]).tier, OSK_TIER_NEW);
    for (uint32_t i = 1; i <= 8; i++) {
        Sent copy = packed_send(100, i);
        Sent other = packed_send(200 + i, 0);
        OskMember member = wait_for(&copy.files[0]);
        assert_int_equal(member.tier, OSK_TIER_EXPLAINED);
        assert_true(is_same(&member.cluster, &first.files[0]));
        assert_true(is_same(&member.like, &first.files[0]));
        assert_int_equal(wait_for(&other.files[0]).tier, OSK_TIER_NEW);
    }
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 9);
    assert_int_equal(rig_count("\"count\":9"), 1);
    assert_int_equal(rig_count("\"count\":1,"), 8);
}

/* Whether some file below the folder holds the bytes. */
static bool lies_on_disk(const char *folder, const uint8_t *bytes, size_t len)
{
    bool found = false;
    DIR *dir = opendir(folder);
    for (struct dirent *entry; dir != NULL && !found && (entry = readdir(dir)) != NULL;) {
        char path[512];
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        int fd = entry->d_type == DT_REG ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        off_t size = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
        uint8_t *all = size > 0 ? malloc((size_t)size) : NULL;
        if (all != NULL && pread(fd, all, (size_t)size, 0) == size) {
            found = memmem(all, (size_t)size, bytes, len) != NULL;
        }
        free(all);
        if (fd >= 0) {
            close(fd);
        }
    }
    closedir(dir);
    return found;
}

static void read_slice(const OskId *file, uint8_t out[64])
{
    OskFault fault = { 0 };
    OskRecordRow look;
    const OskRecordKey key = { .space = OSK_SPACE_LOOK, .owner = *file, .id = *file };
    assert_true(osk_store_record(rig.store, &key, &look, &fault));
    assert_true(look.bytes.len > 2064);
    memcpy(out, look.bytes.bytes + 2000, 64);
    osk_record_row_free(&look);
}

static void fold__the_pack_of_a_copy_is_gone_from_the_disk(void **state)
{
    (void)state;
    uint8_t kept[64];
    uint8_t gone[64];
    /* Before the server has the key, so that there is something to read. */
    rig_close();
    rig.folds = false;
    rig_open();
    Sent first = packed_send(110, 0);
    read_slice(&first.files[0], kept);
    rig_close();
    rig.folds = true;
    rig_open();
    wait_for(&first.files[0]);
    rig_close();
    rig.folds = false;
    rig_open();
    Sent copy = packed_send(110, 3);
    read_slice(&copy.files[0], gone);
    assert_true(lies_on_disk(rig.folder, gone, 64));
    rig_close();
    rig.folds = true;
    rig_open();
    assert_int_equal(wait_for(&copy.files[0]).tier, OSK_TIER_EXPLAINED);
    assert_int_equal(packed_len(&copy.files[0]), 0);
    assert_true(packed_len(&first.files[0]) > 0);
    int64_t until = osk_now_ms() + PATIENCE_MS;
    while (lies_on_disk(rig.folder, gone, 64)) {
        assert_true(osk_now_ms() < until);
        pause_ms(20);
    }
    assert_true(lies_on_disk(rig.folder, kept, 64));
}

static void fold__goes_on_where_a_restart_has_cut_it(void **state)
{
    (void)state;
    Sent first = packed_send(120, 0);
    wait_for(&first.files[0]);
    Sent many[20];
    for (uint32_t i = 0; i < 20; i++) {
        many[i] = packed_send(i % 2 == 0 ? 120 : 300 + i, i + 1);
    }
    rig_close();
    rig_open();
    for (uint32_t i = 0; i < 20; i++) {
        OskMember member = wait_for(&many[i].files[0]);
        assert_int_equal(member.tier, i % 2 == 0 ? OSK_TIER_EXPLAINED : OSK_TIER_NEW);
        assert_true(i % 2 != 0 || is_same(&member.cluster, &first.files[0]));
    }
    rig_close();
    rig_open();
    Sent late = packed_send(120, 50);
    assert_true(lies_under(&late.files[0], &first.files[0]));
}

static void fold__a_larger_copy_is_shown_and_offered(void **state)
{
    (void)state;
    Sent first = packed_send(130, 0);
    wait_for(&first.files[0]);
    Sent larger = rig_send(0, 1, false);
    OskMemory bytes = packed_bytes(130, 2, 4000);
    packed_look(&larger.files[0], &bytes, &rig.triage.recipient);
    osk_bytes_free(&bytes.bytes);
    OskMember member = wait_for(&larger.files[0]);
    assert_int_equal(member.tier, OSK_TIER_DIFFERENT);
    assert_true((member.flags & OSK_MEMBER_STANDS_FOR) != 0);
    assert_true(is_same(&member.root, &first.files[0]));
    /* It becomes a representative: copies of it lie under one of the two. */
    assert_true(packed_len(&larger.files[0]) > 0);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 2);
    assert_int_equal(rig_count("\"differences\":1,\"first_day\""), 1);
    char text[OSK_HEX_BYTES(OSK_ID_BYTES)];
    char sought[64];
    osk_hex_write(&larger.files[0], sizeof(OskId), text);
    snprintf(sought, sizeof(sought), "\"better\":{\"file\":\"%s\"", text);
    assert_int_equal(rig_count(sought), 1);
}

static void fold__a_rule_catches_and_the_audit_chain_says_so(void **state)
{
    (void)state;
    Sent first = packed_send(140, 0);
    Sent other = packed_send(141, 0);
    wait_for(&first.files[0]);
    wait_for(&other.files[0]);
    rig_act(&anna, "dismiss", "clusters", &first.files[0]);
    Sent copy = packed_send(140, 1);
    OskMember member = wait_for(&copy.files[0]);
    assert_int_equal(member.round, 1);
    /* The first copy of all is the farthest: it is shown. */
    assert_true((member.flags & OSK_MEMBER_SAMPLED) != 0);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_count("\"why\":\"sample\""), 1);
    assert_int_equal(rig_whole("catches"), 0); /* of the first row, which is the other's */
    rig_get(&anna, "/api/queue?view=dismissed");
    assert_int_equal(rig_whole("catches"), 1);
    rig_act(&anna, "confirm", "clusters", &first.files[0]);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_count("\"why\":\"sample\""), 0);
    rig_get(&anna, "/api/audit");
    assert_int_equal(rig_count("\\\"did\\\":\\\"caught\\\""), 1);
    /* Its withdrawal brings all of it back. */
    rig_act(&anna, "withdraw-rule", "clusters", &first.files[0]);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 2);
    assert_int_equal(rig_count("\"count\":2"), 1);
}

static void fold__a_hostile_pack_is_refused_and_its_file_stays(void **state)
{
    (void)state;
    static uint8_t junk[20000];
    OskIdentity stranger;
    const OskRandom kernel = { .fill = osk_random_fill };
    assert_true(kernel.fill(NULL, junk, sizeof(junk)));
    assert_int_equal(osk_identity_make(&stranger, &kernel, NULL), OSK_OK);
    OskMemory plain = { .bytes = junk, .len = sizeof(junk) };
    Sent refused = rig_send(0, 1, false);
    packed_look(&refused.files[0], &plain, &rig.triage.recipient);
    OskMember member = wait_for(&refused.files[0]);
    assert_int_equal(member.tier, OSK_TIER_NEW);
    assert_true((member.flags & OSK_MEMBER_REFUSED) != 0);
    assert_int_equal(packed_len(&refused.files[0]), 0);
    /* What another key opens is left as it is: the key may come back. */
    Sent foreign = rig_send(0, 1, false);
    packed_look(&foreign.files[0], &plain, &stranger.recipient);
    OskMemory cut = packed_bytes(160, 0, 0);
    cut.len /= 2;
    Sent halved = rig_send(0, 1, false);
    packed_look(&halved.files[0], &cut, &rig.triage.recipient);
    osk_bytes_free(&cut.bytes);
    assert_true((wait_for(&halved.files[0]).flags & OSK_MEMBER_REFUSED) != 0);
    assert_false(read_member(&foreign.files[0], &member));
    assert_true(packed_len(&foreign.files[0]) > 0);
    rig_get(&anna, "/api/queue");
    assert_int_equal(rig_whole("new"), 3);
}

static void fold__nothing_lies_under_what_is_gone(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    Sent first = packed_send(170, 0);
    wait_for(&first.files[0]);
    const OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = first.submission };
    assert_int_equal(osk_store_commit(rig.store, &drop, 1, NULL, &fault), OSK_COMMIT_OK);
    Sent copy = packed_send(170, 4);
    OskMember member = wait_for(&copy.files[0]);
    assert_int_equal(member.tier, OSK_TIER_NEW);
    assert_true(is_same(&member.cluster, &copy.files[0]));
    Sent next = packed_send(170, 4);
    assert_true(lies_under(&next.files[0], &copy.files[0]));
}

static Sent send_sealed(const OskMemory *sealed)
{
    Sent sent = rig_send(0, 1, false);
    packed_look_sealed(&sent.files[0], sealed);
    return sent;
}

/* Copies that are not the source: each sender of the same bytes has the same sealed pack. */
static void fold__the_same_sealed_pack_is_compared_once(void **state)
{
    (void)state;
    Sent first = packed_send(180, 0);
    wait_for(&first.files[0]);
    OskMemory plain = packed_bytes(180, 3, 0);
    OskMemory sealed = packed_seal(&plain, &rig.triage.recipient);
    Sent copy = send_sealed(&sealed);
    const OskMember compared = wait_for(&copy.files[0]);
    assert_int_equal(compared.tier, OSK_TIER_EXPLAINED);
    unsigned before = atomic_load(&opened);
    for (size_t i = 0; i < 5; i++) {
        Sent again = send_sealed(&sealed);
        const OskMember member = wait_for(&again.files[0]);
        assert_int_equal(member.tier, OSK_TIER_EXPLAINED);
        assert_true(is_same(&member.like, &first.files[0]));
        assert_int_equal(member.distance, compared.distance);
        /* Of those that are explained no pack is kept. */
        assert_int_equal(packed_len(&again.files[0]), 0);
    }
    assert_int_equal(atomic_load(&opened), before);
    /* One that is sealed anew is another. */
    OskMemory anew = packed_seal(&plain, &rig.triage.recipient);
    Sent other = send_sealed(&anew);
    assert_true(lies_under(&other.files[0], &first.files[0]));
    assert_int_equal(atomic_load(&opened), before + 1);
    osk_bytes_free(&anew.bytes);
    osk_bytes_free(&sealed.bytes);
    osk_bytes_free(&plain.bytes);
}

static void fold__the_same_sealed_pack_lies_under_nothing_that_is_gone(void **state)
{
    (void)state;
    OskFault fault = { 0 };
    Sent first = packed_send(190, 0);
    wait_for(&first.files[0]);
    OskMemory plain = packed_bytes(190, 3, 0);
    OskMemory sealed = packed_seal(&plain, &rig.triage.recipient);
    Sent copy = send_sealed(&sealed);
    assert_true(lies_under(&copy.files[0], &first.files[0]));
    const OskChange drop = { .kind = OSK_ROW_SUBMISSION_DROP, .row.id = first.submission };
    assert_int_equal(osk_store_commit(rig.store, &drop, 1, NULL, &fault), OSK_COMMIT_OK);
    Sent next = send_sealed(&sealed);
    const OskMember member = wait_for(&next.files[0]);
    assert_int_equal(member.tier, OSK_TIER_NEW);
    assert_true(is_same(&member.cluster, &next.files[0]));
    osk_bytes_free(&sealed.bytes);
    osk_bytes_free(&plain.bytes);
}

int main(void)
{
    osk_seal_ready();
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, rig_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(fold__copies_lie_under_the_first_and_unique_things_under_nothing),
        TEST(fold__the_pack_of_a_copy_is_gone_from_the_disk),
        TEST(fold__goes_on_where_a_restart_has_cut_it),
        TEST(fold__a_larger_copy_is_shown_and_offered),
        TEST(fold__a_rule_catches_and_the_audit_chain_says_so),
        TEST(fold__a_hostile_pack_is_refused_and_its_file_stays),
        TEST(fold__nothing_lies_under_what_is_gone),
        TEST(fold__the_same_sealed_pack_is_compared_once),
        TEST(fold__the_same_sealed_pack_lies_under_nothing_that_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
