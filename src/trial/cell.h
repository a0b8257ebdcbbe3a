// SPDX-License-Identifier: GPL-2.0
/// One point of the matrix.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "pmem/device_memory.h"

namespace daxbreak {

/// Cell::filesystem where there is none: the memory is a device-dax node's.
inline constexpr std::string_view device_dax_name = "devdax";
/// Likewise: the memory is anonymous, and a device that the processor cannot read takes it.
inline constexpr std::string_view device_private_name = "device-private";
/// Likewise, a device that the processor can read and write.
inline constexpr std::string_view device_coherent_name = "device-coherent";

/// The kind of device memory that a filesystem's name stands for, if it is one of the two.
[[nodiscard]] constexpr DeviceMemory device_memory_of(std::string_view filesystem) {
  if (filesystem == device_private_name) return DeviceMemory::device_private;
  if (filesystem == device_coherent_name) return DeviceMemory::device_coherent;
  return DeviceMemory::none;
}

/// What to hold, how to break, what else happens, and where. Names are those of the registries.
struct Cell {
  std::string kernel;              ///< catalogue name ("6.1") or "running"
  std::string filesystem;          ///< "ext4", "xfs"
  std::uint64_t page_size = 4096;  ///< bytes: 4096, 2 MiB, or for device-dax 1 GiB
  std::string pin;
  std::string breaker;
  std::string disturber = "none";
  std::string gate = "dm";          ///< for pins that need one; others ignore it
  std::string memory = "shared";    ///< kind of the pinned memory
  std::string range = "same-page";  ///< where the broken range lies, seen from the pinned page

  auto operator<=>(const Cell&) const = default;

  /// "ext4/4k/odirect-read/truncate/none"; where they are not the usual ones, the kind of memory
  /// stands at the page size, the gate at the pin, the range at the breaker:
  /// "xfs/4k+private/odirect-write@null-blk/punch-hole:elsewhere/none".
  /// The kernel is not part of it: the same id on two kernels is the same question.
  [[nodiscard]] std::string id() const;
};

/// The cell with this id, kernel left empty; an Error says what does not read. Names are not looked
/// up: skip_reason() does that.
[[nodiscard]] Result<Cell> parse_cell(std::string_view id);

}  // namespace daxbreak
