/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps of what is public: who may do which, in which state, and what is left of it. */
#include "desk/publications.h"

#include "unit.h"

static const OskId anna = { { 1 } };
static const OskId bert = { { 2 } };
static const OskId carla = { { 3 } };
static const OskId album = { { 9 } };

static const char *step(OskPublicationItem *item, OskPublicationStep what, const OskId *who,
                        bool needs_second)
{
    const OskPublisher by = { .who = who, .needs_second = needs_second };
    return osk_publication_step(item, what, &by);
}

static void publications__nobody_approves_what_is_their_own(void **state)
{
    (void)state;
    OskPublicationItem item = { .state = OSK_PUBLICATION_WAITING, .what = { .maker = anna } };
    assert_non_null(step(&item, OSK_STEP_APPROVE, &anna, true));
    assert_int_equal(item.state, OSK_PUBLICATION_WAITING);
    assert_null(step(&item, OSK_STEP_APPROVE, &bert, true));
    assert_int_equal(item.state, OSK_PUBLICATION_UNLISTED);
    assert_memory_equal(&item.what.second, &bert, sizeof(bert));
    assert_non_null(step(&item, OSK_STEP_APPROVE, &carla, true));
    item = (OskPublicationItem){ .state = OSK_PUBLICATION_WAITING, .what = { .album = album } };
    assert_null(step(&item, OSK_STEP_APPROVE, &bert, true));
    assert_int_equal(item.state, OSK_PUBLICATION_PUBLIC);
}

/* By no way of steps does anything become public that only one person has seen as it is. */
static void publications__what_was_changed_is_seen_by_two_again(void **state)
{
    (void)state;
    OskPublicationItem item = { .state = OSK_PUBLICATION_PUBLIC,
                                .what = { .maker = anna, .second = bert, .album = album } };
    assert_null(step(&item, OSK_STEP_CHANGE, &bert, true));
    assert_int_equal(item.state, OSK_PUBLICATION_WAITING);
    assert_non_null(step(&item, OSK_STEP_APPROVE, &bert, true));
    assert_non_null(step(&item, OSK_STEP_HIDE, &bert, true));
    assert_non_null(step(&item, OSK_STEP_SHOW, &bert, true));
    assert_null(step(&item, OSK_STEP_APPROVE, &anna, true));
    assert_int_equal(item.state, OSK_PUBLICATION_PUBLIC);
    assert_null(step(&item, OSK_STEP_HIDE, &carla, true));
    assert_null(step(&item, OSK_STEP_CHANGE, &anna, true));
    assert_int_equal(item.state, OSK_PUBLICATION_HIDDEN);
    assert_null(step(&item, OSK_STEP_SHOW, &anna, true));
    assert_int_equal(item.state, OSK_PUBLICATION_WAITING);
    /* Where one is enough, one is. */
    item = (OskPublicationItem){ .state = OSK_PUBLICATION_PUBLIC, .what = { .maker = anna } };
    assert_null(step(&item, OSK_STEP_CHANGE, &anna, false));
    assert_int_equal(item.state, OSK_PUBLICATION_UNLISTED);
    assert_null(step(&item, OSK_STEP_HIDE, &anna, false));
    assert_null(step(&item, OSK_STEP_SHOW, &anna, false));
    assert_int_equal(item.state, OSK_PUBLICATION_UNLISTED);
}

/* Who corrects a word of what waits has not looked at its bytes, and lets nobody else off. */
static void publications__nobody_words_what_waits_for_its_maker(void **state)
{
    (void)state;
    OskPublicationItem item = { .state = OSK_PUBLICATION_WAITING, .what = { .maker = anna } };
    assert_non_null(step(&item, OSK_STEP_CHANGE, &bert, true));
    assert_memory_equal(&item.what.maker, &anna, sizeof(anna));
    assert_non_null(step(&item, OSK_STEP_APPROVE, &anna, true));
    assert_null(step(&item, OSK_STEP_CHANGE, &anna, true));
    assert_null(step(&item, OSK_STEP_APPROVE, &bert, true));
    /* From now on anybody words it, and anybody else reads that. */
    assert_null(step(&item, OSK_STEP_CHANGE, &bert, true));
    assert_null(step(&item, OSK_STEP_CHANGE, &carla, true));
    assert_null(step(&item, OSK_STEP_APPROVE, &anna, true));
    /* What is hidden goes back through a second person's eyes, or nowhere. */
    item = (OskPublicationItem){ .state = OSK_PUBLICATION_HIDDEN, .what = { .maker = anna } };
    assert_non_null(step(&item, OSK_STEP_CHANGE, &bert, true));
    assert_null(step(&item, OSK_STEP_CHANGE, &bert, false));
}

static void publications__what_was_withdrawn_stays_so(void **state)
{
    (void)state;
    for (int from = OSK_PUBLICATION_WAITING; from < OSK_PUBLICATION_WITHDRAWN; from++) {
        OskPublicationItem item = { .state = (OskPublicationState)from,
                                    .blob = album,
                                    .blob_len = 5,
                                    .what = { .rendition_count = 1,
                                              .caption = "Anna K.",
                                              .alt = "a face",
                                              .warning = "blood" } };
        assert_null(step(&item, OSK_STEP_WITHDRAW, &anna, false));
        assert_int_equal(item.state, OSK_PUBLICATION_WITHDRAWN);
        assert_int_equal(item.blob.bytes[0] + item.blob_len + item.what.rendition_count, 0);
        assert_int_equal(item.what.caption[0] + item.what.alt[0] + item.what.warning[0], 0);
        assert_int_equal(item.what.caption[3], 0);
        for (int what = OSK_STEP_CHANGE; what <= OSK_STEP_WITHDRAW; what++) {
            assert_non_null(step(&item, (OskPublicationStep)what, &bert, false));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publications__nobody_approves_what_is_their_own),
        cmocka_unit_test(publications__what_was_changed_is_seen_by_two_again),
        cmocka_unit_test(publications__nobody_words_what_waits_for_its_maker),
        cmocka_unit_test(publications__what_was_withdrawn_stays_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
