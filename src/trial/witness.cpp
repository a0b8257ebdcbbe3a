// SPDX-License-Identifier: GPL-2.0
#include "trial/witness.h"

#include <unistd.h>

#include <cerrno>

#include "pmem/extents.h"
#include "pmem/mapping.h"

namespace daxbreak {

void Witness::dirty(Recorder& record, std::string_view text) const {
  auto* const byte = reinterpret_cast<volatile std::byte*>(address);
  *byte = *byte ^ std::byte{0xff};
  record.stamp(EventKind::dirtied, static_cast<std::int64_t>(index), text);
}

Result<void> Witness::flush(Recorder& record, std::string_view text) const {
  const int failed = ::fsync(fd) == 0 ? 0 : errno;
  record.stamp(EventKind::flushed, failed, text);
  if (failed != 0) return Error{"fsync the trial's file", failed};
  return ok();
}

Result<bool> Witness::flush_if_kept(const TrialFile& file, Recorder& record,
                                    std::string_view text) const {
  auto now = file_extents(file.fd());
  if (!now) return now.error();
  const std::uint64_t offset = index * small_page;
  auto before = file.physical(offset);
  auto after = physical_offset(*now, offset);
  if (!before || !after || *before != *after) return false;
  if (auto flushed = flush(record, text); !flushed) return flushed.error();
  return true;
}

}  // namespace daxbreak
