// SPDX-License-Identifier: GPL-2.0
/// Where in the file a trial pins, breaks, disturbs and writes. Pure.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace daxbreak {

/// Where the broken range lies, seen from the pinned page.
struct RangeKind {
  std::string_view name;  ///< as in a job file: "same-page"
  std::string_view help;  ///< one line for `list ranges`
};

/// All of them, the usual one ("same-page") first.
[[nodiscard]] const std::vector<RangeKind>& range_kinds();

/// A stretch of the file, in bytes.
struct Stretch {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;

  [[nodiscard]] std::uint64_t end() const { return offset + length; }
};

/// What a trial needs to know to lay its file out.
struct LayoutWish {
  std::uint64_t page_size = 4096;  ///< 4096 or 2 MiB: how the file is mapped
  std::string_view range = "same-page";
  bool needs_tail = false;      ///< the broken range must not reach the end of the file
  std::uint64_t pin_pages = 1;  ///< pinned pages of 4 KiB, at most 16
};

/// The file's stretches. All in bytes.
struct Layout {
  std::uint64_t file_size = 0;
  std::vector<Stretch> allocated;  ///< the rest is holes
  Stretch broken;                  ///< the range that the breaker gets
  Stretch pinned;                  ///< the pinned pages
  std::uint64_t page = 0;          ///< of the last pinned page, 4 KiB: the one that is watched
  Stretch mapped_page;             ///< the page, of the mapping's size, that holds it
  std::uint64_t neighbour = 0;     ///< another page: in the same 2 MiB page, else the same extent
  std::uint64_t witness = 0;       ///< a page outside the broken range
};

/// The layout: 128 KiB with small pages, 4 MiB or a little more with huge ones. With a cut in mind
/// the broken range is the file's last unless `needs_tail`. The pinned 4 KiB is not the first of
/// its huge page, so that a head page is not mistaken for it.
[[nodiscard]] Result<Layout> layout_for(const LayoutWish& wish);

}  // namespace daxbreak
