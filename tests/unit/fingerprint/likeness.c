/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What folds and what stays to be seen, on drawn pictures. bench/triage measures it on real ones.
 */
#include <string.h>

#include "fingerprint/drawn.h"
#include "unit.h"

#define WIDTH 480u
#define HEIGHT 360u

static OskPack *pack_of(const OskLuma *luma, uint32_t capture)
{
    OskPack *pack = NULL;
    OskStillFacts facts = { .width = luma->width, .height = luma->height, .capture = capture };
    assert_int_equal(osk_pack_of_still(&pack, luma, &facts, NULL), OSK_OK);
    return pack;
}

static OskLikeness compare(const OskLuma *query, const OskLuma *other)
{
    OskPack *left = pack_of(query, 0);
    OskPack *right = pack_of(other, 0);
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, left, right, NULL, NULL), OSK_OK);
    assert_true(osk_likeness_can_be(&out, NULL));
    osk_pack_free(&left);
    osk_pack_free(&right);
    return out;
}

static float *values_of(const OskLuma *luma)
{
    return (float *)(uintptr_t)luma->values;
}

/* The part of a picture that begins at (left, top). */
static OskLuma part_of(const OskLuma *luma, uint32_t left, uint32_t top, uint32_t width,
                       uint32_t height)
{
    float *values = malloc((size_t)width * height * sizeof *values);
    for (uint32_t y = 0; y < height; y++) {
        memcpy(values + (size_t)y * width, luma->values + (size_t)(y + top) * luma->width + left,
               width * sizeof *values);
    }
    return (OskLuma){ values, width, height };
}

static void paste(OskLuma *luma, const OskLuma *patch, uint32_t left, uint32_t top)
{
    for (uint32_t y = 0; y < patch->height; y++) {
        memcpy(values_of(luma) + (size_t)(y + top) * luma->width + left,
               patch->values + (size_t)y * patch->width, patch->width * sizeof(float));
    }
}

static void a_copy_with_other_light_and_noise_is_explained(void **state)
{
    (void)state;
    for (uint32_t seed = 30; seed < 36; seed++) {
        OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
        OskLuma copy = drawn_luma(WIDTH, HEIGHT, seed);
        uint32_t random = 1;
        for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
            float value = copy.values[i] * 0.8F + 20 + (float)(drawn_random(&random) % 9);
            values_of(&copy)[i] = value;
        }
        OskLikeness found = compare(&copy, &luma);
        assert_int_equal(found.tier, OSK_TIER_EXPLAINED);
        drawn_free(&copy);
        drawn_free(&luma);
    }
}

/* One step of one pixel of the luma: what is the same is told from what is nearly so. */
static void the_same_picture_is_explained_whole(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 77);
    OskPack *one = pack_of(&luma, 0);
    OskPack *again = pack_of(&luma, 0);
    OskLikeness found;
    assert_int_equal(osk_pack_compare(&found, again, one, NULL, NULL), OSK_OK);
    assert_int_equal(found.tier, OSK_TIER_EXPLAINED);
    assert_int_equal(found.covered_permille, 1000);
    assert_int_equal(found.inliers, one->frames[0].feature_count);
    again->frames[0].luma[0] ^= 1;
    assert_int_equal(osk_pack_compare(&found, again, one, NULL, NULL), OSK_OK);
    assert_int_equal(found.tier, OSK_TIER_EXPLAINED);
    osk_pack_free(&again);
    again = pack_of(&luma, OSK_CAPTURE_TIME);
    assert_int_equal(osk_pack_compare(&found, again, one, NULL, NULL), OSK_OK);
    assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
    osk_pack_free(&again);
    osk_pack_free(&one);
    drawn_free(&luma);
}

