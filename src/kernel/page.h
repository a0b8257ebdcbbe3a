// SPDX-License-Identifier: GPL-2.0
/// Names for pages of the machine and their counts.
#pragma once

#include <cstdint>

namespace daxbreak {

/// A page frame number (4 KiB units of physical address).
using Pfn = std::uint64_t;

/// `count` page frames from `first` on.
struct PfnRange {
  Pfn first = 0;
  std::uint64_t count = 0;
};

/// What struct page says of one page frame at one moment, read from its head page (folio) where it
/// is part of a compound page. (include/linux/mm_types.h, struct page; folio_mapcount()).
struct PageCounts {
  Pfn pfn = 0;
  std::int32_t refcount = 0;  ///< page->_refcount of the head page
  std::int32_t mapcount = 0;  ///< mappings counted by rmap; 0 where the kernel does not count them
  bool compound = false;      ///< true if the frame belongs to a folio larger than a page
};

}  // namespace daxbreak
