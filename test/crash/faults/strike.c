// Makes the Nth file-system call below one folder fail with a chosen error, or ends the process there. It is loaded into a
// node with LD_PRELOAD, so it stands between the C library and everything that calls it: Node's own file functions, lmdb,
// and programs that the node runs, such as sync. Which call is told through a file that both sides map (strike.ts).
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

// The same order as in strike.ts.
struct control {
  atomic_uint mode;  // 0 off, 1 the Nth call, 2 every call from the Nth on
  atomic_uint error; // errno; 0 ends the process `pid`
  atomic_uint nth;
  atomic_uint count; // of calls that could meet this error
  atomic_uint struck;
  atomic_uint pid;
  char first[512]; // the first call that was struck
};

static struct control *control;
static char root[PATH_MAX];
static size_t root_length;
static int touched;

// Which errors a call can meet on a real system.
enum { IO = 1, SPACE = 2, DESCRIPTORS = 4, ACCESS = 8, WITHOUT_PATH = 16 };

__attribute__((constructor)) static void begin(void) {
  const char *file = getenv("DHN_STRIKE_CONTROL"), *below = getenv("DHN_STRIKE_BELOW");
  if (file == NULL || below == NULL) return;
  int fd = syscall(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC, 0);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  syscall(SYS_close, fd);
  if (mapped == MAP_FAILED) return;
  root_length = strlen(below);
  memcpy(root, below, root_length + 1);
  control = mapped;
}

