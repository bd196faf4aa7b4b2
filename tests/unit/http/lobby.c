/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "http/lobby.h"

#include <string.h>

#include "http/limits.h"
#include "unit.h"

static OskHead look(const char *text)
{
    return osk_head_look(text, strlen(text));
}

static void lobby__an_empty_line_ends_a_head(void **state)
{
    (void)state;
    static const char head[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for (size_t len = 0; len < sizeof(head) - 1; len++) {
        assert_int_equal(osk_head_look(head, len), OSK_HEAD_PART);
    }
    assert_int_equal(look(head), OSK_HEAD_WHOLE);
    assert_int_equal(look("GET / HTTP/1.1\r\n\r\nbody"), OSK_HEAD_WHOLE);
    assert_int_equal(look("GET / HTTP/1.1\n\nbody"), OSK_HEAD_WHOLE);
    assert_int_equal(look("GET / HTTP/1.1\r\n\rx"), OSK_HEAD_PART);
    assert_int_equal(look("\r\r\r\r"), OSK_HEAD_PART);
}

static void lobby__a_head_has_an_end(void **state)
{
    (void)state;
    static char text[OSK_HTTP_HEADER_BYTES + 1];
    memset(text, 'a', sizeof(text));
    assert_int_equal(osk_head_look(text, sizeof(text) - 1), OSK_HEAD_PART);
    assert_int_equal(osk_head_look(text, sizeof(text)), OSK_HEAD_LONG);
    memcpy(text + sizeof(text) - 2, "\n\n", 2);
    assert_int_equal(osk_head_look(text, sizeof(text)), OSK_HEAD_WHOLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lobby__an_empty_line_ends_a_head),
        cmocka_unit_test(lobby__a_head_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
