#include <errno.h>
#include <gmodule.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <vips/vips.h>

#include "base/limits.h"
#include "picture/child.h"

/* suyuan-image: the process that opens what strangers send.  A photo is its standard input; for each size of its arguments a JPEG leaves by a descriptor,
 * from PICTURE_FIRST_FD on: turned as the camera was held, within a square of so many pixels, nothing in it but the picture.
 *
 * It has no key, no database, no environment, and before it looks at the first byte it can open no file and no socket any more, start nothing, and
 * has its memory, processor time and output bounded.  A file that breaks it ends it, and nothing else. */

static void bound(int what, rlim_t most)
{
        struct rlimit r = { most, most };
        if (setrlimit(what, &r) < 0)
                _exit(PICTURE_CANNOT);
}

static void bound_all(void)
{
        bound(RLIMIT_AS, LIMIT_PICTURE_MEMORY);
        bound(RLIMIT_CPU, LIMIT_PICTURE_CPU_S);
        bound(RLIMIT_FSIZE, LIMIT_PICTURE_BYTES);
        bound(RLIMIT_CORE, 0);
        bound(RLIMIT_NOFILE, 32);
}

/* ---- what the kernel still does for us: memory, threads, the descriptors that are open, the clock ---- */

static const int allowed[] = {
        SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_close, SYS_fstat, SYS_newfstatat, SYS_fcntl, SYS_dup,
        SYS_mmap, SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_brk, SYS_futex, SYS_clone, SYS_set_robust_list, SYS_rseq,
        SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack, SYS_exit, SYS_exit_group, SYS_gettid, SYS_getpid, SYS_tgkill,
        SYS_sched_yield, SYS_sched_getaffinity, SYS_sched_setaffinity, SYS_sched_getparam, SYS_sched_getscheduler, SYS_getpriority, SYS_setpriority,
        SYS_clock_gettime, SYS_clock_nanosleep, SYS_clock_getres, SYS_gettimeofday, SYS_nanosleep, SYS_getrandom, SYS_prlimit64, SYS_getrlimit, SYS_getrusage, SYS_sysinfo, SYS_uname,
        SYS_membarrier, SYS_restart_syscall,
};
enum { N_ALLOWED = sizeof allowed / sizeof *allowed };

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

/* Everything else fails with EPERM (clone3 with ENOSYS, so that the C library takes clone). */
static void close_the_doors(void)
{
        struct sock_filter f[N_ALLOWED + 8];
        size_t n = 0;
        f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
        f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
        f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
        for (size_t i = 0; i < N_ALLOWED; i++)
                f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], (unsigned char)(N_ALLOWED - i + 2), 0);
        f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1);
        f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
        f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
        f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
        struct sock_fprog p = { .len = (unsigned short)n, .filter = f };
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &p) < 0)
                _exit(PICTURE_CANNOT);
}

/* ---- libvips ---- */

/* All loaders are shut but those of what cameras write.  Its modules are looked for where there are none: they would open documents, drawings and slides. */
static void start_vips(const char *name)
{
        static const char *const open[] = { "VipsForeignLoadJpegSource", "VipsForeignLoadPngSource", "VipsForeignLoadWebpSource" };
        setenv("VIPSHOME", "/nonexistent", 1);
        setenv("VIPS_CONCURRENCY", "1", 1);
        if (VIPS_INIT(name))
                _exit(PICTURE_CANNOT);
        vips_concurrency_set(1);
        vips_cache_set_max(0);
        vips_operation_block_set("VipsForeignLoad", TRUE);
        for (size_t i = 0; i < sizeof open / sizeof *open; i++)
                vips_operation_block_set(open[i], FALSE);
}

/* HEIC is a module of Debian's.  Where it is not installed such photos have no picture. */
static void load_heic(void)
{
        GModule *m = g_module_open(VIPS_MODULES "/vips-heif.so", G_MODULE_BIND_LOCAL);
        if (m)
                vips_operation_block_set("VipsForeignLoadHeifSource", FALSE);
}