static int is_below(const char *path) {
  return path != NULL && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static int meets(unsigned error, unsigned can) {
  switch (error) {
    case 0: return !(can & WITHOUT_PATH);
    case EIO: return can & IO;
    case ENOSPC: return can & SPACE;
    case EMFILE: return can & DESCRIPTORS;
    case EACCES: return can & ACCESS;
    default: return 0;
  }
}

static int strikes(const char *call, unsigned can, int fd, const char *path, const char *other) {
  if (control == NULL) return 0;
  // What a process needs before it has to do with the folder is its own: without it there is nobody who could say why.
  if (is_below(path)) touched = 1;
  if ((can & WITHOUT_PATH) && !touched) return 0;
  unsigned mode = atomic_load(&control->mode);
  if (mode == 0 || !meets(atomic_load(&control->error), can)) return 0;
  char found[PATH_MAX] = "";
  if (!(can & WITHOUT_PATH)) {
    if (path == NULL) {
      char link[40];
      snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
      long length = syscall(SYS_readlinkat, AT_FDCWD, link, found, sizeof found - 1);
      found[length < 0 ? 0 : length] = 0;
      path = found;
    }
    if (!is_below(path) && !is_below(other)) return 0;
  }
  unsigned count = atomic_fetch_add(&control->count, 1) + 1;
  unsigned nth = atomic_load(&control->nth);
  if (mode == 1 ? count != nth : count < nth) return 0;
  if (atomic_fetch_add(&control->struck, 1) == 0)
    snprintf(control->first, sizeof control->first, "%s %s", call, path == NULL ? "" : path + (is_below(path) ? root_length : 0));
  unsigned error = atomic_load(&control->error);
  if (error == 0) {
    kill((pid_t)atomic_load(&control->pid), SIGKILL);
    pause();
  }
  errno = (int)error;
  return 1;
}

// Only a file that isn't there yet takes space when it is opened.
static int makes(const char *path, int flags) {
  return control != NULL && (flags & O_CREAT) && syscall(SYS_faccessat, AT_FDCWD, path, F_OK) != 0;
}

#define REAL(type, name, ...) \
  static type (*real)(__VA_ARGS__); \
  if (real == NULL) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (strikes("open", IO | DESCRIPTORS | ACCESS | (makes(path, flags) ? SPACE : 0), -1, path, NULL)) return -1; \
    return real(path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int folder, const char *path, int flags, ...) { \
    REAL(int, name, int, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; \
    va_end(rest); \
    if (strikes("open", IO | DESCRIPTORS | ACCESS | (makes(path, flags) ? SPACE : 0), -1, path, NULL)) return -1; \
    return real(folder, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

// A call on a descriptor that is open already.
#define ON_DESCRIPTOR(type, name, can, parameters, arguments) \
  type name parameters { \
    static type(*real) parameters; \
    if (real == NULL) real = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
    return strikes(#name, can, fd, NULL, NULL) ? (type)-1 : real arguments; \
  }
ON_DESCRIPTOR(ssize_t, read, IO, (int fd, void *to, size_t size), (fd, to, size))
ON_DESCRIPTOR(ssize_t, pread, IO, (int fd, void *to, size_t size, off_t at), (fd, to, size, at))
ON_DESCRIPTOR(ssize_t, pread64, IO, (int fd, void *to, size_t size, off64_t at), (fd, to, size, at))
ON_DESCRIPTOR(ssize_t, readv, IO, (int fd, const struct iovec *to, int parts), (fd, to, parts))
ON_DESCRIPTOR(ssize_t, preadv64, IO, (int fd, const struct iovec *to, int parts, off64_t at), (fd, to, parts, at))
ON_DESCRIPTOR(ssize_t, write, IO | SPACE, (int fd, const void *from, size_t size), (fd, from, size))
ON_DESCRIPTOR(ssize_t, pwrite, IO | SPACE, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at))
ON_DESCRIPTOR(ssize_t, pwrite64, IO | SPACE, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at))
ON_DESCRIPTOR(ssize_t, writev, IO | SPACE, (int fd, const struct iovec *from, int parts), (fd, from, parts))
ON_DESCRIPTOR(ssize_t, pwritev, IO | SPACE, (int fd, const struct iovec *from, int parts, off_t at), (fd, from, parts, at))
ON_DESCRIPTOR(ssize_t, pwritev64, IO | SPACE, (int fd, const struct iovec *from, int parts, off64_t at), (fd, from, parts, at))
ON_DESCRIPTOR(ssize_t, sendfile64, IO | SPACE, (int fd, int from, off64_t *at, size_t size), (fd, from, at, size))
ON_DESCRIPTOR(int, fsync, IO | SPACE, (int fd), (fd))
ON_DESCRIPTOR(int, fdatasync, IO | SPACE, (int fd), (fd))
ON_DESCRIPTOR(int, syncfs, IO | SPACE, (int fd), (fd))
ON_DESCRIPTOR(int, ftruncate, IO | SPACE, (int fd, off_t size), (fd, size))
ON_DESCRIPTOR(int, ftruncate64, IO | SPACE, (int fd, off64_t size), (fd, size))
ON_DESCRIPTOR(int, fchmod, IO | ACCESS, (int fd, mode_t mode), (fd, mode))

// A call that changes what a name means, or two names.
#define ON_NAMES(name, can, path, other, parameters, arguments) \
  int name parameters { \
    static int(*real) parameters; \
    if (real == NULL) real = (int(*) parameters)dlsym(RTLD_NEXT, #name); \
    return strikes(#name, can, -1, path, other) ? -1 : real arguments; \
  }
#define MAKES (IO | SPACE | ACCESS)
ON_NAMES(rename, MAKES, to, from, (const char *from, const char *to), (from, to))
ON_NAMES(link, MAKES, to, from, (const char *from, const char *to), (from, to))
ON_NAMES(symlink, MAKES, path, NULL, (const char *target, const char *path), (target, path))
ON_NAMES(mkdir, MAKES, path, NULL, (const char *path, mode_t mode), (path, mode))
ON_NAMES(mkfifo, MAKES, path, NULL, (const char *path, mode_t mode), (path, mode))
ON_NAMES(mknod, MAKES, path, NULL, (const char *path, mode_t mode, dev_t device), (path, mode, device))
ON_NAMES(unlink, IO | ACCESS, path, NULL, (const char *path), (path))
ON_NAMES(rmdir, IO | ACCESS, path, NULL, (const char *path), (path))
ON_NAMES(chmod, IO | ACCESS, path, NULL, (const char *path, mode_t mode), (path, mode))

// How libuv reads a folder, and opens one that is read bit by bit.
#define SCANDIR(name, entry) \
  int name(const char *path, struct entry ***list, int (*wanted)(const struct entry *), \
           int (*order)(const struct entry **, const struct entry **)) { \
    REAL(int, name, const char *, struct entry ***, int (*)(const struct entry *), \
         int (*)(const struct entry **, const struct entry **)); \
    return strikes("scandir", IO | DESCRIPTORS | ACCESS, -1, path, NULL) ? -1 : real(path, list, wanted, order); \
  }
SCANDIR(scandir, dirent)
SCANDIR(scandir64, dirent64)
DIR *opendir(const char *path) {
  REAL(DIR *, opendir, const char *);
  return strikes("opendir", IO | DESCRIPTORS | ACCESS, -1, path, NULL) ? NULL : real(path);
}

// What else takes descriptors: the pipes and sockets of processes that are started.
ON_NAMES(pipe2, DESCRIPTORS | WITHOUT_PATH, NULL, NULL, (int ends[2], int flags), (ends, flags))
ON_NAMES(socketpair, DESCRIPTORS | WITHOUT_PATH, NULL, NULL, (int domain, int type, int protocol, int ends[2]), (domain, type, protocol, ends))
