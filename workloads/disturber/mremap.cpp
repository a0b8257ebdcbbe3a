// SPDX-License-Identifier: GPL-2.0
// A second mapping of the file is made while the breaker sleeps, faulted in at the pinned page,
// moved to another address and unmapped. Page table entries that move take their counts along
// (mm/mremap.c, move_page_tables()); in the end none is left, so the breaker must neither return
// nor be stuck. It is not the pin's mapping that moves: others may be using that one.
#include <sys/mman.h>

#include <cstdint>

#include "workloads/disturber/disturber.h"

namespace daxbreak {
namespace {

/// Address space that is unmapped when it is not needed any more.
class Area {
 public:
  explicit Area(void* at, std::size_t size) : at_(at), size_(size) {}
  Area(const Area&) = delete;
  Area& operator=(const Area&) = delete;
  ~Area() {
    if (mapped()) ::munmap(at_, size_);
  }
  [[nodiscard]] bool mapped() const { return at_ != MAP_FAILED; }
  [[nodiscard]] std::byte* data() const { return static_cast<std::byte*>(at_); }
  void moved_away() { at_ = MAP_FAILED; }

 private:
  void* at_;
  std::size_t size_;
};

Result<void> move_a_mapping(Scene& scene) {
  // Both areas belong to the file, so that the kernel aligns both alike (thp_get_unmapped_area())
  // and a 2 MiB page can move as one (mm/mremap.c, move_huge_pmd()).
  const std::size_t size = scene.mapping->size();
  Area old(::mmap(nullptr, size, PROT_READ, MAP_SHARED, scene.target.fd, 0), size);
  if (!old.mapped()) return errno_error("map the file a second time");
  const Area other(::mmap(nullptr, size, PROT_NONE, MAP_SHARED, scene.target.fd, 0), size);
  if (!other.mapped()) return errno_error("find another address for the second mapping");
  const volatile std::byte* const page = old.data() + (scene.pinned.data() - scene.mapping->data());
  static_cast<void>(*page);
  if (::mremap(old.data(), size, size, MREMAP_MAYMOVE | MREMAP_FIXED, other.data()) == MAP_FAILED)
    return errno_error("mremap the second mapping");
  old.moved_away();
  return ok();
}

const DisturberRegistry::Add registered{{
    .name = "mremap",
    .help =
        "a second mapping is faulted in, moved by mremap(2) and unmapped while the breaker sleeps",
    .during = move_a_mapping,
    .recipe = {.during = R"(char *second = mmap(NULL, file_size, PROT_READ, MAP_SHARED, fd, 0);
char *there = mmap(NULL, file_size, PROT_NONE, MAP_SHARED, fd, 0);
check(second != MAP_FAILED && there != MAP_FAILED, "mmap");
(void)*(volatile char *)(second + (page - map));
check(mremap(second, file_size, file_size, MREMAP_MAYMOVE | MREMAP_FIXED, there) == there,
      "mremap");
check(munmap(there, file_size) == 0, "munmap");
)"},
}};

}  // namespace
}  // namespace daxbreak