static void a_foreign_patch_is_shown_and_where_it_lies(void **state)
{
    (void)state;
    for (uint32_t seed = 40; seed < 46; seed++) {
        OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
        OskLuma copy = drawn_luma(WIDTH, HEIGHT, seed);
        OskLuma patch = drawn_luma(WIDTH / 5, HEIGHT / 5, seed + 100);
        paste(&copy, &patch, WIDTH / 2, HEIGHT / 4);
        OskLikeness found = compare(&copy, &luma);
        assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
        /* Most of the patch: left, top, width, height in thousandths. */
        assert_in_range(found.box[0], 430, 600);
        assert_in_range(found.box[1], 180, 350);
        assert_in_range(found.box[2], 60, 260);
        assert_in_range(found.box[3], 60, 260);
        drawn_free(&patch);
        drawn_free(&copy);
        drawn_free(&luma);
    }
}

static void a_crop_is_explained_and_its_source_is_not_by_it(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 50);
    OskLuma crop = part_of(&luma, 60, 50, WIDTH * 3 / 4, HEIGHT * 3 / 4);
    assert_int_equal(compare(&crop, &luma).tier, OSK_TIER_EXPLAINED);
    OskLikeness other = compare(&luma, &crop);
    assert_int_equal(other.tier, OSK_TIER_DIFFERENT);
    assert_true(other.covered_permille < 700);
    drawn_free(&crop);
    drawn_free(&luma);
}

static void a_mirrored_or_turned_copy_is_explained(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 60);
    float *values = malloc((size_t)WIDTH * HEIGHT * sizeof *values);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            values[(size_t)y * WIDTH + x] = luma.values[(size_t)y * WIDTH + WIDTH - 1 - x];
        }
    }
    assert_int_equal(compare(&(OskLuma){ values, WIDTH, HEIGHT }, &luma).tier, OSK_TIER_EXPLAINED);
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++) {
            values[(size_t)x * HEIGHT + HEIGHT - 1 - y] = luma.values[(size_t)y * WIDTH + x];
        }
    }
    assert_int_equal(compare(&(OskLuma){ values, HEIGHT, WIDTH }, &luma).tier, OSK_TIER_EXPLAINED);
    free(values);
    drawn_free(&luma);
}

static void another_picture_is_new_also_under_the_same_caption(void **state)
{
    (void)state;
    OskLuma bar = drawn_luma(WIDTH, HEIGHT / 5, 999);
    for (uint32_t seed = 70; seed < 76; seed++) {
        OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
        OskLuma other = drawn_luma(WIDTH, HEIGHT, seed + 500);
        assert_int_equal(compare(&luma, &other).tier, OSK_TIER_NEW);
        paste(&luma, &bar, 0, 0);
        paste(&other, &bar, 0, 0);
        assert_int_not_equal(compare(&luma, &other).tier, OSK_TIER_EXPLAINED);
        drawn_free(&other);
        drawn_free(&luma);
    }
    drawn_free(&bar);
}

static void a_copy_that_has_more_than_the_representative_is_shown(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 80);
    OskPack *query = pack_of(&luma, 0);
    OskPack *other = pack_of(&luma, 0);
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_EXPLAINED);
    query->capture = OSK_CAPTURE_PLACE;
    assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
    other->capture = OSK_CAPTURE_PLACE | OSK_CAPTURE_TIME;
    assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_EXPLAINED);
    query->width++;
    assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
    osk_pack_free(&query);
    osk_pack_free(&other);
    drawn_free(&luma);
}

static void what_a_file_carries_beside_makes_it_more(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 81);
    OskPack *query = pack_of(&luma, 0);
    OskPack *other = pack_of(&luma, 0);
    for (uint32_t bit = 1; bit < OSK_CAPTURE_ALL; bit *= 2) {
        OskLikeness out;
        query->capture = bit;
        other->capture = OSK_CAPTURE_ALL - bit;
        assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
        assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
        other->capture = OSK_CAPTURE_ALL;
        assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
        assert_int_equal(out.tier, OSK_TIER_EXPLAINED);
    }
    osk_pack_free(&query);
    osk_pack_free(&other);
    drawn_free(&luma);
}

static void a_picture_too_plain_to_tell_is_never_explained(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 90);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        values_of(&luma)[i] = 100 + luma.values[i] / 100;
    }
    assert_int_not_equal(compare(&luma, &luma).tier, OSK_TIER_EXPLAINED);
    drawn_free(&luma);
}

