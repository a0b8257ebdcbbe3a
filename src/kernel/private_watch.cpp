// SPDX-License-Identifier: GPL-2.0
#include "kernel/private_watch.h"

#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include "kernel/bpf_messages.h"
#include "kernel/bpf_probes.h"
#include "kernel/private_shared.h"
#include "private_watch.skel.h"

namespace daxbreak {

struct PrivateWatch::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    probes = {};  // first, then what they write to
    private_watch_bpf__destroy(bpf);
  }

  [[nodiscard]] Census census(int moment) const {
    Census found;
    for (int place = 0; place < PRIVATE_COUNTS; ++place) {
      const std::uint64_t times = __atomic_load_n(&bpf->bss->seen[moment][place], __ATOMIC_SEQ_CST);
      if (times != 0) found[place + PRIVATE_LEAST] = times;
    }
    return found;
  }

  private_watch_bpf* bpf = nullptr;
  BpfProbes probes;
  bool lingers = false;
};

PrivateWatch::PrivateWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
PrivateWatch::PrivateWatch(PrivateWatch&&) noexcept = default;
PrivateWatch& PrivateWatch::operator=(PrivateWatch&&) noexcept = default;
PrivateWatch::~PrivateWatch() = default;

Result<PrivateWatch> PrivateWatch::open() {
  auto state = std::make_unique<State>();
  const BpfMessages messages;
  state->bpf = private_watch_bpf__open();
  if (state->bpf == nullptr)
    return messages.error("open the programs for device-private pages", errno);
  if (const int failed = private_watch_bpf__load(state->bpf); failed != 0)
    return messages.error("load the programs for device-private pages", failed);
  const auto& programs = state->bpf->progs;
  using At = BpfProbes::At;
  BpfProbes& probes = state->probes;
  // The caller of page_free(), which is no function of lib/: those are built without ftrace, and
  // kprobes by name are refused there unless CONFIG_KPROBE_EVENTS_ON_NOTRACE is set
  // (kernel/trace/trace_kprobe.c, within_notrace_func()).
  probes.want(programs.freed, At::entry,
              "free_devmap_managed_page|free_zone_device_page|free_zone_device_folio");
  probes.want(programs.handed_out, At::entry, "zone_device_page_init");
  probes.want(programs.filled, At::entry, "migrate_folio|migrate_page");
  state->lingers = probes.want(programs.linger, At::exit, "dmirror_devmem_free");
  if (probes.empty()) return Error{"nothing that moves device-private pages can be probed", ENOENT};
  return PrivateWatch(std::move(state));
}

void PrivateWatch::begin(std::uint64_t first, std::uint64_t end, Nanos linger) {
  auto& shared = *state_->bpf->bss;
  std::memset(shared.seen, 0, sizeof(shared.seen));
  shared.first = first;
  shared.end = end;
  shared.linger_ns = static_cast<std::uint64_t>(linger.count());
  // Every program looks at this first.
  __atomic_store_n(&shared.armed, 1U, __ATOMIC_SEQ_CST);
}

PrivateCounts PrivateWatch::end() {
  __atomic_store_n(&state_->bpf->bss->armed, 0U, __ATOMIC_SEQ_CST);
  return {.freed = state_->census(PRIVATE_FREED),
          .handed_out = state_->census(PRIVATE_HANDED_OUT),
          .filled = state_->census(PRIVATE_FILLED)};
}

const std::vector<std::string>& PrivateWatch::missing() const {
  return state_->probes.missing();
}

bool PrivateWatch::can_linger() const {
  return state_->lingers;
}

}  // namespace daxbreak
