// SPDX-License-Identifier: GPL-2.0
/// A load's place, opened: its file or device-dax node mapped, its block device.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/fd.h"
#include "base/result.h"
#include "pmem/mapping.h"
#include "workloads/storm/load.h"
#include "workloads/storm/share.h"

namespace daxbreak {

/// How loads want persistent memory.
enum class MapBy {
  kernel,    ///< a mapping is all that is needed
  libpmem2,  ///< FileMapping::copy() too
};

/// The first LoadPlace::size bytes of the file or node, mapped shared and writable.
class MappedPlace {
 public:
  MappedPlace() = default;
  [[nodiscard]] static Result<MappedPlace> open(const LoadPlace& place, MapBy by = MapBy::kernel);

  [[nodiscard]] std::byte* data() const { return mapping_->data(); }
  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] int fd() const { return file_.get(); }
  [[nodiscard]] PmemCopy copy() const { return mapping_->copy(); }

 private:
  Fd file_;
  std::uint64_t size_ = 0;
  std::optional<FileMapping> mapping_;
};

/// The block device, open for O_DIRECT, and this thread's share of it. (An ordinary file will do,
/// for trying things out.) Readers have its first half and writers its second, so that what is read
/// stays as it was.
struct BlockPlace {
  Fd device;
  Share share;
  [[nodiscard]] static Result<BlockPlace> open(const LoadPlace& place, Direction direction);
};

/// Ordinary memory of whole pages, filled with bytes that are not all the same.
class PageBuffer {
 public:
  PageBuffer() = default;
  explicit PageBuffer(std::size_t size);
  [[nodiscard]] std::byte* data() const { return data_.get(); }

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
};

}  // namespace daxbreak
