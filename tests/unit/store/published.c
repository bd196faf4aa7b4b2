/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of what is public: what is written is read again, and nothing else is. */
#include "store/published.h"

#include "store/day.h"

#include <stdlib.h>
#include <string.h>

#include "unit.h"

static OskPublication publication(void)
{
    OskPublication one = { .day = 20780,
                           .kind = OSK_MEDIA_JPEG,
                           .width = 4000,
                           .height = 3000,
                           .areas = 3,
                           .copy_len = 5000000,
                           .was_public = true,
                           .was_seen = true,
                           .rendition_count = 2,
                           .renditions = { { 5000000, 40000, 480, 360 },
                                           { 5040000, 200000, 1280, 960 } } };
    memset(one.digest, 0xd1, sizeof(one.digest));
    memset(&one.album, 0xa1, sizeof(one.album));
    memset(&one.maker, 0x3a, sizeof(one.maker));
    memcpy(one.caption, "Plaza Mayor, \xc3\xb1 5 de mayo",
           sizeof("Plaza Mayor, \xc3\xb1 5 de mayo"));
    memcpy(one.alt, "A crowd before a town hall", sizeof("A crowd before a town hall"));
    memcpy(one.warning, "Injuries", sizeof("Injuries"));
    return one;
}

static void publication_is_read_as_it_was_written(void **state)
{
    (void)state;
    OskPublication one = publication();
    OskBytes bytes;
    assert_int_equal(osk_publication_write(&one, &bytes), OSK_OK);
    OskPublication again;
    assert_true(osk_publication_read(&again, &bytes));
    assert_string_equal(again.caption, one.caption);
    assert_string_equal(again.alt, one.alt);
    assert_string_equal(again.warning, one.warning);
    assert_int_equal(again.renditions[1].offset, 5040000);
    assert_int_equal(again.renditions[1].width, 1280);
    assert_int_equal(again.copy_len, one.copy_len);
    assert_memory_equal(again.digest, one.digest, sizeof(one.digest));
    assert_memory_equal(&again.maker, &one.maker, sizeof(one.maker));
    assert_true(again.was_public && again.was_seen);
    osk_bytes_clear(&bytes);
}

/* Every shorter record, and one with a byte behind it, is none. */
static void half_a_record_is_none(void **state)
{
    (void)state;
    OskPublication one = publication();
    OskBytes bytes;
    assert_int_equal(osk_publication_write(&one, &bytes), OSK_OK);
    OskPublication again;
    for (size_t len = 0; len < bytes.len; len++) {
        OskBytes part = { bytes.bytes, len };
        assert_false(osk_publication_read(&again, &part));
    }
    uint8_t *longer = calloc(1, bytes.len + 1);
    assert_non_null(longer);
    memcpy(longer, bytes.bytes, bytes.len);
    OskBytes more = { longer, bytes.len + 1 };
    assert_false(osk_publication_read(&again, &more));
    free(longer);
    osk_bytes_clear(&bytes);
}

/* A row that lets a reader leave its blob would be a hole in the server. */
static void renditions_lie_behind_the_copy(void **state)
{
    (void)state;
    OskPublication one = publication();
    one.renditions[1].offset++;
    OskBytes bytes;
    assert_int_equal(osk_publication_write(&one, &bytes), OSK_OK);
    OskPublication again;
    assert_false(osk_publication_read(&again, &bytes));
    osk_bytes_clear(&bytes);
    one = publication();
    one.copy_len = UINT64_MAX - 10;
    assert_int_equal(osk_publication_write(&one, &bytes), OSK_OK);
    assert_false(osk_publication_read(&again, &bytes));
    osk_bytes_clear(&bytes);
}

static void texts_are_utf8(void **state)
{
    (void)state;
    OskPublication one = publication();
    memcpy(one.alt, "\xff\xfe", sizeof("\xff\xfe"));
    OskBytes bytes;
    assert_int_equal(osk_publication_write(&one, &bytes), OSK_MISUSE);
    assert_null(bytes.bytes);
}

/* Of the first version there were two forms, of which one had no maker: each is read as what it
 * is, with zeros for a maker, too; and no other version is. */
