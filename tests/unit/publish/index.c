/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is public, in memory: in its order, and as the store says at once. */
#include "publish/index.h"

#include <stdio.h>
#include <string.h>

#include "store/rig.h"

/* ---- what a desk does ---- */

static OskId add_album(OskStore *store, const char *title, uint32_t flags)
{
    OskAlbum album = { .day = 20000, .language = "en" };
    OskRecordRow row = { .key = { .space = OSK_SPACE_ALBUM, .id = rig_id() },
                         .day = 20000,
                         .flags = flags };
    snprintf(album.title, sizeof(album.title), "%s", title);
    assert_int_equal(osk_album_write(&album, &row.bytes), OSK_OK);
    assert_int_equal(COMMIT(store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row }),
                     OSK_COMMIT_OK);
    osk_bytes_clear(&row.bytes);
    return row.key.id;
}

static OskPublication usual(const OskId *album, OskDay day)
{
    return (OskPublication){
        .album = *album, .day = day, .kind = OSK_MEDIA_JPEG, .width = 4, .height = 3, .copy_len = 4
    };
}

static OskId add_row(OskStore *store, const OskPublication *publication, uint32_t state)
{
    OskRecordRow row = { .key = { .space = OSK_SPACE_PUBLICATION, .id = rig_id() },
                         .day = publication->day,
                         .flags = state,
                         .blob = rig_put_blob(store,
                                              publication->rendition_count > 0 ? "copy12" : "copy"),
                         .sealed_len = publication->rendition_count > 0 ? 6 : 4 };
    assert_int_equal(osk_publication_write(publication, &row.bytes), OSK_OK);
    assert_int_equal(COMMIT(store, { .kind = OSK_ROW_RECORD_SET, .row.record = &row }),
                     OSK_COMMIT_OK);
    osk_bytes_clear(&row.bytes);
    return row.key.id;
}

static OskId add_piece(OskStore *store, const OskId *album, OskDay day)
{
    const OskPublication publication = usual(album, day);
    return add_row(store, &publication, OSK_PUBLICATION_PUBLIC);
}

static void set_flags(OskStore *store, OskSpace space, const OskId *id, uint32_t flags)
{
    const OskRecordKey key = { .space = space, .id = *id };
    OskFault fault = { 0 };
    OskRecordRow row;
    assert_true(osk_store_record(store, &key, &row, &fault));
    row.flags = flags;
    const OskChange change = { .kind = OSK_ROW_RECORD_SET,
                               .row.record = &row,
                               .expected = row.version };
    assert_int_equal(rig_commit(store, &change, 1, NULL), OSK_COMMIT_OK);
    osk_record_row_free(&row);
}

/* ---- what a page asks ---- */

static OskIndex *open_index(OskStore *store)
{
    OskIndex *index = NULL;
    OskFault fault = { 0 };
    assert_int_equal(osk_index_open(&index, store, &fault), OSK_OK);
    return index;
}

static bool is_shown(OskIndex *index, const OskId *id)
{
    OskFound found;
    OskFault fault = { 0 };
    assert_int_equal(osk_index_find(index, id, &found, &fault), OSK_OK);
    bool shown = found.is_shown;
    osk_found_end(&found);
    return shown;
}

static size_t total_of(OskIndex *index, const OskId *album)
{
    OskShelfPage page;
    OskFault fault = { 0 };
    assert_int_equal(osk_index_shelf(index, album, 1, &page, &fault), OSK_OK);
    size_t total = page.total;
    osk_shelf_page_end(&page);
    return total;
}

/* ---- promises ---- */

static void what_is_hidden_or_withdrawn_is_gone_at_once(void **state)
{
    Rig *rig = *state;
    OskIndex *index = open_index(rig->store);
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskId one = add_piece(rig->store, &album, 20010);
    OskId two = add_piece(rig->store, &album, 20011);
    assert_true(is_shown(index, &one));
    assert_int_equal(total_of(index, &album), 2);
    set_flags(rig->store, OSK_SPACE_PUBLICATION, &one, OSK_PUBLICATION_HIDDEN);
    assert_false(is_shown(index, &one));
    assert_true(is_shown(index, &two));
    assert_int_equal(total_of(index, &album), 1);
    set_flags(rig->store, OSK_SPACE_PUBLICATION, &one, OSK_PUBLICATION_PUBLIC);
    assert_true(is_shown(index, &one));
    set_flags(rig->store, OSK_SPACE_PUBLICATION, &one, OSK_PUBLICATION_WITHDRAWN);
    assert_false(is_shown(index, &one));
    osk_index_close(&index);
}

