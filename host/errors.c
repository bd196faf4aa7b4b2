/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host/errors.h"

#include <errno.h>

#include "base/fault.h"

typedef struct Meaning {
    int error;
    const char *what;
    const char *next;
} Meaning;

static const char check_name[] = "check the spelling of the name";
static const char other_folder[] = "put the copy into a folder of yours with -d FOLDER";
static const char free_space[] = "free some disk space, then run it again";
static const char read_right[] = "ask the owner of the file for the right to read it";

static const char no_such_file[] = "there is no such file";
static const char name_is_taken[] = "a file of that name exists already, and was kept";

static const Meaning reading[] = {
    { ENOENT, no_such_file, check_name },
    { ENOTDIR, "a part of this path is no folder", check_name },
    { ENAMETOOLONG, "the name is too long", check_name },
    { EISDIR, "this is a folder", "add -r to take the files in it" },
    { ELOOP, "this is a symbolic link", "name the file that it points to" },
    { EACCES, "you have no right to read it", read_right },
    { EPERM, "you have no right to read it", read_right },
    { EIO, "the disk could not read it",
      "copy the file from another disk or card, then run it again" },
    { ENXIO, "this is no ordinary file but a device or a socket", "name a picture or a video" },
    { ENODATA, "nothing came out of this pipe",
      "name the picture itself, or start the program that fills the pipe first" },
    { EMFILE, "too many files are open", "run it again with fewer jobs: -j 1" },
    { 0, "it could not be read", "copy the file to this computer's disk, then run it again" },
};

static const Meaning writing[] = {
    { ENOENT, "the folder for the copy does not exist",
      "make the folder first, then run it again" },
    { ENOTDIR, "a part of the copy's path is no folder", check_name },
    { ENAMETOOLONG, "the name of the copy is too long", "choose a shorter name with -o OUT" },
    { EISDIR, "the copy would replace a folder", "put it into that folder with -d FOLDER" },
    { EACCES, "you have no right to write into that folder", other_folder },
    { EPERM, "you have no right to write into that folder", other_folder },
    { EROFS, "that disk can only be read", other_folder },
    { ENOSPC, "the disk is full", free_space },
    { EDQUOT, "your share of the disk is full", free_space },
    { EFBIG, "that disk cannot hold a file of this size", other_folder },
    { EEXIST, name_is_taken, "choose another name, or replace it with --force" },
    { EPIPE, "the program that was to read the copy has ended", "write into a file with -o OUT" },
    { EIO, "the disk could not write it", other_folder },
    { EMFILE, "too many files are open", "run it again with fewer jobs: -j 1" },
    { 0, "it could not be written", other_folder },
};

OskStatus osk_host_fail(OskFault *fault, const char *part, int error)
{
    if (error == ENOMEM) {
        OskStatus status =
            osk_fault_set(fault, OSK_NO_MEMORY, part, "not enough memory", OSK_NO_OFFSET);
        osk_fault_next(fault, "close other programs, then run it again");
        return status;
    }
    const Meaning *row = part[0] == 'f' ? reading : writing;
    while (row->error != 0 && row->error != error) {
        row++;
    }
    osk_fault_set(fault, OSK_IO, part, row->what, OSK_NO_OFFSET);
    osk_fault_next(fault, row->next);
    return OSK_IO;
}

bool osk_host_is_taken(const OskFault *fault)
{
    return fault->what == name_is_taken;
}
