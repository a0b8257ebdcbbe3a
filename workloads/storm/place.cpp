// SPDX-License-Identifier: GPL-2.0
#include "workloads/storm/place.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <new>

#include "base/file.h"

namespace daxbreak {
namespace {

Result<std::uint64_t> size_of_device(int fd, const std::string& path) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) return errno_error("look at " + path);
  if (!S_ISBLK(info.st_mode)) return static_cast<std::uint64_t>(info.st_size);
  std::uint64_t bytes = 0;
  if (::ioctl(fd, BLKGETSIZE64, &bytes) != 0) return errno_error("ask for the size of " + path);
  return bytes;
}

}  // namespace

Result<MappedPlace> MappedPlace::open(const LoadPlace& place, MapBy by) {
  MappedPlace mapped;
  auto file = open_file(place.path, O_RDWR);
  if (!file) return file.error();
  mapped.file_ = std::move(*file);
  struct stat info {};
  if (::fstat(mapped.file_.get(), &info) != 0) return errno_error("look at " + place.path);
  // libpmem2 maps device-dax nodes as well, but not with pages of 1 GiB.
  const bool device = S_ISCHR(info.st_mode) && by == MapBy::kernel;
  auto mapping = device ? FileMapping::map_device(mapped.file_.get(),
                                                  place.size / place.page_size * place.page_size,
                                                  place.page_size)
                        : FileMapping::map(mapped.file_.get(), place.page_size);
  if (!mapping) return mapping.error();
  if (mapping->size() < place.size && !device)
    return Error{fmt::format("{} has {} bytes, and the load is to work on {}", place.path,
                             mapping->size(), place.size)};
  mapped.size_ = device ? mapping->size() : place.size;
  mapped.mapping_.emplace(std::move(*mapping));
  return mapped;
}

Result<BlockPlace> BlockPlace::open(const LoadPlace& place, Direction direction) {
  auto device = open_file(place.device, O_RDWR | O_DIRECT);
  if (!device) return device.error();
  auto size = size_of_device(device->get(), place.device);
  if (!size) return size.error();
  const std::uint64_t half = *size / 2 / place.block_size * place.block_size;
  auto share = share_of(place, half, place.block_size);
  if (!share) return Error{place.device + ": " + share.error().message()};
  if (direction == Direction::write) share->begin += half;
  return BlockPlace{std::move(*device), *share};
}

PageBuffer::PageBuffer(std::size_t size)
    : data_(static_cast<std::byte*>(::operator new (size, std::align_val_t{small_page}))) {
  std::uint64_t state = 1;
  for (std::size_t at = 0; at < size; ++at) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    data_.get()[at] = static_cast<std::byte>(state >> 56);
  }
}

void PageBuffer::Free::operator()(std::byte* data) const {
  ::operator delete (data, std::align_val_t{small_page});
}

}  // namespace daxbreak
