// SPDX-License-Identifier: GPL-2.0
// munmap(2), and madvise(2) MADV_DONTNEED, of pages that the device has: they are given back where
// they are (mm/memory.c, zap_pte_range(): is_device_private_entry(); device-coherent pages like any
// other, by mm/swap.c, release_pages()).
#include <sys/mman.h>

#include <cerrno>

#include "workloads/breaker/call.h"
#include "workloads/breaker/private_memory.h"

namespace daxbreak {
namespace {

int unmap(BreakTarget& target) {
  const auto pages = private_memory(target).pages;
  return outcome(::munmap(pages.data(), pages.size()));
}

/// What is read then is new: zeros.
int discard(BreakTarget& target) {
  const PrivateMemory& memory = private_memory(target);
  if (::madvise(memory.pages.data(), memory.pages.size(), MADV_DONTNEED) != 0) return errno;
  std::uint64_t wrong = 0;
  for (const std::byte byte : memory.pages)
    if (byte != std::byte{0}) ++wrong;
  memory.report->compared += memory.pages.size();
  memory.report->wrong += wrong;
  return 0;
}

const AddForBoth unmapped{{
                              .name = "private-munmap",
                              .help = "device-private: munmap(2) of pages that the device has",
                              .takes = Takes::no,
                              .run = unmap,
                          },
                          "coherent-munmap",
                          "device-coherent: munmap(2) of pages that the device has"};

const AddForBoth discarded{
    {
        .name = "private-discard",
        .help =
            "device-private: MADV_DONTNEED of pages that the device has; they read as zeros then",
        .takes = Takes::no,
        .run = discard,
    },
    "coherent-discard",
    "device-coherent: MADV_DONTNEED of pages that the device has; they read as zeros then"};

}  // namespace
}  // namespace daxbreak