static bool is_heic(void)
{
        char head[12];
        return pread(STDIN_FILENO, head, sizeof head, 0) == (ssize_t)sizeof head && memcmp(head + 4, "ftyp", 4) == 0;
}

/* From the header alone, before a pixel is decoded. */
static bool is_bearable(VipsImage *x)
{
        int64_t w = vips_image_get_width(x), h = vips_image_get_height(x);
        return w > 0 && h > 0 && w <= LIMIT_PICTURE_SIDE && h <= LIMIT_PICTURE_SIDE && w * h <= LIMIT_PICTURE_PIXELS;
}

static bool check_header(void)
{
        VipsSource *s = vips_source_new_from_descriptor(STDIN_FILENO);
        VipsImage *x = s ? vips_image_new_from_source(s, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL) : NULL;
        bool ok = x && is_bearable(x);
        if (x)
                g_object_unref(x);
        if (s)
                g_object_unref(s);
        return ok;
}

/* Turned, smaller, in sRGB, on white where it is transparent; wholly in memory, so that the next size is made from it. */
static VipsImage *shrink(VipsImage *from, int size)
{
        VipsImage *small = NULL, *flat = NULL, *done;
        int rc;
        if (from) {
                rc = vips_thumbnail_image(from, &small, size, "height", size, "size", VIPS_SIZE_DOWN, NULL);
        } else {
                VipsSource *s = lseek(STDIN_FILENO, 0, SEEK_SET) == 0 ? vips_source_new_from_descriptor(STDIN_FILENO) : NULL;
                rc = s ? vips_thumbnail_source(s, &small, size, "height", size, "size", VIPS_SIZE_DOWN, "export_profile", "srgb", "option_string", "[fail_on=truncated]", NULL) : -1;
        }
        if (rc == 0 && vips_image_hasalpha(small)) {
                double white[] = { 255, 255, 255 };
                VipsArrayDouble *background = vips_array_double_new(white, 3);
                rc = vips_flatten(small, &flat, "background", background, NULL);
                vips_area_unref(VIPS_AREA(background));
                g_object_unref(small);
                small = flat;
        }
        if (rc != 0)
                return NULL;
        done = vips_image_copy_memory(small);
        g_object_unref(small);
        return done;
}

static bool write_jpeg(VipsImage *x, int fd)
{
        VipsTarget *t = vips_target_new_to_descriptor(fd);
        bool ok = t && vips_jpegsave_target(x, t, "Q", 80, "strip", TRUE, "optimize_coding", TRUE, "interlace", TRUE, NULL) == 0;
        if (t)
                g_object_unref(t);
        return ok;
}

static int make(char **sizes, int n)
{
        VipsImage *x = NULL;
        if (!check_header())
                return PICTURE_UNUSABLE;
        for (int i = 0; i < n; i++) {
                VipsImage *smaller = shrink(x, (int)strtol(sizes[i], NULL, 10));
                if (x)
                        g_object_unref(x);
                x = smaller;
                if (!x || !write_jpeg(x, PICTURE_FIRST_FD + i))
                        return PICTURE_UNUSABLE;
        }
        return PICTURE_MADE;
}

int main(int argc, char **argv)
{
        if (argc < 2 || argc > 9)
                return PICTURE_CANNOT;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        syscall(SYS_close_range, (unsigned)(PICTURE_FIRST_FD + argc - 1), ~0u, 0);
        if (setpriority(PRIO_PROCESS, 0, 19) < 0 || (unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0 && errno == ENOMEM))
                return PICTURE_CANNOT;          /* a network of its own where the system grants one; the doors are shut below in any case */
        start_vips(argv[0]);
        if (is_heic())
                load_heic();
        bound_all();
        close_the_doors();
        _exit(make(argv + 1, argc - 1));
}
