/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links: who has the token opens it, as often and as long as was said, and ends it by its address.
 */
#include "store/shares.h"

#include "host/random.h"
#include "rig.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static const OskRandom kernel = { .fill = osk_random_fill };
/* Long before any clock says: what is here is about days, not about now. */
#define TODAY ((OskDay)20000)

static OskId add_share(OskStore *store, const OskShare *share, uint32_t flags)
{
    OskBytes bytes;
    OskId id = rig_id();
    assert_int_equal(osk_share_write(share, &bytes), OSK_OK);
    const OskRecordRow row = { .key = { .space = OSK_SPACE_SHARE, .id = id },
                               .day = share->made,
                               .flags = flags,
                               .bytes = bytes };
    assert_int_equal(COMMIT(store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row }),
                     OSK_COMMIT_OK);
    osk_bytes_clear(&bytes);
    return id;
}

static OskId add_publication(OskStore *store, OskPublicationState state)
{
    const OskPublication publication = { .day = TODAY, .kind = OSK_MEDIA_JPEG, .copy_len = 1 };
    OskBytes bytes;
    OskId id = rig_id();
    assert_int_equal(osk_publication_write(&publication, &bytes), OSK_OK);
    const OskRecordRow row = { .key = { .space = OSK_SPACE_PUBLICATION, .id = id },
                               .day = TODAY,
                               .flags = (uint32_t)state,
                               .bytes = bytes };
    assert_int_equal(COMMIT(store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row }),
                     OSK_COMMIT_OK);
    osk_bytes_clear(&bytes);
    return id;
}

static OskStatus spend_as(OskStore *store, const OskId *id, uint32_t kind, OskDay day)
{
    OskShareFound found;
    OskFault fault = { 0 };
    const OskShareVisit visit = { .id = *id, .kind = kind, .today = day };
    return osk_share_spend(store, &visit, &found, &fault);
}

static OskStatus spend(OskStore *store, const OskId *id, OskDay day)
{
    return spend_as(store, id, OSK_SHARE_CHECKED, day);
}

/* ---- tokens ---- */

static void shares__a_token_is_drawn_and_its_row_is_found_by_every_address(void **state)
{
    (void)state;
    char token[OSK_SHARE_TOKEN_BYTES];
    char other[OSK_SHARE_TOKEN_BYTES];
    OskId id;
    assert_int_equal(osk_share_draw(token, &kernel), OSK_OK);
    assert_int_equal(osk_share_draw(other, &kernel), OSK_OK);
    assert_int_equal(strlen(token), OSK_SHARE_TOKEN_LETTERS);
    assert_string_not_equal(token, other);
    assert_true(osk_share_id(token, strlen(token), &id));
    static const char *const addresses[] = {
        "%s",           "/s/%s",
        "/s/x/%s",      "https://drop.example/s/%s",
        " /s/%s\r\n",   "https://drop.example/s/%s/",
        "/s/x/%s#k/y?", "http://x.onion/s/%s?lang=es",
    };
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        char address[128];
        OskId found;
        /* NOLINTNEXTLINE(clang-diagnostic-format-nonliteral) */
        snprintf(address, sizeof(address), addresses[i], token);
        assert_true(osk_share_address_id(address, &found));
        assert_memory_equal(&found, &id, sizeof(id));
    }
}

static void shares__what_is_no_address_names_no_row(void **state)
{
    (void)state;
    static const char *const none[] = {
        "",
        "/",
        "/s/",
        "/s/abcdefghijklmnopqrstu",
        "/s/abcdefghijklmnopqrstuvw",
        "/s/abcdefghijklmnopqrstu+",
        "/s/abcdefghijklmnopqrstuv and more",
        "/s/abcdefghijklmnopqrstuv//",
    };
    OskId id;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        assert_false(osk_share_address_id(none[i], &id));
    }
}

static bool fill_nothing(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 0, len);
    return false;
}

