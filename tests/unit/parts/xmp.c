/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XMP packets in the forms that programs write: places, names, faces and the orientation are found,
 * and nesting is bounded. */
#include "parts/xmp.h"

#include <stdlib.h>
#include <string.h>

#include "parts/told.h"

static void inspect(OskReport *report, const char *xml, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, xml, len);
    osk_report_init(report);
    osk_xmp_inspect(osk_cursor_make(copy, len, 0), "XMP", report);
    free(copy);
}

static const char packet[] =
    "<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'>"
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><!-- <dc:title>no</dc:title> "
    "-->"
    "<rdf:Description rdf:about='' exif:GPSLatitude='44,58.668N' exif:GPSLongitude = \"93,15.9W\""
    " tiff:Orientation='6' crs:Sharpness='25' xmpMM:DocumentID='xmp.did:42'>"
    "<dc:creator><rdf:Seq><rdf:li>A. Person</rdf:li><rdf:li>B. "
    "Person</rdf:li></rdf:Seq></dc:creator>"
    "<mwg-rs:Regions><mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description mwg-rs:Name='C. Person'"
    " mwg-rs:Type='Face'/></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    "<GCamera:MotionPhoto>1</GCamera:MotionPhoto></rdf:Description></rdf:RDF></x:xmpmeta>";

static void xmp__tells_places_names_and_faces(void **state)
{
    (void)state;
    OskReport r;
    inspect(&r, packet, sizeof(packet) - 1);
    expect(&r, "xmp.gps.position", OSK_KIND_PLACE, "44.97780, -93.26500");
    expect(&r, "xmp.creator", OSK_KIND_NAME, "A. Person");
    expect(&r, "xmp.creator", OSK_KIND_NAME, "B. Person");
    expect(&r, "xmp.region-name", OSK_KIND_NAME, "C. Person");
    expect(&r, "xmp.region-type", OSK_KIND_PREVIEW, "Face");
    expect(&r, "xmp.motion-photo", OSK_KIND_PREVIEW, "1");
    expect(&r, "xmp.document-id", OSK_KIND_DEVICE, "xmp.did:42");
    /* Orientation and sharpness. */
    expect(&r, "xmp.properties", OSK_KIND_SOFTWARE, "XMP with 2 other properties");
    for (size_t i = 0; i < osk_report_count(&r); i++) {
        assert_string_not_equal(osk_report_at(&r, i)->value, "no"); /* a comment */
    }
    osk_report_clear(&r);
}

static void xmp__reads_the_orientation(void **state)
{
    (void)state;
    OskCursor c = osk_cursor_make((const uint8_t *)packet, sizeof(packet) - 1, 0);
    assert_int_equal(osk_xmp_orientation(c), 6);
    c = osk_cursor_make((const uint8_t *)"<a tiff:Orientation='9'/>", 25, 0);
    assert_int_equal(osk_xmp_orientation(c), 1);
}

static void xmp__any_packet_is_told(void **state)
{
    (void)state;
    static const char *const odd[] = { "x",      "<",  "<a", "<a b", "<a b=",
                                       "<a b='", "</", "<?", "<!--", "<a/b" };
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        OskReport r;
        inspect(&r, odd[i], strlen(odd[i]));
        assert_true(osk_report_count(&r) > 0);
        osk_report_clear(&r);
    }
    for (size_t len = 1; len < sizeof(packet) - 1; len++) {
        OskReport r;
        inspect(&r, packet, len);
        assert_true(osk_report_count(&r) > 0);
        osk_report_clear(&r);
    }
}

static void xmp__deep_nesting_is_only_counted(void **state)
{
    (void)state;
    char deep[4000];
    for (size_t i = 0; i + 4 <= sizeof(deep); i += 4) {
        memcpy(deep + i, "<a>t", 4);
    }
    OskReport r;
    inspect(&r, deep, sizeof(deep));
    expect(&r, "xmp.properties", OSK_KIND_SOFTWARE, "XMP with 1000 properties");
    osk_report_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(xmp__tells_places_names_and_faces),
        cmocka_unit_test(xmp__reads_the_orientation),
        cmocka_unit_test(xmp__any_packet_is_told),
        cmocka_unit_test(xmp__deep_nesting_is_only_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
