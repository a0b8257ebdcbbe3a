// SPDX-License-Identifier: GPL-2.0
/// Kinds of memory that a pin holds: how the file is laid out and mapped. One file per kind; each
/// registers itself.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "base/registry.h"
#include "base/result.h"
#include "pmem/mapping.h"

namespace daxbreak {

/// One kind of memory.
struct MemoryKind {
  std::string_view name;       ///< as in a job file: "shared"
  std::string_view help;       ///< one line for `list memory`
  MapHow how;                  ///< how the file is mapped
  bool write_touch = true;     ///< the first touch is a write
  bool file_page = true;       ///< what is pinned is a page of the file: taking its block must wait
  bool hole = false;           ///< the pinned page lies in a hole of the file
  bool shared_extent = false;  ///< its block belongs to a second file too (reflink) ...
  bool clone_mapped = false;   ///< ... which the trial maps and touches as well
  bool small_pages_only = false;
  std::vector<std::string_view> filesystems;  ///< the ones it exists on; empty: all
  std::string_view recipe_flags;       ///< C, for reproducers: mmap's flags, "" for MAP_SHARED
  std::string_view recipe_protection;  ///< "" for PROT_READ | PROT_WRITE
};

using MemoryRegistry = Registry<MemoryKind>;

}  // namespace daxbreak