static void a_part_that_is_finer_than_the_whole_is_shown(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 51);
    OskLuma crop = part_of(&luma, 60, 50, WIDTH * 3 / 4, HEIGHT * 3 / 4);
    OskPack *whole = pack_of(&luma, 0);
    OskPack *part = pack_of(&crop, 0);
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, part, whole, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_EXPLAINED);
    /* As many pixels as the whole has, of three quarters of it. */
    part->width = WIDTH;
    part->height = HEIGHT;
    assert_int_equal(osk_pack_compare(&out, part, whole, NULL, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
    osk_pack_free(&part);
    osk_pack_free(&whole);
    drawn_free(&crop);
    drawn_free(&luma);
}

static void pixels_of_a_border_are_not_more(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 52);
    OskLuma boxed = drawn_luma(WIDTH, HEIGHT + 100, 1);
    memset(values_of(&boxed), 0, (size_t)WIDTH * (HEIGHT + 100) * sizeof(float));
    paste(&boxed, &luma, 0, 50);
    assert_int_equal(compare(&boxed, &luma).tier, OSK_TIER_EXPLAINED);
    drawn_free(&boxed);
    drawn_free(&luma);
}

/* Scaling mixes the lines where they meet: what is white is grey there. */
static void a_border_that_shines_into_a_light_picture_is_none_of_it(void **state)
{
    (void)state;
    unsigned explained = 0;
    for (uint32_t bar = 40; bar < 60; bar++) {
        OskLuma luma = drawn_luma(WIDTH, HEIGHT, 56);
        for (uint32_t y = HEIGHT - 60; y < HEIGHT; y++) {
            for (uint32_t x = 0; x < WIDTH; x++) {
                values_of(&luma)[(size_t)y * WIDTH + x] = 215 + (float)(x / 12);
            }
        }
        OskLuma boxed = drawn_luma(WIDTH, HEIGHT + 2 * bar, 1);
        memset(values_of(&boxed), 0, (size_t)WIDTH * (HEIGHT + 2 * bar) * sizeof(float));
        paste(&boxed, &luma, 0, bar);
        explained += compare(&boxed, &luma).tier == OSK_TIER_EXPLAINED;
        drawn_free(&boxed);
        drawn_free(&luma);
    }
    assert_int_equal(explained, 20);
}

/* Strokes of two pixels beside each other, as of branches before the sky. */
static OskLuma fine_luma(uint32_t seed)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
    uint32_t random = seed;
    for (uint32_t i = 0; i < 4000; i++) {
        uint32_t x = drawn_random(&random) % (WIDTH - 12);
        uint32_t y = drawn_random(&random) % (HEIGHT - 4);
        float value = (float)(drawn_random(&random) % 256);
        for (uint32_t at = 0; at < 12; at++) {
            values_of(&luma)[(size_t)(y + at / 4) * WIDTH + x + at] = value;
            values_of(&luma)[(size_t)(y + at / 4 + 1) * WIDTH + x + at] = value;
        }
    }
    return luma;
}

static void the_edge_of_a_part_is_not_held_against_it(void **state)
{
    (void)state;
    unsigned explained = 0;
    for (uint32_t seed = 0; seed < 8; seed++) {
        OskLuma luma = fine_luma(57 + seed);
        OskLuma part = part_of(&luma, 31 + seed, 23 + seed, WIDTH * 85 / 100, HEIGHT * 85 / 100);
        explained += compare(&part, &luma).tier == OSK_TIER_EXPLAINED;
        drawn_free(&part);
        drawn_free(&luma);
    }
    assert_int_equal(explained, 8);
}

/* Where blocks are a pixel wide all that is chance in them counts; what is foreign is found. */
static void blocks_of_a_narrow_picture_are_not_as_narrow(void **state)
{
    (void)state;
    for (uint32_t seed = 157; seed < 161; seed++) {
        OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
        OskLuma narrow = part_of(&luma, 100, 0, 110, HEIGHT);
        OskLuma copy = part_of(&luma, 100, 0, 110, HEIGHT);
        OskLuma patch = drawn_luma(110 / 4, HEIGHT / 4, seed + 100);
        paste(&copy, &patch, 40, HEIGHT / 3);
        OskLikeness found = compare(&copy, &narrow);
        assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
        /* A sixteenth of 32 x 32, and what is half of it beside. */
        assert_in_range(found.component_32, 20, 110);
        drawn_free(&patch);
        drawn_free(&copy);
        drawn_free(&narrow);
        drawn_free(&luma);
    }
}

