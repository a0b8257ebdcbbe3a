// SPDX-License-Identifier: GPL-2.0
/// Writes a timeline while the trial runs.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/census.h"
#include "kernel/observer.h"
#include "trial/timeline.h"

namespace daxbreak {

/// Collects a trial's events from user space and the kernel. Space is set aside beforehand: the
/// stamps between the breaker's begin and end cost no allocation.
class Recorder {
 public:
  explicit Recorder(Timeline& timeline);

  /// Records an event that happens now; returns its time.
  std::int64_t stamp(EventKind kind, std::int64_t value = 0, std::string_view text = {});

  /// Records an event whose time is known.
  void at(std::int64_t t_ns, EventKind kind, std::int64_t value = 0, std::string_view text = {});

  /// Records a page's counts.
  void counts(const PageCounts& page, std::string_view when);

  /// Records a histogram: one event for each count, value = how many pages have it.
  void histogram(const Census& census, std::string_view when);

  /// Takes over what the observer has seen since the last time, and how much it has missed.
  Result<void> drain(Observer& observer);

  /// Whether the kernel's side has an event of this kind since `from_ns`.
  [[nodiscard]] bool seen(EventKind kind, std::int64_t from_ns = 0) const;

  /// Puts everything in time order. Call once, at the end.
  void finish();

 private:
  Timeline& timeline_;
  std::vector<KernelEvent> fresh_;
};

}  // namespace daxbreak
