// SPDX-License-Identifier: GPL-2.0
#include "trial/witness.h"

#include <unistd.h>

#include <cerrno>

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

}  // namespace daxbreak
