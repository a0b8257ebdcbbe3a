// SPDX-License-Identifier: GPL-2.0
/// What becomes of a pin that is refused: is it the memory, or would the kernel refuse any?
#pragma once

#include <memory>

#include "base/result.h"
#include "gate/gate.h"
#include "trial/recorder.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

/// Whether a pin of this kind can be taken of as many pages of anonymous memory and come to its
/// end. The gate (may be null) is open: the pin's I/O ends at once. A refusal of DAX memory is the
/// scheme's only if ordinary memory is not refused.
[[nodiscard]] bool pins_anonymous_memory(const PinKind& kind, Gate* gate);

/// Whether this is what get_user_pages() says of memory that no reference can be taken of: ENOMEM
/// where try_grab_page() fails (5.10, mm/gup.c, follow_page_pte()), EFAULT where the lookup does,
/// EIO where a block device's I/O is completed with it (5.10, fs/block_dev.c,
/// __blkdev_direct_IO()).
[[nodiscard]] bool says_no_reference(int number);

/// What a trial has in its hands when its pin is not granted; refers to the trial's own members.
struct UngrantedPin {
  const PinKind& kind;
  std::unique_ptr<Pin>& pin;
  Gate* gate;       ///< may be null
  bool& gate_shut;  ///< the pin's I/O may be held by it
  Recorder& record;
  bool may_be_had = true;  ///< the scheme could grant it: only then is ordinary memory tried
};

/// Without a pin the trial goes on: the breaker has to come to its end, the kernel to keep quiet.
/// Gives the pin up, opens the gate and, where memory may be to blame, notes whether the same pin
/// of anonymous memory is granted.
Result<void> after_refusal(const UngrantedPin& ungranted, const Error& refusal);

/// The page's count was not seen to rise, as `unseen` says. If the time was over (ETIMEDOUT), what
/// was submitted to a queue may be refused by its completion: then as after_refusal(). One that
/// comes to a good end, and whatever else was wrong, leaves `unseen` as the error.
Result<void> refused_later(const UngrantedPin& ungranted, const Error& unseen);

}  // namespace daxbreak
