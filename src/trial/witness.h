// SPDX-License-Identifier: GPL-2.0
/// A page outside the broken range, written through the mapping and made durable by fsync(2): that
/// the kernel really flushes it is the observer's to see (oracle/durability.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "trial/recorder.h"
#include "trial/trial_file.h"

namespace daxbreak {

/// The page and where it is. Owns nothing.
struct Witness {
  int fd = -1;                   ///< of its file
  std::byte* address = nullptr;  ///< in a shared writable mapping
  std::uint64_t index = 0;       ///< of the page in the file, in units of 4 KiB

  /// Stores to it: the entry is dirty from now on.
  void dirty(Recorder& record, std::string_view text) const;

  /// Calls fsync(2).
  Result<void> flush(Recorder& record, std::string_view text) const;

  /// After a break: the same, if the file still has the page where it was. Whether it has.
  Result<bool> flush_if_kept(const TrialFile& file, Recorder& record, std::string_view text) const;
};

}  // namespace daxbreak
