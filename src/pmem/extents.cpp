// SPDX-License-Identifier: GPL-2.0
#include "pmem/extents.h"

#include <fmt/format.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace daxbreak {
namespace {

// Extents asked for in one ioctl; a trial file has one or two.
constexpr std::uint32_t batch = 64;

// One FS_IOC_FIEMAP request with room for its answer: struct fiemap ends in a flexible array.
struct Request {
  alignas(struct fiemap)
      std::array<std::byte, sizeof(struct fiemap) + batch * sizeof(struct fiemap_extent)> bytes{};

  [[nodiscard]] struct fiemap* header() { return reinterpret_cast<struct fiemap*>(bytes.data()); }
  [[nodiscard]] struct fiemap_extent extent(std::uint32_t index) const {
    struct fiemap_extent found {};
    std::memcpy(&found, bytes.data() + sizeof(struct fiemap) + index * sizeof(found),
                sizeof(found));
    return found;
  }
};

// Flags under which fe_physical is no address on the device (Documentation/filesystems/fiemap.rst).
constexpr std::uint32_t no_address = FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC |
                                     FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_NOT_ALIGNED |
                                     FIEMAP_EXTENT_DATA_INLINE;

}  // namespace

Result<std::vector<Extent>> file_extents(int fd) {
  std::vector<Extent> extents;
  std::uint64_t start = 0;
  for (;;) {
    Request request;
    request.header()->fm_start = start;
    request.header()->fm_length = FIEMAP_MAX_OFFSET - start;
    request.header()->fm_flags = FIEMAP_FLAG_SYNC;
    request.header()->fm_extent_count = batch;
    if (::ioctl(fd, FS_IOC_FIEMAP, request.header()) != 0) {
      if (errno == EINTR) continue;
      return errno_error("read the file's extents (FS_IOC_FIEMAP)");
    }
    const std::uint32_t found = request.header()->fm_mapped_extents;
    if (found == 0) return extents;
    for (std::uint32_t index = 0; index < found; ++index) {
      const auto extent = request.extent(index);
      if ((extent.fe_flags & no_address) != 0)
        return Error{fmt::format("extent at {:#x} of the file has no device address (flags {:#x})",
                                 extent.fe_logical, extent.fe_flags)};
      extents.push_back({.logical = extent.fe_logical,
                         .physical = extent.fe_physical,
                         .length = extent.fe_length,
                         .unwritten = (extent.fe_flags & FIEMAP_EXTENT_UNWRITTEN) != 0});
      if ((extent.fe_flags & FIEMAP_EXTENT_LAST) != 0) return extents;
    }
    start = extents.back().logical + extents.back().length;
  }
}

Result<std::uint64_t> physical_offset(const std::vector<Extent>& extents, std::uint64_t logical) {
  for (const Extent& extent : extents)
    if (logical >= extent.logical && logical - extent.logical < extent.length)
      return extent.physical + (logical - extent.logical);
  return Error{fmt::format("byte {:#x} of the file lies in a hole", logical)};
}

Result<std::uint64_t> logical_offset(const std::vector<Extent>& extents, std::uint64_t physical) {
  for (const Extent& extent : extents)
    if (physical >= extent.physical && physical - extent.physical < extent.length)
      return extent.logical + (physical - extent.physical);
  return Error{fmt::format("the file does not own byte {:#x} of the device", physical)};
}

}  // namespace daxbreak
