/* SPDX-License-Identifier: GPL-3.0-or-later */
/* New options for a whole intake, whose parts are watched where it gives them on. */
#include "intake/admission.h"
#include "intake/api.h"
#include "intake/drop.h"
#include "intake/intake.h"
#include "intake/retention.h"
#include "intake/shelf.h"
#include "intake/upload_tus.h"
#include "unit.h"

static bool memory_ends;
static unsigned changes;

OskStatus __wrap_osk_templates_load(OskTemplates **out, const OskTemplateSet *set, OskFault *fault);
OskStatus __real_osk_api_set(OskApi *api, const OskIntakeOptions *options);
OskStatus __wrap_osk_api_set(OskApi *api, const OskIntakeOptions *options);
void __real_osk_tus_set(OskTus *tus, const OskIntakeOptions *options);
void __wrap_osk_tus_set(OskTus *tus, const OskIntakeOptions *options);
void __real_osk_drop_set(OskDrop *drop, OskDropSettings **settings);
void __wrap_osk_drop_set(OskDrop *drop, OskDropSettings **settings);
void __real_osk_admission_set(OskAdmission *admission, const OskAdmissionLimits *limits);
void __wrap_osk_admission_set(OskAdmission *admission, const OskAdmissionLimits *limits);
void __real_osk_retention_set(OskRetention *retention, const OskIntakeOptions *options);
void __wrap_osk_retention_set(OskRetention *retention, const OskIntakeOptions *options);

OskStatus __wrap_osk_templates_load(OskTemplates **out, const OskTemplateSet *set, OskFault *fault)
{
    (void)set;
    (void)fault;
    *out = NULL;
    return OSK_OK;
}

OskStatus __wrap_osk_api_set(OskApi *api, const OskIntakeOptions *options)
{
    changes += memory_ends ? 0 : 1;
    return memory_ends ? OSK_NO_MEMORY : __real_osk_api_set(api, options);
}

void __wrap_osk_tus_set(OskTus *tus, const OskIntakeOptions *options)
{
    changes++;
    __real_osk_tus_set(tus, options);
}

void __wrap_osk_drop_set(OskDrop *drop, OskDropSettings **settings)
{
    changes++;
    __real_osk_drop_set(drop, settings);
}

void __wrap_osk_admission_set(OskAdmission *admission, const OskAdmissionLimits *limits)
{
    changes++;
    __real_osk_admission_set(admission, limits);
}

void __wrap_osk_retention_set(OskRetention *retention, const OskIntakeOptions *options)
{
    changes++;
    __real_osk_retention_set(retention, options);
}

static void reload__changes_all_or_nothing(void **state)
{
    (void)state;
    OskIntake *intake = NULL;
    OskFault fault = { .status = OSK_OK };
    OskIntakeOptions options = { .notice = { .operator_name = "The Gazette",
                                             .readers = "two editors",
                                             .contact = "desk@example.org",
                                             .retain_days = 30 },
                                 .recipients = &shelf.desk.recipient,
                                 .recipient_count = 1,
                                 .default_language = "en" };
    assert_int_equal(osk_intake_start(&intake, shelf.store, &options, &fault), OSK_OK);
    options.pause_large = true;
    memory_ends = true;
    changes = 0;
    assert_int_equal(osk_intake_reload(intake, &options, &fault), OSK_NO_MEMORY);
    assert_int_equal(changes, 0);
    assert_int_equal(fault.status, OSK_NO_MEMORY);
    memory_ends = false;
    assert_int_equal(osk_intake_reload(intake, &options, &fault), OSK_OK);
    assert_int_equal(changes, 5);
    osk_intake_stop(&intake);
}

/* Nobody has to say so: each file must prove for itself that it can be scrubbed. */
static void intake__takes_files_until_it_hears_that_none_can_be_scrubbed(void **state)
{
    (void)state;
    OskIntake *intake = NULL;
    OskFault fault = { .status = OSK_OK };
    const OskIntakeOptions options = { .notice = { .operator_name = "The Gazette",
                                                   .readers = "two editors",
                                                   .contact = "desk@example.org",
                                                   .retain_days = 30 },
                                       .recipients = &shelf.desk.recipient,
                                       .recipient_count = 1,
                                       .default_language = "en" };
    assert_int_equal(osk_intake_start(&intake, shelf.store, &options, &fault), OSK_OK);
    assert_true(osk_intake_can_scrub(intake));
    osk_intake_set_can_scrub(intake, false);
    assert_false(osk_intake_can_scrub(intake));
    osk_intake_set_can_scrub(intake, true);
    assert_true(osk_intake_can_scrub(intake));
    osk_intake_stop(&intake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reload__changes_all_or_nothing),
        cmocka_unit_test(intake__takes_files_until_it_hears_that_none_can_be_scrubbed),
    };
    return cmocka_run_group_tests(tests, shelf_set_up, shelf_tear_down);
}
