/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include "http/tries.h"
#include "host/clock.h"
#include "host/random.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const OskRandom kernel = { .fill = osk_random_fill };
static OskTries *tries;

typedef struct Guess {
    OskTry one;
    bool is_right;
    bool again; /* guesses at once anew, as a program does */
    const char *name;
    int64_t ended_ms; /* 0: not yet */
    bool was_refused;
} Guess;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned runs;
static unsigned running;
static unsigned most_running;
static bool stops;

static void settle(Guess *guess, bool was_refused)
{
    pthread_mutex_lock(&lock);
    guess->ended_ms = osk_now_ms();
    guess->was_refused = was_refused;
    bool again = guess->again && !stops;
    pthread_mutex_unlock(&lock);
    if (again) {
        osk_tries_add(tries, &guess->one, guess->name, strlen(guess->name));
    }
}

static bool run(OskTry *one)
{
    Guess *guess = (Guess *)one;
    bool is_right = guess->is_right;
    pthread_mutex_lock(&lock);
    runs++;
    running++;
    most_running = running > most_running ? running : most_running;
    pthread_mutex_unlock(&lock);
    usleep(5000);
    pthread_mutex_lock(&lock);
    running--;
    pthread_mutex_unlock(&lock);
    settle(guess, false);
    return is_right;
}

static void refuse(OskTry *one)
{
    settle((Guess *)one, true);
}

static int set_up(void **state)
{
    (void)state;
    runs = 0;
    running = 0;
    most_running = 0;
    stops = false;
    return osk_tries_open(&tries, &kernel) == OSK_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    osk_tries_close(&tries);
    return 0;
}

static void add(Guess *guess, const char *name, bool is_right)
{
    guess->one = (OskTry){ .run = run, .refuse = refuse };
    guess->name = name;
    guess->is_right = is_right;
    osk_tries_add(tries, &guess->one, name, strlen(name));
}

static bool has_ended(Guess *guess)
{
    pthread_mutex_lock(&lock);
    bool ended = guess->ended_ms != 0;
    pthread_mutex_unlock(&lock);
    return ended;
}

static void wait_for(Guess *guess)
{
    for (int ms = 0; ms < 30000 && !has_ended(guess); ms += 2) {
        usleep(2000);
    }
    assert_true(has_ended(guess));
}

static unsigned count_runs(void)
{
    pthread_mutex_lock(&lock);
    unsigned count = runs;
    pthread_mutex_unlock(&lock);
    return count;
}

static void tries__three_are_free_then_a_lane_rests(void **state)
{
    (void)state;
    static Guess guesses[5];
    memset(guesses, 0, sizeof(guesses));
    for (int i = 0; i < 5; i++) {
        add(&guesses[i], "anna", false);
        wait_for(&guesses[i]);
    }
    assert_true(guesses[3].ended_ms - guesses[0].ended_ms < 500);
    assert_true(guesses[4].ended_ms - guesses[3].ended_ms >= 1000);
    assert_int_equal(osk_tries_rest_ms(3), 0);
    assert_int_equal(osk_tries_rest_ms(4), 1000);
    assert_int_equal(osk_tries_rest_ms(6), 4000);
    assert_int_equal(osk_tries_rest_ms(1000), OSK_TRIES_REST_MS);
}

/* Who has the passphrase is told when to come, and is not left hanging behind who guesses. */
static void tries__a_brief_one_is_told_at_once_where_its_lane_rests(void **state)
{
    (void)state;
    static Guess wrong[8];
    static Guess brief;
    memset(wrong, 0, sizeof(wrong));
    memset(&brief, 0, sizeof(brief));
    /* Behind the last, the lane rests for 16 s. */
    for (int i = 0; i < 8; i++) {
        add(&wrong[i], "anna", false);
        wait_for(&wrong[i]);
    }
    unsigned before = count_runs();
    brief.one = (OskTry){ .run = run, .refuse = refuse };
    brief.name = "anna";
    osk_tries_add_brief(tries, &brief.one, "anna", 4);
    wait_for(&brief);
    assert_true(brief.was_refused);
    assert_int_equal(count_runs(), before);
    assert_in_range(brief.one.retry_s, 2, 16);
}