/* Nobody sees a picture of an album that a reviewer has hidden. */
static void a_hidden_album_hides_what_is_in_it(void **state)
{
    Rig *rig = *state;
    OskIndex *index = open_index(rig->store);
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskId one = add_piece(rig->store, &album, 20010);
    OskShelfCards cards;
    OskFault fault = { 0 };
    set_flags(rig->store, OSK_SPACE_ALBUM, &album, OSK_ALBUM_HIDDEN);
    assert_false(is_shown(index, &one));
    assert_int_equal(total_of(index, &album), 0);
    assert_int_equal(osk_index_shelves(index, 1, &cards, &fault), OSK_OK);
    assert_int_equal(cards.count, 0);
    osk_shelf_cards_end(&cards);
    osk_index_close(&index);
}

static void only_public_ones_are_shown(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    const OskPublication publication = usual(&album, 20010);
    OskId ids[5];
    for (uint32_t i = 0; i < 5; i++) {
        ids[i] = add_row(rig->store, &publication, OSK_PUBLICATION_WAITING + i);
    }
    OskIndex *index = open_index(rig->store);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(is_shown(index, &ids[i]),
                         OSK_PUBLICATION_WAITING + i == OSK_PUBLICATION_PUBLIC);
    }
    assert_int_equal(total_of(index, &album), 1);
    osk_index_close(&index);
}

/* What the pages show has its bytes; a row that says more than its blob holds is none. */
static void a_row_without_its_bytes_is_none(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskPublication publication = usual(&album, 20010);
    publication.copy_len = 5;
    OskId one = add_row(rig->store, &publication, OSK_PUBLICATION_PUBLIC);
    publication.copy_len = 0;
    OskId two = add_row(rig->store, &publication, OSK_PUBLICATION_PUBLIC);
    publication.copy_len = 4;
    OskId three = add_row(rig->store, &publication, 77);
    OskIndex *index = open_index(rig->store);
    OskFound found;
    OskFault fault = { 0 };
    const OskId *const ids[] = { &one, &two, &three };
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(osk_index_find(index, ids[i], &found, &fault), OSK_OK);
        assert_null(found.piece);
    }
    osk_index_close(&index);
}

/* By day, newest first, and by id: what was published first is told by nothing. */
static void the_order_says_nothing_of_when_something_came(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskIndex *index = open_index(rig->store);
    /* Half of them before the first question, half of them behind it. */
    for (OskDay i = 0; i < 100; i++) {
        add_piece(rig->store, &album, 20010 + i % 3);
        if (i == 50) {
            assert_int_equal(total_of(index, &album), 51);
        }
    }
    OskIndex *again = open_index(rig->store);
    OskShelfPage pages[2];
    OskShelfPage page;
    OskFault fault = { 0 };
    const OskPiece *last = NULL;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(osk_index_shelf(index, &album, i + 1, &pages[i], &fault), OSK_OK);
        assert_int_equal(osk_index_shelf(again, &album, i + 1, &page, &fault), OSK_OK);
        assert_int_equal(pages[i].pages, 2);
        assert_int_equal(pages[i].count, i == 0 ? OSK_PAGE_PIECES : 40);
        assert_int_equal(page.count, pages[i].count);
        for (size_t k = 0; k < page.count; k++) {
            const OskPiece *piece = pages[i].pieces[k];
            assert_memory_equal(&piece->id, &page.pieces[k]->id, sizeof(OskId));
            assert_true(
                last == NULL || last->day > piece->day ||
                (last->day == piece->day && memcmp(&last->id, &piece->id, sizeof(OskId)) < 0));
            last = piece;
        }
        osk_shelf_page_end(&page);
    }
    osk_shelf_page_end(&pages[0]);
    osk_shelf_page_end(&pages[1]);
    assert_int_equal(osk_index_shelf(index, &album, 3, &page, &fault), OSK_OK);
    assert_int_equal(page.count, 0);
    osk_shelf_page_end(&page);
    osk_index_close(&again);
    osk_index_close(&index);
}

