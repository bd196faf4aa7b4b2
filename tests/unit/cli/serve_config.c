/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The configuration of the drop: what it takes, and what is said of what it does not take. */
#include "cli/serve_config.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define RECIPIENT "age1tqx3lawzye60ned05cuweyheq408kwkgsrkeh9zn4x6ydz2mnq8q0lm27y"
#define WHOLE                                                                                      \
    "# a drop\n[drop]\noperator = The Herald\nreaders = Two editors\ncontact = drop@example.org\n" \
    "keep_days = 90\n[server]\nlisten = 127.0.0.1:8080\ndata = /srv/drop\n"

static bool parse(OskServeConfig *config, const char *text, OskConfigFault *fault)
{
    osk_config_init(config);
    return osk_config_parse(config, text, strlen(text), fault);
}

static void config__reads_what_a_drop_says_of_itself(void **state)
{
    (void)state;
    static OskServeConfig config;
    OskConfigFault fault;
    assert_true(parse(&config,
                      WHOLE "listen = unix:/run/drop.sock\n[category arrests]\n"
                            "label = Arrests\npaused = yes\n",
                      &fault));
    assert_string_equal(config.intake.notice.operator_name, "The Herald");
    assert_int_equal(config.intake.notice.retain_days, 90);
    assert_int_equal(config.listen_count, 2);
    assert_string_equal(config.listen[1], "unix:/run/drop.sock");
    assert_int_equal(config.intake.category_count, 1);
    assert_string_equal(config.intake.categories[0].label, "Arrests");
    assert_true(config.intake.categories[0].paused);
}

static void config__names_line_and_key_of_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned line;
        const char *key;
    } cases[] = {
        { "[drop]\nkeep_days = 0\n", 2, "keep_days" },
        { "[drop]\nkeep_days = 90 days\n", 2, "keep_days" },
        { "[drop]\nkeep_days = -1\n", 2, "keep_days" },
        { "[drop]\n\ndemo = maybe\n", 3, "demo" },
        { "[drop]\noperators = x\n", 2, "operators" },
        { "[server]\nlisten = 8080\n", 2, "listen" },
        { "[server]\nlisten = unix:\n", 2, "listen" },
        { "[server]\nlisten = host:80b\n", 2, "listen" },
        { "[drop]\nrecipient = AGE-SECRET-KEY-1QQQ\n", 2, "recipient" },
        { "[category Big]\nlabel = x\n", 2, "Big" },
        { "[category a]\ncolour = red\n", 2, "colour" },
        { "[drop]\nno sign\n", 2, "" },
        { "[drop\n", 1, "" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static OskServeConfig config;
        OskConfigFault fault;
        assert_false(parse(&config, cases[i].text, &fault));
        if (fault.line != cases[i].line || strcmp(fault.key, cases[i].key) != 0) {
            print_message("case %zu: line %u, key \"%s\"\n", i, fault.line, fault.key);
        }
        assert_int_equal(fault.line, cases[i].line);
        assert_string_equal(fault.key, cases[i].key);
        assert_non_null(fault.what);
    }
}

static void config__refuses_lines_that_would_be_cut(void **state)
{
    (void)state;
    static OskServeConfig config;
    OskConfigFault fault;
    char text[400];
    memset(text, 'a', sizeof(text));
    memcpy(text, "[drop]\nreaders = ", 17);
    assert_false(osk_config_parse(&config, text, sizeof(text), &fault));
    assert_int_equal(fault.line, 2);
    assert_false(osk_config_parse(&config, "[drop]\ndemo = y\0es\n", 19, &fault));
}

