// SPDX-License-Identifier: GPL-2.0
/// A workload as C, for reproducers that stand alone.
///
/// `daxbreak reproducer` (and --bisect-cell) puts a pin's, a breaker's, a disturber's and a memory
/// kind's C into one program that a maintainer compiles with nothing but a C compiler. The program
/// (src/report/reproducer.cpp) offers to all of them:
///
///   int fd; char path[]; char dir[];        the file, open for writing; its folder
///   char *map; size_t file_size;            the whole file mapped (NULL once unmapped)
///   char *page; size_t pinned;              the pinned memory: PAGE bytes, or `pinned`
///   off_t offset, length;                   the range that is broken
///   int partner_fd; char partner_path[];    a second file of the same size, if the breaker asks
///   int clone_fd;                           a file that shares its blocks, if the memory says so
///   char device[];                          block device whose I/O takes about 3 s, for gated pins
///   char *received;                         set by release: what the holder read of the pinned
///   page
///                                           that is broken (PAGE bytes), if it got it
///   pid_t breaker;                          the process that breaks
///   PAGE (4096), check(condition, "what was being done"): prints errno and exits 2 on failure
///
/// <errno.h>, <fcntl.h>, <pthread.h>, <signal.h>, <stdint.h>, <stdio.h>, <stdlib.h>, <string.h>,
/// <sys/ioctl.h>, <sys/mman.h>, <sys/prctl.h>, <sys/stat.h>, <sys/syscall.h>, <sys/uio.h>,
/// <sys/wait.h> and <unistd.h> are included, with _GNU_SOURCE. Names at file scope start with the
/// workload's kind: pin_..., break_..., disturb_..., memory_... Empty recipes mean: nothing to be
/// done there.
#pragma once

#include <string_view>

namespace daxbreak {

/// Statements for the bodies of C functions, and what they need at file scope.
struct PinRecipe {
  std::string_view includes;   ///< more #include lines
  std::string_view functions;  ///< file scope: variables, functions, threads' bodies
  std::string_view hold;       ///< takes the hold
  std::string_view loosen;     ///< gives up all but the last of several holds
  std::string_view release;    ///< ends it, waits until it has ended; gated pins: joins the I/O
  bool gives = false;          ///< release sets `received`
  bool fills = false;          ///< release ends with a write to the page
  std::string_view none;       ///< why there is no recipe, if there is none: "it needs ..."
};

struct BreakerRecipe {
  std::string_view includes;
  std::string_view functions;
  std::string_view arm;      ///< in the breaker's process, beforehand
  std::string_view call;     ///< an expression: -1 with errno set if it failed, else >= 0
  std::string_view prepare;  ///< before all, in the process that outlives the others
  std::string_view restore;  ///< after all, there too: puts right what the call changed
};

struct DisturberRecipe {
  std::string_view includes;
  std::string_view functions;
  std::string_view before;  ///< pinned, breaker not yet started
  std::string_view during;  ///< breaker asleep
};

}  // namespace daxbreak