static void neighbours_and_the_page_are_those_of_the_album(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskId other = add_album(rig->store, "June", OSK_ALBUM_OPEN);
    for (OskDay i = 0; i < 130; i++) {
        add_piece(rig->store, i % 2 == 0 ? &album : &other, 20000 + i);
    }
    OskIndex *index = open_index(rig->store);
    OskShelfPage page;
    OskFound found;
    OskFault fault = { 0 };
    assert_int_equal(osk_index_shelf(index, &album, 2, &page, &fault), OSK_OK);
    assert_int_equal(page.count, 5);
    assert_int_equal(osk_index_find(index, &page.pieces[1]->id, &found, &fault), OSK_OK);
    assert_int_equal(found.page, 2);
    assert_true(found.has_previous && found.has_next);
    assert_memory_equal(&found.previous, &page.pieces[0]->id, sizeof(OskId));
    assert_memory_equal(&found.next, &page.pieces[2]->id, sizeof(OskId));
    osk_found_end(&found);
    assert_int_equal(osk_index_find(index, &page.pieces[4]->id, &found, &fault), OSK_OK);
    assert_true(found.has_previous && !found.has_next);
    osk_found_end(&found);
    osk_shelf_page_end(&page);
    osk_index_close(&index);
}

/* The picture of an album stands on a page that nobody was warned on. */
static void a_cover_needs_no_warning(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskPublication publication = usual(&album, 20020);
    memcpy(publication.warning, "blood", sizeof("blood"));
    add_row(rig->store, &publication, OSK_PUBLICATION_PUBLIC);
    publication = usual(&album, 20019);
    publication.kind = OSK_MEDIA_MP4;
    add_row(rig->store, &publication, OSK_PUBLICATION_PUBLIC);
    OskIndex *index = open_index(rig->store);
    OskShelfCards cards;
    OskFault fault = { 0 };
    assert_int_equal(osk_index_shelves(index, 1, &cards, &fault), OSK_OK);
    assert_int_equal(cards.count, 1);
    assert_null(cards.cards[0].cover);
    assert_int_equal(cards.cards[0].total, 2);
    assert_int_equal(cards.cards[0].newest, 20020);
    osk_shelf_cards_end(&cards);
    /* A video has a frame of itself, or nothing to show. */
    publication.day = 20000;
    publication.rendition_count = 1;
    publication.renditions[0] = (OskRendition){ .offset = 4, .len = 2, .width = 4, .height = 3 };
    OskId film = add_row(rig->store, &publication, OSK_PUBLICATION_PUBLIC);
    assert_int_equal(osk_index_shelves(index, 1, &cards, &fault), OSK_OK);
    assert_memory_equal(&cards.cards[0].cover->id, &film, sizeof(OskId));
    osk_shelf_cards_end(&cards);
    OskId still = add_piece(rig->store, &album, 20001);
    assert_int_equal(osk_index_shelves(index, 1, &cards, &fault), OSK_OK);
    assert_memory_equal(&cards.cards[0].cover->id, &still, sizeof(OskId));
    osk_shelf_cards_end(&cards);
    osk_index_close(&index);
}

/* Pages that were kept are good until something is different. */
static void what_is_read_anew_is_no_news(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskId one = add_piece(rig->store, &album, 20001);
    OskIndex *index = open_index(rig->store);
    OskFound found;
    OskFault fault = { 0 };
    uint64_t before = 0;
    uint64_t after = 0;
    assert_int_equal(osk_index_version(index, &before, &fault), OSK_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(osk_index_find_anew(index, &one, &found, &fault), OSK_OK);
        assert_non_null(found.piece);
        osk_found_end(&found);
        (void)osk_index_find_anew(index, &album, &found, &fault);
        assert_null(found.piece);
    }
    assert_int_equal(osk_index_version(index, &after, &fault), OSK_OK);
    assert_true(after == before);
    (void)add_piece(rig->store, &album, 20002);
    assert_int_equal(osk_index_version(index, &after, &fault), OSK_OK);
    assert_true(after > before);
    osk_index_close(&index);
}