static void shares__without_randomness_there_is_no_token(void **state)
{
    (void)state;
    const OskRandom none = { .fill = fill_nothing };
    char token[OSK_SHARE_TOKEN_BYTES];
    OskShare share = { .views = 1 };
    assert_int_equal(osk_share_draw(token, &none), OSK_IO);
    assert_string_equal(token, "");
    assert_int_equal(osk_share_set_passphrase(&share, "long enough", &none), OSK_IO);
    assert_false(share.has_passphrase);
}

/* ---- passphrases ---- */

static void shares__only_its_passphrase_opens_it(void **state)
{
    (void)state;
    OskShare share = { .views = OSK_SHARE_VIEWS_ANY };
    char longest[OSK_SHARE_PASSPHRASE_MAX + 2];
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = 0;
    assert_true(osk_share_knows(&share, ""));
    assert_int_equal(osk_share_set_passphrase(&share, "7 bytes", &kernel), OSK_MISUSE);
    assert_int_equal(osk_share_set_passphrase(&share, longest, &kernel), OSK_MISUSE);
    assert_int_equal(osk_share_set_passphrase(&share, "plaza \xc3\xb1 mayor", &kernel), OSK_OK);
    assert_true(osk_share_knows(&share, "plaza \xc3\xb1 mayor"));
    assert_false(osk_share_knows(&share, "plaza \xc3\xb1 mayo"));
    assert_false(osk_share_knows(&share, "plaza \xc3\xb1 mayor "));
    assert_false(osk_share_knows(&share, ""));
    assert_false(osk_share_knows(&share, longest));
}

/* ---- views and days ---- */

static void shares__a_view_is_used_once(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .views = 2 };
    OskId id = add_share(rig->store, &share, OSK_SHARE_CHECKED);
    assert_int_equal(spend(rig->store, &id, TODAY), OSK_OK);
    rig_reopen(rig);
    assert_int_equal(spend(rig->store, &id, TODAY), OSK_OK);
    assert_int_equal(spend(rig->store, &id, TODAY), OSK_FOUND);
    rig_reopen(rig);
    assert_int_equal(spend(rig->store, &id, TODAY), OSK_FOUND);
}

static void shares__without_a_count_nothing_is_written(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .views = OSK_SHARE_VIEWS_ANY };
    OskId id = add_share(rig->store, &share, OSK_SHARE_CHECKED);
    OskShareFound again;
    OskFault fault = { 0 };
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(spend(rig->store, &id, TODAY), OSK_OK);
    }
    assert_true(osk_share_find(rig->store, &id, &again, &fault));
    assert_int_equal(again.row.version, 1);
}

static void shares__opens_on_its_last_day_and_not_behind_it(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .expires = TODAY + 3, .views = 9 };
    OskId id = add_share(rig->store, &share, OSK_SHARE_CHECKED);
    assert_int_equal(spend(rig->store, &id, TODAY + 3), OSK_OK);
    assert_int_equal(spend(rig->store, &id, TODAY + 4), OSK_FOUND);
    assert_int_equal(spend(rig->store, &id, TODAY + 4), OSK_FOUND);
    assert_int_equal(spend(rig->store, &id, TODAY + 3), OSK_OK);
}

static void shares__what_has_ended_or_was_never_there_opens_nothing(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .views = OSK_SHARE_VIEWS_ANY };
    OskId id = add_share(rig->store, &share, OSK_SHARE_CHECKED | OSK_SHARE_ENDED);
    OskId unknown = rig_id();
    assert_int_equal(spend(rig->store, &id, TODAY), OSK_FOUND);
    assert_int_equal(spend(rig->store, &unknown, TODAY), OSK_FOUND);
}

/* A sealed one is not shown as if it had been checked. */
static void shares__a_token_of_one_kind_is_unknown_to_the_other(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .views = 1 };
    OskId checked = add_share(rig->store, &share, OSK_SHARE_CHECKED);
    OskId sealed = add_share(rig->store, &share, OSK_SHARE_SEALED);
    assert_int_equal(spend_as(rig->store, &checked, OSK_SHARE_SEALED, TODAY), OSK_FOUND);
    assert_int_equal(spend_as(rig->store, &sealed, OSK_SHARE_CHECKED, TODAY), OSK_FOUND);
    assert_int_equal(spend_as(rig->store, &checked, OSK_SHARE_CHECKED, TODAY), OSK_OK);
    assert_int_equal(spend_as(rig->store, &sealed, OSK_SHARE_SEALED, TODAY), OSK_OK);
}

