// SPDX-License-Identifier: GPL-2.0
// A memory error in a page that the device has, injected by its address
// (/sys/devices/system/memory/hard_offline_page). The kernel does not know how to handle it and
// must say so ("TODO: Handle device pages", mm/memory-failure.c). Before that it locks the page as
// if a file owned it (fs/dax.c, dax_lock_page(): page->mapping is taken for an address_space, which
// for an anonymous page it is not).
#include <fmt/format.h>

#include <cerrno>

#include "base/file.h"
#include "pmem/mapping.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

constexpr const char* injector = "/sys/devices/system/memory/hard_offline_page";

int poison(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  const auto done =
      write_file(injector, fmt::format("{:#x}", memory.report->frames.front() * small_page));
  if (!done && done.error().number == ENOENT) return EOPNOTSUPP;
  // Any refusal will do; the page stays what it is.
  compare_private(memory.pages, memory.seed, *memory.report);
  return 0;
}

const AddForBoth registered{
    {
        .name = "private-poison",
        .help = "device-private: a memory error is injected into a page that the device has",
        .takes = Takes::no,
        .may_be_refused = true,
        .can_wedge = true,
        .run = poison,
    },
    "coherent-poison",
    "device-coherent: a memory error is injected into a page that the device has"};

}  // namespace
}  // namespace daxbreak
