/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came, in numbers and kinds. */
#include "desk/model_state.h"

OskStatus osk_model_days(OskModel *model, OskModelDay *days, size_t count, OskFault *fault)
{
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    for (size_t i = 0; status == OSK_OK && i < model->count; i++) {
        const OskModelSubmission *item = &model->items[i];
        int64_t at = (int64_t)days[0].day - item->day;
        if (at >= (int64_t)count) {
            break;
        }
        /* One of tomorrow, by a clock that was set back, is one of today. */
        OskModelDay *day = &days[at < 0 ? 0 : at];
        day->submissions++;
        day->files += item->file_count;
        day->unread += osk_model_has_news(item) ? 1 : 0;
    }
    pthread_mutex_unlock(&model->lock);
    return status;
}

OskStatus osk_model_categories(OskModel *model, void (*each)(void *context, const char *name),
                               void *context, OskFault *fault)
{
    bool is_there[OSK_MODEL_CATEGORIES] = { false };
    pthread_mutex_lock(&model->lock);
    OskStatus status = osk_model_refresh(model, fault);
    for (size_t i = 0; status == OSK_OK && i < model->count; i++) {
        is_there[model->items[i].category] = true;
    }
    /* The first is that of submissions without one. */
    for (size_t i = 1; status == OSK_OK && i < model->category_count; i++) {
        if (is_there[i]) {
            each(context, model->categories[i]);
        }
    }
    pthread_mutex_unlock(&model->lock);
    return status;
}
