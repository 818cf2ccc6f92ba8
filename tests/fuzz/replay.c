/* Runs a fuzz target over stored inputs, so that what a fuzzer once found stays found in every build.
 * usage: replay_<name> FOLDER…   Prints TAP. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Exactly as long as the input, so that AddressSanitizer sees a read past its end. */
static uint8_t *read_file(const char *path, size_t *ret_n)
{
        FILE *f = fopen(path, "rb");
        uint8_t *p = NULL;
        long n = -1;

        if (f && fseek(f, 0, SEEK_END) == 0)
                n = ftell(f);
        if (n >= 0 && (p = malloc(n ? (size_t)n : 1))) {
                rewind(f);
                if (fread(p, 1, (size_t)n, f) != (size_t)n) {
                        free(p);
                        p = NULL;
                }
        }
        if (f)
                fclose(f);
        *ret_n = (size_t)n;
        return p;
}

static int visible(const struct dirent *d)
{
        return d->d_name[0] != '.';
}

/* Number of inputs, or -1.  Before each its name goes out, since a crash prints nothing more. */
static int replay(const char *folder)
{
        struct dirent **list;
        int n = scandir(folder, &list, visible, alphasort), done = 0;

        if (n < 0) {
                printf("# %s: no such folder\n", folder);
                return -1;
        }
        for (int i = 0; i < n; i++) {
                char path[4096];
                size_t size;

                snprintf(path, sizeof path, "%s/%s", folder, list[i]->d_name);
                free(list[i]);
                printf("# %s\n", path);
                fflush(stdout);
                uint8_t *data = done < 0 ? NULL : read_file(path, &size);
                if (!data) {
                        done = -1;
                        continue;
                }
                LLVMFuzzerTestOneInput(data, size);
                free(data);
                done++;
        }
        free(list);
        return done;
}

int main(int argc, char **argv)
{
        int total = 0;

        puts("1..1");
        for (int i = 1; i < argc; i++) {
                int n = replay(argv[i]);
                if (n <= 0) {
                        printf("not ok 1 - nothing to replay in %s\n", argv[i]);
                        return 1;
                }
                total += n;
        }
        printf("%sok 1 - replayed %d inputs\n", total ? "" : "not ", total);
        return total ? 0 : 1;
}