static void tries__who_guesses_at_one_name_slows_no_other(void **state)
{
    (void)state;
    static Guess guesses[200];
    static Guess other;
    memset(guesses, 0, sizeof(guesses));
    memset(&other, 0, sizeof(other));
    for (int i = 0; i < 200; i++) {
        add(&guesses[i], "anna", false);
    }
    int64_t began = osk_now_ms();
    add(&other, "bert", true);
    wait_for(&other);
    assert_false(other.was_refused);
    assert_true(other.ended_ms - began < 500);
    assert_true(count_runs() < 10);
    assert_true(most_running <= OSK_TRIES_THREADS);
}

/* In place of chance: of those who wait in a lane the newest is drawn. */
static bool draw_newest(void *context, void *out, size_t len)
{
    (void)context;
    memset(out, 1, len);
    return true;
}

/* The lane is hot, and guesses that never end wait in it: in a queue the honest one would stand
 * behind them, where they always come back to. */
static void tries__an_honest_person_is_not_locked_out_by_guessers(void **state)
{
    (void)state;
    static const OskRandom newest = { .fill = draw_newest };
    static Guess guesses[2];
    static Guess honest;
    memset(guesses, 0, sizeof(guesses));
    memset(&honest, 0, sizeof(honest));
    osk_tries_close(&tries);
    assert_int_equal(osk_tries_open(&tries, &newest), OSK_OK);
    for (int i = 0; i < 2; i++) {
        guesses[i].again = true;
        add(&guesses[i], "anna", false);
    }
    while (count_runs() <= OSK_TRIES_FREE) {
        usleep(1000);
    }
    usleep(100 * 1000);
    int64_t began = osk_now_ms();
    add(&honest, "anna", true);
    wait_for(&honest);
    assert_false(honest.was_refused);
    assert_true(honest.ended_ms - began < 2000);
    pthread_mutex_lock(&lock);
    stops = true;
    pthread_mutex_unlock(&lock);
}

static void tries__who_waits_is_bounded_and_a_newcomer_gets_in(void **state)
{
    (void)state;
    static Guess guesses[OSK_TRIES_WAITING_MAX + 64];
    unsigned refused = 0;
    memset(guesses, 0, sizeof(guesses));
    for (size_t i = 0; i < OSK_TRIES_WAITING_MAX + 64; i++) {
        add(&guesses[i], "anna", false);
    }
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < OSK_TRIES_WAITING_MAX + 64; i++) {
        refused += guesses[i].was_refused ? 1 : 0;
    }
    bool last_is_in = !guesses[OSK_TRIES_WAITING_MAX + 63].was_refused;
    pthread_mutex_unlock(&lock);
    assert_true(refused >= 50 && refused <= 64);
    assert_true(last_is_in);
}

/* As a program would: each guess at a name of its own. */
static void tries__strangers_take_neither_the_place_nor_the_turn_of_a_known_browser(void **state)
{
    (void)state;
    static Guess strangers[10000];
    static char names[10000][8];
    static Guess known;
    memset(strangers, 0, sizeof(strangers));
    memset(&known, 0, sizeof(known));
    for (size_t i = 0; i < 10000; i++) {
        snprintf(names[i], sizeof(names[i]), "%zu", i);
        if (i == 5000) {
            known = (Guess){ .one = { .run = run, .refuse = refuse }, .is_right = true };
            osk_tries_add_known(tries, &known.one, "browser", 7);
        }
        add(&strangers[i], names[i], false);
    }
    unsigned before = count_runs();
    wait_for(&known);
    assert_false(known.was_refused);
    /* At most what runs, and one turn of strangers. */
    assert_true(count_runs() <= before + OSK_TRIES_THREADS + 2);
}

static void tries__a_stop_answers_everybody_who_waits(void **state)
{
    (void)state;
    static Guess guesses[20];
    static Guess late;
    memset(guesses, 0, sizeof(guesses));
    memset(&late, 0, sizeof(late));
    for (int i = 0; i < 20; i++) {
        add(&guesses[i], "anna", false);
    }
    osk_tries_park(tries);
    add(&late, "anna", false);
    osk_tries_close(&tries);
    for (int i = 0; i < 20; i++) {
        assert_true(has_ended(&guesses[i]));
    }
    assert_true(late.was_refused);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(tries__three_are_free_then_a_lane_rests),
        TEST(tries__a_brief_one_is_told_at_once_where_its_lane_rests),
        TEST(tries__who_guesses_at_one_name_slows_no_other),
        TEST(tries__an_honest_person_is_not_locked_out_by_guessers),
        TEST(tries__who_waits_is_bounded_and_a_newcomer_gets_in),
        TEST(tries__strangers_take_neither_the_place_nor_the_turn_of_a_known_browser),
        TEST(tries__a_stop_answers_everybody_who_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