static void config__opens_no_drop_that_hides_who_runs_it(void **state)
{
    (void)state;
    static const char *const lines[] = { "operator = The Herald\n",      "readers = Two editors\n",
                                         "contact = drop@example.org\n", "keep_days = 90\n",
                                         "listen = 127.0.0.1:8080\n",    "data = /srv/drop\n" };
    static const char *const names[] = { "operator",  "readers", "contact",
                                         "keep_days", "listen",  "data" };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        static OskServeConfig config;
        OskConfigFault fault;
        char text[512] = WHOLE;
        char *at = strstr(text, lines[i]);
        memmove(at, at + strlen(lines[i]), strlen(at + strlen(lines[i])) + 1);
        assert_true(parse(&config, text, &fault));
        config.recipient_count = 1;
        assert_false(osk_config_finish(&config, &fault));
        assert_string_equal(fault.key, names[i]);
    }
    static OskServeConfig config;
    OskConfigFault fault;
    assert_true(parse(&config, WHOLE, &fault));
    assert_false(osk_config_finish(&config, &fault));
    assert_string_equal(fault.key, "recipient");
    config.recipient_count = 1;
    assert_true(osk_config_finish(&config, &fault));
    assert_ptr_equal(config.intake.recipients, config.recipients);
}

/* Cookies of the desk must not go over a line that others read, and a page must be told from others
 * by its address. */
static void config__a_desk_that_others_reach_names_its_address(void **state)
{
    (void)state;
    static const struct {
        const char *lines;
        const char *wrong; /* key; NULL for none */
    } cases[] = {
        { "[desk]\nlisten = 127.0.0.1:8090\n", NULL },
        { "[desk]\nlisten = 0.0.0.0:8090\n", "origin" },
        { "[desk]\nlisten = unix:/run/desk.sock\n", "origin" },
        { "[desk]\nlisten = 0.0.0.0:8090\norigin = https://desk.example\n", NULL },
        { "[desk]\nlisten = unix:/run/desk.sock\norigin = http://abcdefgh.onion\n", NULL },
        { "[desk]\nlisten = 0.0.0.0:8090\norigin = http://desk.example\n", "origin" },
        { "[desk]\nlisten = 0.0.0.0:8090\norigin = https://desk.example/\n", "origin" },
        { "[desk]\ntriage = server\ntriage_key = /etc/triage.key\n", NULL },
        { "[desk]\ntriage = desk\ntriage_recipient = " RECIPIENT "\n", NULL },
        { "[desk]\ntriage = desk\n", "triage" },
        { "[desk]\ntriage_recipient = " RECIPIENT "\n", "triage_recipient" },
        { "[desk]\ntriage = desk\ntriage_key = k\ntriage_recipient = " RECIPIENT "\n",
          "triage_key" },
        { "[desk]\ntriage = nobody\n", "triage" },
        { "[desk]\ntriage = desk\ntriage_recipient = AGE-SECRET-KEY-1QQQ\n", "triage_recipient" },
        { "[publish]\nalbums = no\nlinks = no\n", NULL },
        { "[desk]\nlisten = 127.0.0.1:8090\n[publish]\nlinks = yes\n", NULL },
        { "[publish]\nlinks = yes\n", "links" },
        { "[publish]\nalbums = yes\n", "albums" },
        { "[publish]\nlinks = perhaps\n", "links" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        static OskServeConfig config;
        OskConfigFault fault;
        char text[512];
        snprintf(text, sizeof(text), "%s%s", WHOLE, cases[i].lines);
        bool fits = parse(&config, text, &fault);
        config.recipient_count = 1;
        fits = fits && osk_config_finish(&config, &fault);
        assert_int_equal(fits, cases[i].wrong == NULL);
        assert_string_equal(fits ? "" : fault.key, fits ? "" : cases[i].wrong);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(config__reads_what_a_drop_says_of_itself),
        cmocka_unit_test(config__names_line_and_key_of_what_is_wrong),
        cmocka_unit_test(config__refuses_lines_that_would_be_cut),
        cmocka_unit_test(config__a_desk_that_others_reach_names_its_address),
        cmocka_unit_test(config__opens_no_drop_that_hides_who_runs_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