static void what_would_be_lighter_than_white_is_white(void **state)
{
    (void)state;
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 53);
    OskLuma copy = drawn_luma(WIDTH, HEIGHT, 53);
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        float value = copy.values[i] * 1.15F + 15;
        values_of(&copy)[i] = value > 255 ? 255 : value;
    }
    assert_int_equal(compare(&copy, &luma).tier, OSK_TIER_EXPLAINED);
    /* But not the other way round: it shows what the copy has lost. */
    assert_int_equal(compare(&luma, &copy).tier, OSK_TIER_DIFFERENT);
    drawn_free(&copy);
    drawn_free(&luma);
}

static void what_the_rules_do_not_allow_can_not_be(void **state)
{
    (void)state;
    const OskLikeness still = {
        .tier = OSK_TIER_EXPLAINED, .covered_permille = 900, .component_16 = 2, .component_32 = 3
    };
    assert_true(osk_likeness_can_be(&still, NULL));
    OskLikeness said = still;
    said.covered_permille = 899;
    assert_false(osk_likeness_can_be(&said, NULL));
    said.tier = OSK_TIER_DIFFERENT;
    assert_true(osk_likeness_can_be(&said, NULL));
    said = still;
    said.component_16 = 3;
    assert_false(osk_likeness_can_be(&said, NULL));
    said = still;
    said.component_32 = 4;
    assert_false(osk_likeness_can_be(&said, NULL));
    OskLikeness film = still;
    film.frames_permille = 950;
    film.key_frames = 8;
    assert_true(osk_likeness_can_be(&film, NULL));
    said = film;
    said.frames_permille = 949;
    assert_false(osk_likeness_can_be(&said, NULL));
    said = film;
    said.key_frames = 7;
    assert_false(osk_likeness_can_be(&said, NULL));
}

static void where_nothing_is_explained_corners_agree_by_chance(void **state)
{
    (void)state;
    OskLuma bar = drawn_luma(WIDTH, HEIGHT / 2, 999);
    OskLuma one = drawn_luma(WIDTH, HEIGHT, 70);
    OskLuma other = drawn_luma(WIDTH, HEIGHT, 570);
    paste(&one, &bar, 0, 0);
    paste(&other, &bar, 0, 0);
    OskPack *left = pack_of(&one, 0);
    OskPack *right = pack_of(&other, 0);
    OskLikenessRules rules = osk_likeness_rules();
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, left, right, &rules, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_DIFFERENT);
    /* As if what stands in common were too little. */
    rules.distance = 0;
    rules.alien_16 = out.component_16;
    assert_int_equal(osk_pack_compare(&out, left, right, &rules, NULL), OSK_OK);
    assert_int_equal(out.tier, OSK_TIER_NEW);
    osk_pack_free(&left);
    osk_pack_free(&right);
    drawn_free(&one);
    drawn_free(&other);
    drawn_free(&bar);
}

/* ---- time lines ---- */

#define KEYS 10u
/* Where in a scene its small frame lies. */
#define SMALL_MS 100u
#define SCENES 30u

/* What a small frame has of a picture: no corners. */
static void take_small(OskPackFrame *out, const OskLuma *luma, uint32_t time_ms)
{
    OskLuma little;
    assert_int_equal(osk_luma_scale(&little, luma, 40, NULL), OSK_OK);
    OskPack *still = pack_of(&little, 0);
    *out = still->frames[0];
    free(out->features);
    out->features = NULL;
    out->feature_count = 0;
    out->time_ms = time_ms;
    still->key_count = 0;
    osk_pack_free(&still);
    osk_luma_free(&little);
}

/* What a video has of one scene. */
typedef struct Scene {
    OskPackHash hash;
    OskPackFrame key;
    OskPackFrame small;
} Scene;