static void albums_of_the_first_version_are_read(void **state)
{
    (void)state;
    static const size_t maker_at = 5;
    OskAlbum album = { .day = 20780, .language = "ar", .title = "May", .description = "d" };
    OskAlbum again;
    for (int i = 0; i < 2; i++) {
        OskBytes bytes;
        memset(&album.maker, i == 0 ? 0 : 0x3a, sizeof(album.maker));
        assert_int_equal(osk_album_write(&album, &bytes), OSK_OK);
        assert_int_equal(bytes.bytes[0], 2);
        bytes.bytes[0] = 1;
        assert_true(osk_album_read(&again, &bytes));
        assert_memory_equal(&again, &album, sizeof(album));
        bytes.len -= sizeof(album.maker);
        memmove(bytes.bytes + maker_at, bytes.bytes + maker_at + sizeof(album.maker),
                bytes.len - maker_at);
        assert_true(osk_album_read(&again, &bytes));
        memset(&album.maker, 0, sizeof(album.maker));
        assert_memory_equal(&again, &album, sizeof(album));
        for (uint8_t version = 0; version < 4; version++) {
            bytes.bytes[0] = version;
            assert_int_equal(osk_album_read(&again, &bytes), version == 1);
        }
        osk_bytes_clear(&bytes);
    }
}

static void albums_shares_and_requests_are_read_as_they_were_written(void **state)
{
    (void)state;
    OskAlbum album = {
        .day = 20780, .language = "ar", .title = "May", .description = "d", .warning = ""
    };
    OskBytes bytes;
    assert_int_equal(osk_album_write(&album, &bytes), OSK_OK);
    OskAlbum album_again;
    assert_true(osk_album_read(&album_again, &bytes));
    assert_string_equal(album_again.title, "May");
    assert_string_equal(album_again.language, "ar");
    osk_bytes_clear(&bytes);

    OskShare share = { .made = 20780, .expires = 20787, .views = 1, .has_passphrase = true };
    memset(share.verifier, 7, sizeof(share.verifier));
    assert_int_equal(osk_share_write(&share, &bytes), OSK_OK);
    OskShare share_again;
    assert_true(osk_share_read(&share_again, &bytes));
    assert_true(share_again.has_passphrase);
    assert_int_equal(share_again.views, 1);
    assert_memory_equal(share_again.verifier, share.verifier, sizeof(share.verifier));
    osk_bytes_clear(&bytes);

    uint8_t words[] = "age-encryption.org/v1";
    OskAskedRow asked = { .space = OSK_SPACE_SHARE,
                          .day = 20780,
                          .sealed = { words, sizeof(words) } };
    assert_int_equal(osk_asked_write(&asked, &bytes), OSK_OK);
    OskAskedRow asked_again;
    assert_true(osk_asked_read(&asked_again, &bytes));
    assert_int_equal(asked_again.space, OSK_SPACE_SHARE);
    assert_int_equal(asked_again.sealed.len, sizeof(words));
    assert_memory_equal(asked_again.sealed.bytes, words, sizeof(words));
    osk_bytes_clear(&bytes);
    asked.space = OSK_SPACE_REVIEWER;
    assert_int_equal(osk_asked_write(&asked, &bytes), OSK_OK);
    assert_false(osk_asked_read(&asked_again, &bytes));
    osk_bytes_clear(&bytes);
}

static void ids_are_written_in_one_way(void **state)
{
    (void)state;
    OskId id = { .bytes = { 0x89, 0xba, 0x1f, 0xe7, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0xff } };
    OskId again;
    char text[OSK_PUBLIC_ID_BYTES];
    char name[OSK_PUBLIC_NAME_BYTES];
    osk_public_id_write(&id, text);
    assert_string_equal(text, "89ba1fe7000102030405060708090aff");
    assert_true(osk_public_id_read(text, 32, &again));
    assert_memory_equal(&again, &id, sizeof(id));
    assert_false(osk_public_id_read("89BA1FE7000102030405060708090AFF", 32, &again));
    assert_false(osk_public_id_read(text, 31, &again));
    assert_false(osk_public_id_read("89ba1fe7000102030405060708090af/", 32, &again));
    osk_public_name(&id, OSK_MEDIA_WEBM, name);
    assert_string_equal(name, "oilskin-89ba1fe7.webm");
}

static void a_day_is_written_as_people_do(void **state)
{
    (void)state;
    char text[OSK_DAY_TEXT_BYTES];
    osk_day_write(0, text);
    assert_string_equal(text, "1970-01-01");
    osk_day_write(19782, text);
    assert_string_equal(text, "2024-02-29");
    osk_day_write(20780, text);
    assert_string_equal(text, "2026-11-23");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(publication_is_read_as_it_was_written),
        cmocka_unit_test(half_a_record_is_none),
        cmocka_unit_test(renditions_lie_behind_the_copy),
        cmocka_unit_test(texts_are_utf8),
        cmocka_unit_test(ids_are_written_in_one_way),
        cmocka_unit_test(a_day_is_written_as_people_do),
        cmocka_unit_test(albums_of_the_first_version_are_read),
        cmocka_unit_test(albums_shares_and_requests_are_read_as_they_were_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
