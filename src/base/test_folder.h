#ifndef SUYUAN_BASE_TEST_FOLDER_H
#define SUYUAN_BASE_TEST_FOLDER_H

#include <ftw.h>
#include <stdio.h>

/* For tests: what a test made in a folder of its own goes, folder and all. */
static inline int test_drop(const char *path, const struct stat *st, int flag, struct FTW *f)
{
        (void)st, (void)flag, (void)f;
        return remove(path);
}

static inline void test_folder_remove(const char *folder)
{
        nftw(folder, test_drop, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