static Scene make_scene(uint32_t seed, bool patched)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, seed);
    if (patched) {
        OskLuma patch = drawn_luma(WIDTH / 4, HEIGHT / 4, 7777);
        paste(&luma, &patch, 40, 40);
        drawn_free(&patch);
    }
    OskPack *still = pack_of(&luma, 0);
    Scene scene = { .hash = still->hashes[0], .key = still->frames[0] };
    scene.hash.has_forms = false;
    still->key_count = 0;
    osk_pack_free(&still);
    take_small(&scene.small, &luma, 0);
    drawn_free(&luma);
    return scene;
}

static void free_scene(Scene *scene)
{
    free(scene->key.luma);
    free(scene->key.features);
    free(scene->small.luma);
}

/* Ownership: the copy has bytes of its own. */
static OskPackFrame copy_frame(const OskPackFrame *frame, uint32_t time_ms)
{
    size_t pixels = (size_t)frame->luma_width * frame->luma_height;
    OskPackFrame copy = *frame;
    copy.time_ms = time_ms;
    copy.luma = malloc(pixels);
    memcpy(copy.luma, frame->luma, pixels);
    if (frame->feature_count > 0) {
        copy.features = calloc(frame->feature_count, sizeof *copy.features);
        memcpy(copy.features, frame->features, frame->feature_count * sizeof *copy.features);
    }
    return copy;
}

/* The scenes of the video that most tests have: drawing them is nearly all that they take. */
#define FILM 200u
static Scene film[SCENES];

static int draw_film(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SCENES; i++) {
        film[i] = make_scene(FILM + i, false);
    }
    return 0;
}

static int free_film(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SCENES; i++) {
        free_scene(&film[i]);
    }
    return 0;
}

/* A video of scenes of 400 ms, each hashed once; every third of them has a key frame, and each a
 * small one after its beginning. */
static OskPack *video_of(uint32_t seed, uint32_t patched)
{
    OskPack *pack = calloc(1, sizeof *pack);
    *pack = (OskPack){ .kind = OSK_PACK_VIDEO,
                       .width = WIDTH,
                       .height = HEIGHT,
                       .duration_ms = SCENES * 400,
                       .frame_count = 300 };
    pack->hashes = calloc(SCENES, sizeof *pack->hashes);
    pack->frames = calloc(KEYS + SCENES, sizeof *pack->frames);
    for (uint32_t i = 0; i < SCENES; i++) {
        bool is_drawn = seed == FILM && i != patched;
        Scene scene = is_drawn ? film[i] : make_scene(seed + i, i == patched);
        pack->hashes[i] = scene.hash;
        pack->hashes[i].time_ms = i * 400;
        if (i % 3 == 0) {
            pack->frames[pack->key_count++] = copy_frame(&scene.key, i * 400);
        }
        pack->frames[KEYS + i] = copy_frame(&scene.small, i * 400 + SMALL_MS);
        if (!is_drawn) {
            free_scene(&scene);
        }
    }
    assert_int_equal(pack->key_count, KEYS);
    pack->hash_count = SCENES;
    pack->small_count = SCENES;
    return pack;
}

static OskLikeness compare_packs(const OskPack *query, const OskPack *other)
{
    OskLikeness out;
    assert_int_equal(osk_pack_compare(&out, query, other, NULL, NULL), OSK_OK);
    return out;
}

static void a_video_is_explained_by_its_frames_and_key_frames(void **state)
{
    (void)state;
    OskPack *one = video_of(FILM, SCENES);
    OskPack *same = video_of(FILM, SCENES);
    OskPack *patched = video_of(FILM, 6);
    OskPack *foreign = video_of(400, SCENES);
    OskLikeness found = compare_packs(one, same);
    assert_int_equal(found.tier, OSK_TIER_EXPLAINED);
    assert_int_equal(found.frames_permille, 1000);
    assert_true(found.key_frames >= 8);
    assert_int_equal(compare_packs(patched, one).tier, OSK_TIER_DIFFERENT);
    assert_int_equal(compare_packs(foreign, one).tier, OSK_TIER_NEW);
    one->low_diversity = true;
    assert_int_equal(compare_packs(one, same).tier, OSK_TIER_DIFFERENT);
    assert_int_equal(compare_packs(same, one).tier, OSK_TIER_DIFFERENT);
    one->low_diversity = false;
    one->duration_ms += 1000;
    assert_int_equal(compare_packs(one, same).tier, OSK_TIER_DIFFERENT);
    assert_int_equal(compare_packs(same, one).tier, OSK_TIER_EXPLAINED);
    osk_pack_free(&one);
    osk_pack_free(&same);
    osk_pack_free(&patched);
    osk_pack_free(&foreign);
}

