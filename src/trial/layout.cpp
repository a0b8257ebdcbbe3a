// SPDX-License-Identifier: GPL-2.0
#include "trial/layout.h"

#include <fmt/format.h>

#include "pmem/mapping.h"

namespace daxbreak {
namespace {

constexpr std::uint64_t small_run = 32;  // pages of an extent with small pages
constexpr std::uint64_t middle = 20;     // a page in it with room for 16 pinned ones before it
constexpr std::uint64_t within_huge = 37 * small_page;  // the pinned page in its huge page

/// Pages of either size, counted in units of the mapping's page.
Layout small_layout(const LayoutWish& wish) {
  Layout layout;
  const std::uint64_t tail = wish.needs_tail ? 1 : 0;
  const std::uint64_t last = small_run - 1 - tail;
  const auto page = [](std::uint64_t index) { return Stretch{index * small_page, small_page}; };
  layout.file_size = small_run * small_page;
  layout.allocated = {{0, layout.file_size}};
  layout.page = middle * small_page;
  layout.broken = page(last);
  if (wish.range == "same-page") layout.page = last * small_page;
  if (wish.range == "beyond-eof") layout.broken = page(small_run + 1);
  if (wish.range == "elsewhere") {
    layout.allocated.push_back({2 * layout.file_size, layout.file_size});
    layout.file_size *= 3;
    layout.broken = page((2 * small_run) + last);
  }
  layout.mapped_page = {layout.page, small_page};
  layout.neighbour = 3 * small_page;
  layout.witness = 1 * small_page;
  return layout;
}

Layout huge_layout(const LayoutWish& wish) {
  Layout layout;
  const auto page = [](std::uint64_t index) { return Stretch{index * huge_page, huge_page}; };
  const std::uint64_t pages = wish.needs_tail ? 3 : 2;
  std::uint64_t pinned = 1;
  layout.file_size = pages * huge_page;
  layout.allocated = {{0, layout.file_size}};
  layout.broken = page(1);
  if (wish.range == "same-pmd") layout.broken = {(2 * huge_page) - small_page, small_page};
  if (wish.range == "same-extent") pinned = 0;
  if (wish.range == "beyond-eof") layout.broken = page(pages + 1);
  if (wish.range == "elsewhere") {
    pinned = 0;
    layout.allocated = {page(0), {2 * huge_page, (pages - 1) * huge_page}};
    layout.broken = page(2);
    layout.file_size = (pages + 1) * huge_page;
  }
  layout.mapped_page = page(pinned);
  layout.page = layout.mapped_page.offset + within_huge;
  layout.neighbour = layout.page + (8 * small_page);
  layout.witness = small_page;
  return layout;
}

}  // namespace

const std::vector<RangeKind>& range_kinds() {
  static const std::vector<RangeKind> kinds{
      {"same-page", "the broken range is the page that holds the pinned bytes"},
      {"same-extent", "another page of the same extent"},
      {"same-pmd", "another 4 KiB of the 2 MiB page that maps the pinned bytes"},
      {"elsewhere", "a page of another extent, behind a hole"},
      {"beyond-eof", "a range behind the end of the file"},
  };
  return kinds;
}

Result<Layout> layout_for(const LayoutWish& wish) {
  const bool huge = wish.page_size == huge_page;
  if (!huge && wish.page_size != small_page)
    return Error{fmt::format("lay a file out for pages of {} bytes", wish.page_size), EINVAL};
  if (!huge && wish.range == "same-pmd")
    return Error{"with 4 KiB pages no two of them share a PMD entry", EINVAL};
  Layout layout = huge ? huge_layout(wish) : small_layout(wish);
  layout.pinned.length = wish.pin_pages * small_page;
  layout.pinned.offset = layout.page + small_page - layout.pinned.length;
  return layout;
}

}  // namespace daxbreak
