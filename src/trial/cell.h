// SPDX-License-Identifier: GPL-2.0
/// One point of the matrix.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace daxbreak {

/// What to hold, how to break, what else happens, and where. Names are those of the registries.
struct Cell {
  std::string kernel;              ///< catalogue name ("6.1") or "running"
  std::string filesystem;          ///< "ext4", "xfs"
  std::uint64_t page_size = 4096;  ///< bytes: 4096 or 2 MiB
  std::string pin;
  std::string breaker;
  std::string disturber = "none";
  std::string gate = "dm";  ///< for pins that need one; others ignore it

  auto operator<=>(const Cell&) const = default;

  /// "ext4/4k/odirect-read/truncate/none", with "@null-blk" at the pin where the gate is not "dm".
  /// The kernel is not part of it: the same id on two kernels is the same question.
  [[nodiscard]] std::string id() const;
};

}  // namespace daxbreak
