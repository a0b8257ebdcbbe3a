// SPDX-License-Identifier: GPL-2.0
#include "trial/pinned_page.h"

#include <array>
#include <cerrno>

#include "trial/spans.h"

namespace daxbreak {

using namespace span;

Result<PageCounts> PinnedPage::read() const {
  const std::array<Pfn, 1> page{*frame_};
  auto counts = census_->read(page);
  if (!counts) return counts.error();
  return counts->front();
}

Result<void> PinnedPage::take(std::string_view when) {
  if (!countable()) return ok();
  auto now = read();
  if (!now) return now.error();
  timeline_.compound = now->compound || timeline_.compound;
  record_.counts(*now, when);
  return ok();
}

Result<void> PinnedPage::take_unpinned(std::string_view when) {
  if (!countable()) return ok();
  auto now = read();
  if (!now) return now.error();
  unpinned_ = now->refcount;
  return take(when);
}

Result<bool> PinnedPage::risen() const {
  auto now = read();
  if (!now) return now.error();
  return now->refcount > unpinned_;
}

Result<void> PinnedPage::await(const Pin& pin, bool by_counts, double patience) {
  const Deadline deadline(stretched(arm_limit, patience));
  if (!by_counts || !countable()) {
    // A fresh anonymous page, say, has holders of its own that come and go (mm/swap.c, the
    // per-processor batches of lru_cache_add()).
    while (!pin.in_flight() && !deadline.passed())
      sleep_for(poll_step / 4);
    sleep_for(stretched(settle, patience));
    record_.stamp(EventKind::pin_held, 0, "not counted");
    return ok();
  }
  for (;;) {
    auto seen = risen();
    if (!seen) return seen.error();
    // Risen: the I/O has begun. In flight: whoever began it is done with taking references. Still
    // risen: they were not put back again.
    if (*seen && pin.in_flight()) {
      auto now = read();
      if (!now) return now.error();
      if (now->refcount > unpinned_) {
        record_.stamp(EventKind::pin_held, now->refcount - unpinned_);
        return take(moment::pinned);
      }
    }
    if (deadline.passed()) return Error{"the pin never raised the page's count", ETIMEDOUT};
    sleep_for(poll_step / 4);
  }
}

}  // namespace daxbreak
