// SPDX-License-Identifier: GPL-2.0
#include <algorithm>

#include "oracle/oracles.h"

namespace daxbreak::oracle {
namespace {

/// Whether a wake goes by the key that somebody waits on. Both keys of a page, itself and its
/// _refcount, hash to queues of their own (kernel/sched/wait_bit.c, __wake_up_bit()): a wake by the
/// other one reaches nobody. Where no wait on the page was seen, there is nothing to compare with.
bool reaches_waiter(const Timeline& timeline, const Event& wake) {
  bool waited = false;
  for (const Event& event : timeline.events) {
    if (event.kind != EventKind::wait || event.page != wake.page) continue;
    if (event.value == wake.value) return true;
    waited = true;
  }
  return !waited;
}

}  // namespace

bool woken_at_idle(const Timeline& timeline, const Scheme& scheme, std::int64_t from_ns,
                   std::int64_t until_ns) {
  return std::any_of(timeline.events.begin(), timeline.events.end(), [&](const Event& event) {
    return event.kind == EventKind::wake && event.t_ns >= from_ns && event.t_ns <= until_ns &&
           event.count == scheme.idle && reaches_waiter(timeline, event);
  });
}

}  // namespace daxbreak::oracle
