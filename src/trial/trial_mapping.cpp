// SPDX-License-Identifier: GPL-2.0
#include "trial/trial_mapping.h"

#include <utility>

namespace daxbreak {

void first_touch(const MemoryKind& memory, std::byte* address) {
  auto* const byte = reinterpret_cast<volatile std::byte*>(address);
  const std::byte seen = *byte;
  if (memory.write_touch) *byte = seen;
}

Result<void> TrialMapping::map(int fd) {
  auto mapping = FileMapping::map(fd, page_size_, memory_.how);
  if (!mapping) return mapping.error();
  file_.emplace(std::move(*mapping));
  return ok();
}

Result<void> TrialMapping::fault_in(std::span<std::byte> pinned, Timeline& timeline) const {
  first_touch(memory_, &pinned.back());  // the watched page first: only its neighbours tell a PMD
  auto by_pmd = mapped_by_pmd(&pinned.back());
  if (!by_pmd) return by_pmd.error();
  timeline.pmd_mapped = *by_pmd;
  const bool want_pmd = page_size_ == huge_page;
  if (memory_.file_page && *by_pmd != want_pmd)
    return Error{want_pmd ? "the file is not mapped by a 2 MiB page: no aligned extent to be had"
                          : "the file is mapped by a 2 MiB page although 4 KiB were asked for",
                 0};
  for (std::size_t at = 0; at < pinned.size(); at += small_page)
    first_touch(memory_, &pinned[at]);
  return ok();
}

Result<void> TrialMapping::map_clone(int fd, std::uint64_t offset) {
  auto mapping = FileMapping::map(fd, page_size_, memory_.how);
  if (!mapping) return mapping.error();
  clone_.emplace(std::move(*mapping));
  first_touch(memory_, clone_->data() + offset);
  return ok();
}

}  // namespace daxbreak
