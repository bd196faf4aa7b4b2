/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/files_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/files_blobs.h"

typedef struct Sync {
    OskGroupMember member;
    int error;
} Sync;

bool osk_files_sync(int fd)
{
    return fsync(fd) == 0;
}

void osk_files_folder_name(const OskId *key, char out[OSK_BLOB_NAME_BYTES])
{
    for (size_t i = 0; i < OSK_ID_BYTES; i++) {
        snprintf(out + 2 * i, 3, "%02x", key->bytes[i]);
    }
}

bool osk_files_folder_key(const char *name, OskId *out)
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(name) != OSK_BLOB_NAME_BYTES - 1) {
        return false;
    }
    for (size_t i = 0; i < OSK_BLOB_NAME_BYTES - 1; i++) {
        const char *found = strchr(digits, name[i]);
        if (found == NULL) {
            return false;
        }
        unsigned high = i % 2 == 0 ? 0 : out->bytes[i / 2];
        out->bytes[i / 2] = (uint8_t)(high << 4 | (unsigned)(found - digits));
    }
    return true;
}

/* One sync for all who wait. Each gets its outcome: a second try after a failed sync would succeed
 * without the bytes. */
static void sync_for_all(void *context, OskGroupMember *list)
{
    OskFilesFolder *folder = context;
    uint64_t removed = atomic_load(&folder->removed);
    int error = osk_files_sync(folder->fd) ? 0 : errno;
    if (error == 0) {
        atomic_store(&folder->settled, removed);
    }
    for (; list != NULL; list = list->next) {
        ((Sync *)list)->error = error;
    }
}

int osk_files_folder_sync(OskFilesFolder *folder)
{
    Sync me = { .error = 0 };
    osk_group_run(&folder->syncs, &me.member, sync_for_all, folder);
    return me.error;
}

int osk_files_folder_open_blob(const OskFilesFolder *folder, const OskId *key)
{
    char name[OSK_BLOB_NAME_BYTES];
    osk_files_folder_name(key, name);
    /* Reading leaves no time behind. The flag is for the owner alone. */
    int fd = openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOATIME);
    return fd >= 0 || errno != EPERM ? fd
                                     : openat(folder->fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

DIR *osk_files_folder_list(const OskFilesFolder *folder)
{
    int fd = openat(folder->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    if (stream == NULL && fd >= 0) {
        close(fd);
    }
    return stream;
}