static void mirror(OskPack *pack)
{
    for (size_t i = 0; i < pack->hash_count; i++) {
        /* As who mirrors all of it would have it. */
        pack->hashes[i].pdq.forms[0] = pack->hashes[i].pdq.forms[5];
    }
    for (size_t i = 0; i < pack->key_count + pack->small_count; i++) {
        OskPackFrame *frame = &pack->frames[i];
        for (unsigned y = 0; y < frame->luma_height; y++) {
            uint8_t *row = frame->luma + (size_t)y * frame->luma_width;
            for (unsigned x = 0; x < frame->luma_width / 2u; x++) {
                uint8_t held = row[x];
                row[x] = row[frame->luma_width - 1 - x];
                row[frame->luma_width - 1 - x] = held;
            }
        }
        frame->trim.left = frame->luma_width - frame->trim.left - frame->trim.width;
        frame->feature_count = 0;
    }
}

static void a_mirrored_video_is_explained(void **state)
{
    (void)state;
    OskPack *one = video_of(FILM, SCENES);
    OskPack *mirrored = video_of(FILM, SCENES);
    OskPack *patched = video_of(FILM, 6);
    mirror(mirrored);
    mirror(patched);
    assert_int_equal(compare_packs(mirrored, one).tier, OSK_TIER_EXPLAINED);
    assert_int_equal(compare_packs(one, mirrored).tier, OSK_TIER_EXPLAINED);
    assert_int_equal(compare_packs(patched, one).tier, OSK_TIER_DIFFERENT);
    osk_pack_free(&one);
    osk_pack_free(&mirrored);
    osk_pack_free(&patched);
}

static void a_kept_hash_stands_for_frames_up_to_the_next(void **state)
{
    (void)state;
    OskPack *one = video_of(FILM, SCENES);
    OskPack *late = video_of(FILM, SCENES);
    /* With fewer frames a second each change is seen later. */
    for (size_t i = 1; i < late->hash_count; i++) {
        late->hashes[i].time_ms += 50 + 100 * (uint32_t)(i % 3);
    }
    assert_int_equal(compare_packs(late, one).tier, OSK_TIER_EXPLAINED);
    /* But not for what comes behind the end. */
    one->duration_ms = SCENES * 200;
    late->duration_ms = SCENES * 200;
    assert_true(compare_packs(late, one).frames_permille < 700);
    osk_pack_free(&one);
    osk_pack_free(&late);
}

/* Another picture in a scene that has no key frame, until its small frame, and from 125 ms behind
 * that. */
static void replace(OskPack *pack, uint32_t scene)
{
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, 9000);
    OskPack *still = pack_of(&luma, 0);
    assert_int_not_equal(scene % 3, 0);
    pack->hashes[scene].pdq = still->hashes[0].pdq;
    osk_pack_free(&still);
    drawn_free(&luma);
}

/* A scene lasts longer: what follows comes later. */
static void stretch(OskPack *pack, uint32_t scene, uint32_t ms)
{
    for (size_t i = scene + 1; i < pack->hash_count; i++) {
        pack->hashes[i].time_ms += ms;
    }
    for (size_t i = scene / 3 + 1; i < pack->key_count; i++) {
        pack->frames[i].time_ms += ms;
    }
    for (size_t i = scene + 1; i < pack->small_count; i++) {
        pack->frames[pack->key_count + i].time_ms += ms;
    }
    pack->duration_ms += ms;
}

