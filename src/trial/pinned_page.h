// SPDX-License-Identifier: GPL-2.0
/// The page that a trial watches: its counts, and the moment a pin is seen in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "kernel/census.h"
#include "trial/recorder.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

/// One page's counts on their way into the timeline. Without a census, or for a page whose frame
/// is not known, everything here does nothing and succeeds.
class PinnedPage {
 public:
  /// Census (may be null), recorder and timeline outlive it.
  PinnedPage(const CensusReader* census, Recorder& record, Timeline& timeline)
      : census_(census), record_(record), timeline_(timeline) {}

  void watch(Pfn frame) { frame_ = frame; }
  [[nodiscard]] std::optional<Pfn> frame() const { return frame_; }
  [[nodiscard]] bool countable() const { return census_ != nullptr && frame_.has_value(); }

  /// The counts now. Only if countable().
  [[nodiscard]] Result<PageCounts> read() const;

  /// Writes the counts down.
  Result<void> take(std::string_view when);
  /// The same, and takes them for those of the page without a pin.
  Result<void> take_unpinned(std::string_view when);

  /// Waits until the pin is seen in the counts, and writes down by how much they rose; ETIMEDOUT if
  /// that does not happen. What cannot be counted, or not `by_counts`, is given time.
  Result<void> await(const Pin& pin, bool by_counts, double patience);

 private:
  [[nodiscard]] Result<bool> risen() const;

  const CensusReader* census_;
  Recorder& record_;
  Timeline& timeline_;
  std::optional<Pfn> frame_;
  std::int32_t unpinned_ = 0;
};

}  // namespace daxbreak
