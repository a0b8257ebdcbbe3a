// SPDX-License-Identifier: GPL-2.0
// madvise(2) MADV_HWPOISON of the range's first page, through a mapping of the breaker's own: what
// an uncorrectable error of the memory does. The file keeps its block; everybody who maps the page
// loses the mapping and gets SIGBUS (mm/memory-failure.c, mf_generic_kill_procs(); with reverse
// mapping XFS finds them, xfs_dax_notify_failure()). Whoever must survive that ignores SIGBUS or
// has a handler for it. The mapping is not touched beforehand: the call faults the page in itself.
#include <sys/mman.h>

#include <csignal>

#include "workloads/breaker/breaker.h"
#include "workloads/breaker/call.h"

namespace daxbreak {
namespace {

constexpr std::size_t page_bytes = 4096;

void survive(int) {}

int map_page(BreakTarget& target) {
  // A signal forced upon a process that ignores it kills it; one with a handler does not.
  struct sigaction action {};
  action.sa_handler = survive;
  if (::sigaction(SIGBUS, &action, nullptr) != 0) return errno;
  void* const page = ::mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, target.fd,
                            static_cast<off_t>(target.offset));
  if (page == MAP_FAILED) return errno;
  target.state = page;
  return 0;
}

const BreakerRegistry::Add registered{{
    .name = "hwpoison",
    .help = "madvise(2) MADV_HWPOISON of the page: a memory error; mappers get SIGBUS",
    .takes = Takes::no,
    .ranged = true,
    .may_be_refused = true,
    .own_filesystem = true,
    .can_wedge = true,
    .arm = map_page,
    .run =
        [](BreakTarget& target) {
          return outcome(
              ::madvise(*std::any_cast<void*>(&target.state), page_bytes, MADV_HWPOISON));
        },
    .recipe = {.functions = "static char *break_page;\n"
                            "static void break_survive(int signal) { (void)signal; }\n",
               .arm = "signal(SIGBUS, break_survive);\n"
                      "break_page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, "
                      "offset);\n"
                      "check(break_page != MAP_FAILED, \"map the page\");\n",
               .call = "madvise(break_page, PAGE, MADV_HWPOISON)"},
}};

}  // namespace
}  // namespace daxbreak