static void a_scene_counts_for_as_long_as_it_is_seen(void **state)
{
    (void)state;
    OskPack *one = video_of(FILM, SCENES);
    OskPack *replaced = video_of(FILM, SCENES);
    replace(replaced, 16);
    OskLikeness found = compare_packs(replaced, one);
    assert_int_equal(found.tier, OSK_TIER_EXPLAINED);
    assert_in_range(found.frames_permille, 965, 980);
    /* Still one hash of thirty, and most of what is seen. */
    stretch(one, 16, 20000);
    stretch(replaced, 16, 20000);
    assert_int_equal(compare_packs(one, one).tier, OSK_TIER_EXPLAINED);
    found = compare_packs(replaced, one);
    assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
    assert_in_range(found.frames_permille, 350, 380);
    osk_pack_free(&one);
    osk_pack_free(&replaced);
}

static void more_than_a_second_that_is_unlike_is_shown(void **state)
{
    (void)state;
    OskPack *one = video_of(FILM, SCENES);
    OskPack *replaced = video_of(FILM, SCENES);
    for (uint32_t i = 0; i < SCENES; i++) {
        stretch(one, i, 500);
        stretch(replaced, i, 500);
    }
    replace(replaced, 16);
    OskLikeness found = compare_packs(replaced, one);
    assert_int_equal(found.tier, OSK_TIER_EXPLAINED);
    assert_in_range(found.frames_permille, 965, 980);
    /* More than 95 % of its time is alike. */
    stretch(one, 16, 250);
    stretch(replaced, 16, 250);
    found = compare_packs(replaced, one);
    assert_int_equal(found.tier, OSK_TIER_DIFFERENT);
    assert_in_range(found.frames_permille, 955, 970);
    osk_pack_free(&one);
    osk_pack_free(&replaced);
}

static void a_still_of_a_video_is_shown(void **state)
{
    (void)state;
    OskPack *video = video_of(FILM, SCENES);
    OskLuma luma = drawn_luma(WIDTH, HEIGHT, FILM + 12);
    OskPack *still = pack_of(&luma, 0);
    assert_int_equal(compare_packs(still, video).tier, OSK_TIER_DIFFERENT);
    assert_int_equal(compare_packs(video, still).tier, OSK_TIER_DIFFERENT);
    osk_pack_free(&still);
    osk_pack_free(&video);
    drawn_free(&luma);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_with_other_light_and_noise_is_explained),
        cmocka_unit_test(the_same_picture_is_explained_whole),
        cmocka_unit_test(a_foreign_patch_is_shown_and_where_it_lies),
        cmocka_unit_test(a_crop_is_explained_and_its_source_is_not_by_it),
        cmocka_unit_test(a_mirrored_or_turned_copy_is_explained),
        cmocka_unit_test(another_picture_is_new_also_under_the_same_caption),
        cmocka_unit_test(a_copy_that_has_more_than_the_representative_is_shown),
        cmocka_unit_test(what_a_file_carries_beside_makes_it_more),
        cmocka_unit_test(a_picture_too_plain_to_tell_is_never_explained),
        cmocka_unit_test(a_part_that_is_finer_than_the_whole_is_shown),
        cmocka_unit_test(pixels_of_a_border_are_not_more),
        cmocka_unit_test(a_border_that_shines_into_a_light_picture_is_none_of_it),
        cmocka_unit_test(the_edge_of_a_part_is_not_held_against_it),
        cmocka_unit_test(blocks_of_a_narrow_picture_are_not_as_narrow),
        cmocka_unit_test(what_would_be_lighter_than_white_is_white),
        cmocka_unit_test(what_the_rules_do_not_allow_can_not_be),
        cmocka_unit_test(where_nothing_is_explained_corners_agree_by_chance),
        cmocka_unit_test(a_video_is_explained_by_its_frames_and_key_frames),
        cmocka_unit_test(a_mirrored_video_is_explained),
        cmocka_unit_test(a_kept_hash_stands_for_frames_up_to_the_next),
        cmocka_unit_test(a_scene_counts_for_as_long_as_it_is_seen),
        cmocka_unit_test(more_than_a_second_that_is_unlike_is_shown),
        cmocka_unit_test(a_still_of_a_video_is_shown),
    };
    return cmocka_run_group_tests(tests, draw_film, free_film);
}