/* Feeds are XML, which has no such letters. */
static void letters_that_no_page_needs_are_blanks(void **state)
{
    Rig *rig = *state;
    OskId album = add_album(rig->store, "a\x01title", OSK_ALBUM_OPEN);
    OskPublication publication = usual(&album, 20020);
    static const char text[] = "a\x1b[31m\nb\x7f \xEF\xBF\xBE\xEF\xBF\xBF \xEF\xBF\xBD";
    memcpy(publication.caption, text, sizeof(text));
    OskId one = add_row(rig->store, &publication, OSK_PUBLICATION_PUBLIC);
    OskIndex *index = open_index(rig->store);
    OskFound found;
    OskFault fault = { 0 };
    assert_int_equal(osk_index_find(index, &one, &found, &fault), OSK_OK);
    assert_string_equal(found.piece->caption, "a [31m\nb  \xEF\xBF\xBD\xEF\xBF\xBD \xEF\xBF\xBD");
    assert_string_equal(found.shelf->album.title, "a title");
    osk_found_end(&found);
    osk_index_close(&index);
}

/* More in one go than what is remembered of commits. */
static void after_many_commits_it_is_whole(void **state)
{
    Rig *rig = *state;
    OskIndex *index = open_index(rig->store);
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    OskId last = { .bytes = { 0 } };
    for (size_t i = 0; i < 1100; i++) {
        last = add_piece(rig->store, &album, 20010);
    }
    assert_int_equal(total_of(index, &album), 1100);
    set_flags(rig->store, OSK_SPACE_PUBLICATION, &last, OSK_PUBLICATION_HIDDEN);
    assert_int_equal(total_of(index, &album), 1099);
    osk_index_close(&index);
}

/* What was made of an older state of things is never shown again. */
static void each_change_has_a_version_of_its_own(void **state)
{
    Rig *rig = *state;
    OskIndex *index = open_index(rig->store);
    OskFault fault = { 0 };
    uint64_t versions[6];
    uint64_t again = 0;
    assert_int_equal(osk_index_version(index, &versions[0], &fault), OSK_OK);
    OskId album = add_album(rig->store, "May", OSK_ALBUM_OPEN);
    assert_int_equal(osk_index_version(index, &versions[1], &fault), OSK_OK);
    OskId one = add_piece(rig->store, &album, 20010);
    assert_int_equal(osk_index_version(index, &versions[2], &fault), OSK_OK);
    set_flags(rig->store, OSK_SPACE_PUBLICATION, &one, OSK_PUBLICATION_HIDDEN);
    OskFound found;
    assert_int_equal(osk_index_find(index, &one, &found, &fault), OSK_OK);
    versions[3] = found.version;
    osk_found_end(&found);
    set_flags(rig->store, OSK_SPACE_PUBLICATION, &one, OSK_PUBLICATION_PUBLIC);
    OskShelfPage page;
    assert_int_equal(osk_index_shelf(index, &album, 1, &page, &fault), OSK_OK);
    versions[4] = page.version;
    osk_shelf_page_end(&page);
    set_flags(rig->store, OSK_SPACE_ALBUM, &album, OSK_ALBUM_HIDDEN);
    OskShelfCards cards;
    assert_int_equal(osk_index_shelves(index, 1, &cards, &fault), OSK_OK);
    versions[5] = cards.version;
    osk_shelf_cards_end(&cards);
    for (size_t i = 1; i < 6; i++) {
        assert_true(versions[i] > versions[i - 1]);
    }
    assert_int_equal(osk_index_version(index, &again, &fault), OSK_OK);
    assert_int_equal(again, versions[5]);
    osk_index_close(&index);
}

int main(void)
{
    struct CMUnitTest tests[] = {
        STORE_TEST(what_is_hidden_or_withdrawn_is_gone_at_once),
        STORE_TEST(a_hidden_album_hides_what_is_in_it),
        STORE_TEST(only_public_ones_are_shown),
        STORE_TEST(a_row_without_its_bytes_is_none),
        STORE_TEST(the_order_says_nothing_of_when_something_came),
        STORE_TEST(neighbours_and_the_page_are_those_of_the_album),
        STORE_TEST(a_cover_needs_no_warning),
        STORE_TEST(what_is_read_anew_is_no_news),
        STORE_TEST(letters_that_no_page_needs_are_blanks),
        STORE_TEST(each_change_has_a_version_of_its_own),
        STORE_TEST(after_many_commits_it_is_whole),
    };
    return rig_run(tests, sizeof(tests) / sizeof(tests[0]));
}
