// SPDX-License-Identifier: GPL-2.0
/// What this process's page table says of its pages (Documentation/admin-guide/mm/pagemap.rst).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "base/fd.h"
#include "base/result.h"

namespace daxbreak {

/// Parts of an entry.
inline constexpr std::uint64_t pagemap_present = 1ULL << 63;
inline constexpr std::uint64_t pagemap_frame = (1ULL << 55) - 1;  ///< 0 without CAP_SYS_ADMIN

/// /proc/self/pagemap, held open: looking again costs one pread(2). Of the process that opened it,
/// in a child of it too (fs/proc/task_mmu.c, pagemap_open()).
class Pagemap {
 public:
  [[nodiscard]] static Result<Pagemap> open();

  /// Fills `entries` with those of the page at `address` and the pages after it.
  Result<void> read(const std::byte* address, std::span<std::uint64_t> entries) const;

 private:
  explicit Pagemap(Fd file) : file_(std::move(file)) {}

  Fd file_;
};

}  // namespace daxbreak