static void shares__an_end_frees_what_is_sealed(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .views = OSK_SHARE_VIEWS_ANY };
    OskId id = add_share(rig->store, &share, OSK_SHARE_SEALED);
    OskShareFound found;
    OskRecordRow row;
    OskFault fault = { 0 };
    OskId blob = rig_put_blob(rig->store, "age-encryption.org/v1");
    assert_true(osk_share_find(rig->store, &id, &found, &fault));
    found.row.blob = blob;
    found.row.sealed_len = 21;
    assert_int_equal(osk_share_write(&found.share, &found.row.bytes), OSK_OK);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_RECORD_SET, .row.record = &found.row, .expected = 1 }),
        OSK_COMMIT_OK);
    osk_bytes_clear(&found.row.bytes);
    assert_true(osk_share_find(rig->store, &id, &found, &fault));
    assert_int_equal(osk_share_end(&found, TODAY + 1, &row), OSK_OK);
    assert_int_equal(
        COMMIT(rig->store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row, .expected = 2 }),
        OSK_COMMIT_OK);
    osk_bytes_clear(&row.bytes);
    assert_false(rig_has_blob(rig->store, &blob));
    assert_int_equal(spend_as(rig->store, &id, OSK_SHARE_SEALED, TODAY), OSK_FOUND);
}

#define RACERS 12u
#define PRIZES 5u

typedef struct Race {
    OskStore *store;
    OskId id;
    OskStatus got[RACERS];
    unsigned next;
    pthread_mutex_t lock;
} Race;

static void *run_race(void *context)
{
    Race *race = context;
    pthread_mutex_lock(&race->lock);
    unsigned mine = race->next++;
    pthread_mutex_unlock(&race->lock);
    race->got[mine] = spend(race->store, &race->id, TODAY);
    return NULL;
}

static void shares__of_many_who_come_at_once_as_many_open_it_as_may(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY, .views = PRIZES };
    Race race = { .store = rig->store,
                  .id = add_share(rig->store, &share, OSK_SHARE_CHECKED),
                  .lock = PTHREAD_MUTEX_INITIALIZER };
    pthread_t threads[RACERS];
    unsigned opened = 0;
    for (unsigned i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, run_race, &race), 0);
    }
    for (unsigned i = 0; i < RACERS; i++) {
        pthread_join(threads[i], NULL);
    }
    for (unsigned i = 0; i < RACERS; i++) {
        assert_true(race.got[i] == OSK_OK || race.got[i] == OSK_FOUND);
        opened += race.got[i] == OSK_OK;
    }
    assert_int_equal(opened, PRIZES);
}

/* ---- what is over ---- */

static bool is_over(OskStore *store, const OskId *id, OskDay day)
{
    OskFault fault = { 0 };
    bool over = osk_share_is_over(store, id, day, &fault);
    assert_int_equal(fault.status, OSK_OK);
    return over;
}

static void shares__rows_go_when_they_open_nothing(void **state)
{
    Rig *rig = *state;
    OskId shown = add_publication(rig->store, OSK_PUBLICATION_UNLISTED);
    OskId hidden = add_publication(rig->store, OSK_PUBLICATION_HIDDEN);
    OskId withdrawn = add_publication(rig->store, OSK_PUBLICATION_WITHDRAWN);
    const struct {
        OskShare share;
        uint32_t flags;
        bool now;
        bool in_two_days;
    } rows[] = {
        { { .publication = shown, .views = 1 }, OSK_SHARE_CHECKED, false, false },
        { { .publication = hidden, .views = 1 }, OSK_SHARE_CHECKED, false, false },
        { { .publication = withdrawn, .views = 1 }, OSK_SHARE_CHECKED, true, true },
        { { .publication = rig_id(), .views = 1 }, OSK_SHARE_CHECKED, true, true },
        { { .views = 1 }, OSK_SHARE_SEALED, false, false },
        { { .views = 1, .expires = TODAY }, OSK_SHARE_SEALED, false, true },
        { { .views = 1, .expires = TODAY - 1 }, OSK_SHARE_SEALED, true, true },
        { { .views = 0 }, OSK_SHARE_SEALED, false, true },
        { { .views = 1 }, OSK_SHARE_SEALED | OSK_SHARE_ENDED, false, true },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        OskShare share = rows[i].share;
        share.made = TODAY;
        OskId id = add_share(rig->store, &share, rows[i].flags);
        assert_int_equal(is_over(rig->store, &id, TODAY), rows[i].now);
        assert_int_equal(is_over(rig->store, &id, TODAY + 2), rows[i].in_two_days);
    }
}

