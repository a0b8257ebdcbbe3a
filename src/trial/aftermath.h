// SPDX-License-Identifier: GPL-2.0
/// What is looked at when a trial has let everything go: its pages' counts, and the kernel's log.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.h"
#include "base/result.h"
#include "kernel/census.h"
#include "kernel/log.h"
#include "trial/recorder.h"

namespace daxbreak {

/// The census of the pages, once all have the count `idle` or the limit has passed: a completed
/// read may put its pages a moment later, from a workqueue (block/bio.c, bio_check_pages_dirty()).
[[nodiscard]] Result<Census> count_at_rest(const CensusReader& census,
                                           std::span<const PfnRange> pages, std::int32_t idle,
                                           Nanos limit);

/// Writes down what the kernel complained of since the log was marked. No log, no complaints.
Result<void> note_complaints(KernelLog* log, Recorder& record);

}  // namespace daxbreak
