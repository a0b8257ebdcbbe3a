// SPDX-License-Identifier: GPL-2.0
/// What becomes of a pin that is refused: is it the memory, or would the kernel refuse any?
#pragma once

#include <cstddef>

#include "gate/gate.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

/// Whether a pin of this kind can be taken of `bytes` of anonymous memory and come to its end. The
/// gate (may be null) is open: the pin's I/O ends at once. A refusal of DAX memory is the scheme's
/// only if ordinary memory is not refused.
[[nodiscard]] bool pins_anonymous_memory(const PinKind& kind, Gate* gate, std::size_t bytes);

/// Whether this is what get_user_pages() says of memory that no reference can be taken of: ENOMEM
/// where try_grab_page() fails (5.10, mm/gup.c, follow_page_pte()), EFAULT where the lookup does,
/// EIO where a block device's I/O is completed with it (5.10, fs/block_dev.c,
/// __blkdev_direct_IO()).
[[nodiscard]] bool says_no_reference(int number);

}  // namespace daxbreak
