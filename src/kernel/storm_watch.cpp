// SPDX-License-Identifier: GPL-2.0
#include "kernel/storm_watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "kernel/bpf_messages.h"
#include "kernel/bpf_probes.h"
#include "kernel/storm_watch_shared.h"
// After storm_watch_shared.h, whose types it holds.
#include "storm_watch.skel.h"

namespace daxbreak {
namespace {

/// As struct breaker in storm_watch.bpf.c.
struct Breaker {
  std::uint64_t key = 0;
  std::uint64_t slept_ns = 0;
  std::uint32_t slot = 0;
  std::uint32_t waiting = 0;
  std::uint32_t asleep = 0;
  std::uint32_t woken = 0;
};

}  // namespace

struct StormWatch::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    probes = {};  // first, then what they write to
    storm_watch_bpf__destroy(bpf);
  }

  [[nodiscard]] std::array<bpf_program*, STORM_PUT_HOOKS> put_programs() const {
    return {bpf->progs.put_0, bpf->progs.put_1, bpf->progs.put_2, bpf->progs.put_3};
  }

  [[nodiscard]] Result<void> load(const Scheme& scheme);
  [[nodiscard]] Result<void> attach(const Scheme& scheme);

  storm_watch_bpf* bpf = nullptr;
  BpfProbes probes;
  bool wakes = true;
};

Result<void> StormWatch::State::load(const Scheme& scheme) {
  const BpfMessages messages;
  bpf = storm_watch_bpf__open();
  if (bpf == nullptr) return messages.error("open the storm observer's programs", errno);
  if (auto chosen = choose_puts(scheme, put_programs(), bpf->rodata->put_page_arg); !chosen)
    return chosen;
  bpf->rodata->wake_on_page = scheme.wake_on_page ? 1 : 0;
  bpf->rodata->wakes_unseen = wakes ? 0 : 1;
  if (const int failed = storm_watch_bpf__load(bpf); failed != 0)
    return messages.error("load the storm observer's programs", failed);
  return ok();
}

Result<void> StormWatch::State::attach(const Scheme& scheme) {
  using At = BpfProbes::At;
  if (auto done = probes.need(bpf->progs.scan, At::exit, "dax_layout_busy_page_range"); !done)
    return done;
  if (auto done = probes.need(bpf->progs.wait, At::entry, "init_wait_var_entry"); !done)
    return done;
  if (auto done = probes.need_tracepoint(bpf->progs.sched, "sched_switch"); !done) return done;
  if (!wakes) return ok();
  if (auto done = probes.need(bpf->progs.wake, At::entry, "wake_up_var"); !done) return done;
  probes.want_puts(scheme, put_programs());
  return ok();
}

StormWatch::StormWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
StormWatch::StormWatch(StormWatch&&) noexcept = default;
StormWatch& StormWatch::operator=(StormWatch&&) noexcept = default;
StormWatch::~StormWatch() = default;

Result<StormWatch> StormWatch::open(const Scheme& scheme, bool wakes) {
  auto state = std::make_unique<State>();
  state->wakes = wakes;
  if (auto loaded = state->load(scheme); !loaded) return loaded.error();
  if (auto attached = state->attach(scheme); !attached) return attached.error();
  return StormWatch(std::move(state));
}

Result<void> StormWatch::follow(std::uint32_t tid, std::size_t slot) {
  if (slot >= STORM_SLOTS)
    return Error{fmt::format("follow {} breakers (the storm's observer has room for {})", slot + 1,
                             STORM_SLOTS)};
  const Breaker fresh{.slot = static_cast<std::uint32_t>(slot)};
  const int map = bpf_map__fd(state_->bpf->maps.breakers);
  if (const int failed = bpf_map_update_elem(map, &tid, &fresh, BPF_ANY); failed != 0)
    return Error{fmt::format("follow task {}", tid), std::abs(failed)};
  return ok();
}

const storm_stamp& StormWatch::stamp(std::size_t slot) const {
  return state_->bpf->bss->stamps[slot % STORM_SLOTS];
}

bool StormWatch::sees_wakes() const {
  return state_->wakes;
}

const std::vector<std::string>& StormWatch::missing() const {
  return state_->probes.missing();
}

}  // namespace daxbreak
