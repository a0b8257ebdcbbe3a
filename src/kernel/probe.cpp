// SPDX-License-Identifier: GPL-2.0
#include "kernel/probe.h"

#include <fcntl.h>
#include <fmt/format.h>

#include "base/file.h"

namespace daxbreak {
namespace {

// fs/proc/task_mmu.c (all of 5.10 to 7.2): PM_PFRAME_BITS 55, PM_FILE bit 61, PM_PRESENT bit 63.
constexpr std::uint64_t kFrameMask = (std::uint64_t{1} << 55) - 1;
constexpr std::uint64_t kFile = std::uint64_t{1} << 61;
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;

}  // namespace

Result<PagemapEntry> pagemap_entry(const void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const auto map = open_file("/proc/self/pagemap", O_RDONLY);
  if (!map) return map.error();
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t entry = 0;
  const auto got =
      ::pread(map->get(), &entry, sizeof entry, static_cast<off_t>(at / page * sizeof entry));
  if (got < 0) return errno_error(fmt::format("read /proc/self/pagemap for {:#x}", at));
  if (got != sizeof entry)
    return Error{fmt::format("/proc/self/pagemap has no entry for {:#x}", at)};
  PagemapEntry result;
  result.present = (entry & kPresent) != 0;
  result.file = (entry & kFile) != 0;
  result.pfn = result.present ? entry & kFrameMask : 0;
  return result;
}

}  // namespace daxbreak
