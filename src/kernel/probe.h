// SPDX-License-Identifier: GPL-2.0
/// The live probe: what the kernel does with a page, whatever its symbols say.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

/// One entry of /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst).
struct PagemapEntry {
  bool present = false;
  bool file =
      false;  ///< bit 61, PM_FILE: set for fsdax pages from 6.15 on, where they are normal. Before,
              ///< clear for one mapped by a PTE but set for one mapped by a PMD: probe a PTE
  Pfn pfn = 0;  ///< 0 without CAP_SYS_ADMIN
};

/// The calling process's entry for the page at `address`.
[[nodiscard]] Result<PagemapEntry> pagemap_entry(const void* address);

}  // namespace daxbreak
