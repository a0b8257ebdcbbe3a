// SPDX-License-Identifier: GPL-2.0
#include "trial/aftermath.h"

#include <string>

#include "trial/spans.h"

namespace daxbreak {

Result<Census> count_at_rest(const CensusReader& census, std::span<const PfnRange> pages,
                             std::int32_t idle, Nanos limit) {
  const Deadline deadline(limit);
  for (;;) {
    auto counted = census.count(pages);
    if (!counted) return counted;
    const bool at_rest = counted->size() == 1 && counted->begin()->first == idle;
    if (at_rest || deadline.passed()) return counted;
    sleep_for(span::poll_step);
  }
}

Result<void> note_complaints(KernelLog* log, Recorder& record) {
  if (log == nullptr) return ok();
  auto lines = log->lines();
  if (!lines) return lines.error();
  for (const std::string& line : *lines)
    if (is_complaint(line)) record.stamp(EventKind::kernel_log, is_fatal(line) ? 1 : 0, line);
  return ok();
}

}  // namespace daxbreak