/* Who opens the last view of a link that is a year old has what was shown, all the same. */
static void shares__the_day_of_the_last_view_counts(void **state)
{
    Rig *rig = *state;
    const OskShare share = { .made = TODAY - 365, .views = 1 };
    OskId id = add_share(rig->store, &share, OSK_SHARE_SEALED);
    assert_int_equal(spend_as(rig->store, &id, OSK_SHARE_SEALED, TODAY), OSK_OK);
    assert_false(is_over(rig->store, &id, TODAY));
    assert_false(is_over(rig->store, &id, TODAY + 1));
    assert_true(is_over(rig->store, &id, TODAY + 2));
}

/* Whatever it was set to: neither opened behind its day, nor swept before it. */
static void shares__a_doubted_date_neither_opens_nor_ends_them(void **state)
{
    Rig *rig = *state;
    OskStore *store = rig->store;
    const OskShare dated = { .made = TODAY, .expires = TODAY + 3, .views = OSK_SHARE_VIEWS_ANY };
    const OskShare open = { .made = TODAY, .views = OSK_SHARE_VIEWS_ANY };
    OskId id = add_share(store, &dated, OSK_SHARE_SEALED);
    OskId endless = add_share(store, &open, OSK_SHARE_SEALED);
    assert_int_equal(osk_clock_believe(store, TODAY + 5, NULL), OSK_OK);
    for (OskDay day = TODAY - 300; day < TODAY + 4; day++) {
        assert_int_equal(spend_as(store, &id, OSK_SHARE_SEALED, day), OSK_FOUND);
        assert_int_equal(spend_as(store, &endless, OSK_SHARE_SEALED, day), OSK_OK);
        assert_false(is_over(store, &id, day));
    }
    /* By every date that may be right it is over. */
    assert_true(is_over(store, &id, TODAY + 4));
    assert_int_equal(osk_clock_believe(store, TODAY, NULL), OSK_OK);
    assert_int_equal(spend_as(store, &id, OSK_SHARE_SEALED, TODAY), OSK_OK);
    assert_int_equal(spend_as(store, &id, OSK_SHARE_SEALED, TODAY + 40), OSK_FOUND);
    assert_false(is_over(store, &id, TODAY + 40));
    assert_true(is_over(store, &id, TODAY + 7));
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(shares__a_doubted_date_neither_opens_nor_ends_them),
        STORE_TEST(shares__a_token_is_drawn_and_its_row_is_found_by_every_address),
        STORE_TEST(shares__what_is_no_address_names_no_row),
        STORE_TEST(shares__without_randomness_there_is_no_token),
        STORE_TEST(shares__only_its_passphrase_opens_it),
        STORE_TEST(shares__a_view_is_used_once),
        STORE_TEST(shares__without_a_count_nothing_is_written),
        STORE_TEST(shares__opens_on_its_last_day_and_not_behind_it),
        STORE_TEST(shares__what_has_ended_or_was_never_there_opens_nothing),
        STORE_TEST(shares__a_token_of_one_kind_is_unknown_to_the_other),
        STORE_TEST(shares__an_end_frees_what_is_sealed),
        STORE_TEST(shares__of_many_who_come_at_once_as_many_open_it_as_may),
        STORE_TEST(shares__rows_go_when_they_open_nothing),
        STORE_TEST(shares__the_day_of_the_last_view_counts),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
