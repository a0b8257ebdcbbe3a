// SPDX-License-Identifier: GPL-2.0
/// A file on persistent memory, mapped through libpmem2, with pages of a chosen size.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

inline constexpr std::size_t small_page = 4096;
inline constexpr std::size_t huge_page = 2UL << 20;
inline constexpr std::size_t giant_page = 1UL << 30;  ///< of device-dax alone

/// libpmem2's copy to persistent memory (libpmem2/memops.h, pmem2_memcpy_fn): like memcpy(3), and
/// by `flags`, which are PMEM2_F_MEM_*, made durable as well.
using PmemCopy = void* (*)(void* to, const void* from, std::size_t size, unsigned flags);

/// How a file is mapped.
struct MapHow {
  bool writable = true;
  bool shared = true;       ///< MAP_SHARED, else MAP_PRIVATE
  bool synchronous = true;  ///< MAP_SYNC where the file can have it, as libpmem2 maps; else a plain
                            ///< mmap(2) without it
};

/// Maps the whole file (pmem2_map_new, or mmap where libpmem2 cannot say what is wanted) and unmaps
/// it when destroyed.
class FileMapping {
 public:
  /// `page_size` is small_page (MADV_NOHUGEPAGE) or huge_page (the address is 2 MiB aligned).
  /// Nothing is touched yet: page_size is a wish until touched pages prove it (mapped_by_pmd()).
  [[nodiscard]] static Result<FileMapping> map(int fd, std::size_t page_size,
                                               const MapHow& how = {});
  /// The first `length` bytes of a device-dax node, shared and writable, at an address that is
  /// aligned to its pages: drivers/dax/device.c, check_vma() refuses any other. `length` is a
  /// multiple of `alignment`.
  [[nodiscard]] static Result<FileMapping> map_device(int fd, std::size_t length,
                                                      std::size_t alignment);
  FileMapping(FileMapping&&) noexcept;
  FileMapping& operator=(FileMapping&&) noexcept;
  ~FileMapping();

  [[nodiscard]] std::byte* data() const;   ///< nullptr once unmapped
  [[nodiscard]] std::size_t size() const;  ///< 0 once unmapped

  /// What libpmem2 says of the media: "byte", "cache-line" or "page".
  [[nodiscard]] std::string granularity() const;

  /// The copy that suits the media; nullptr where it was mapped without libpmem2.
  [[nodiscard]] PmemCopy copy() const;

  /// Unmaps now; harmless if that was done already.
  Result<void> unmap();

 private:
  struct State;
  explicit FileMapping(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether the 2 MiB block around `address` is mapped by one PMD. Decided from pagemap: touching
/// one page made its untouched neighbour present. Call after touching only `address`'s page.
[[nodiscard]] Result<bool> mapped_by_pmd(const std::byte* address);

/// The frame behind a touched address of this process (/proc/self/pagemap). Root only.
[[nodiscard]] Result<Pfn> frame_of(const std::byte* address);

}  // namespace daxbreak
