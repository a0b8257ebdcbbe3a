// SPDX-License-Identifier: GPL-2.0
/// What becomes of a block that a file has lost: gets it for another file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/fd.h"
#include "base/result.h"
#include "pmem/mount.h"
#include "trial/pattern.h"

namespace daxbreak {

/// Another file that owns a block which was given away.
struct Reuse {
  Fd fd;
  std::filesystem::path path;
  std::uint64_t logical = 0;  ///< where in that file the block lies
};

/// Tries to get the block at a device offset into a new file, filled with `id`'s pattern, proven by
/// FIEMAP. `freed` is how many bytes were freed around it: allocators like to hand out a hole of
/// just the size asked for. With `take_all` it goes on, if need be, until nearly all free space is
/// its own: never where somebody else may want some. An empty result: the filesystem did not hand
/// it out (still busy, or not freed at all). The caller removes it with give_back().
[[nodiscard]] Result<std::optional<Reuse>> take_block(const DaxDirectory& directory,
                                                      std::uint64_t physical, std::uint64_t freed,
                                                      bool take_all, PatternId id);

/// Removes the file of take_block() and lets the filesystem reclaim its space.
void give_back(Reuse reuse);

}  // namespace daxbreak
