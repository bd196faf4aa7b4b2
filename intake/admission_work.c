/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Work that bodies lead to: what runs stands in the way of who waits at the door. */
#include "intake/admission_inside.h"

void osk_work_begin(OskAdmission *admission, OskWork work)
{
    pthread_mutex_lock(&admission->lock);
    osk_rest_came(admission, work);
    admission->works[work]++;
    pthread_mutex_unlock(&admission->lock);
}

void osk_work_end(OskAdmission *admission, OskWork work)
{
    pthread_mutex_lock(&admission->lock);
    admission->works[work]--;
    osk_go_on(admission);
    pthread_mutex_unlock(&admission->lock);
}

void osk_work_pass_on(OskAdmission *admission, OskWork work)
{
    pthread_mutex_lock(&admission->lock);
    admission->works[work]--;
    osk_rest_hope(admission);
    pthread_mutex_unlock(&admission->lock);
}
