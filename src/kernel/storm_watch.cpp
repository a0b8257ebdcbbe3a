// SPDX-License-Identifier: GPL-2.0
#include "kernel/storm_watch.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "kernel/bpf_messages.h"
#include "kernel/signature.h"
#include "kernel/storm_watch_shared.h"
// After storm_watch_shared.h, whose types it holds.
#include "storm_watch.skel.h"

namespace daxbreak {
namespace {

struct FreeLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using Link = std::unique_ptr<bpf_link, FreeLink>;

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
    links.clear();  // probes first, then what they write to
    storm_watch_bpf__destroy(bpf);
  }

  [[nodiscard]] std::array<bpf_program*, STORM_PUT_HOOKS> put_programs() const {
    return {bpf->progs.put_0, bpf->progs.put_1, bpf->progs.put_2, bpf->progs.put_3};
  }

  [[nodiscard]] Result<void> load(const Scheme& scheme);
  [[nodiscard]] Result<void> attach(const Scheme& scheme);

  storm_watch_bpf* bpf = nullptr;
  std::vector<Link> links;
  std::vector<std::string> absent;
};

Result<void> StormWatch::State::load(const Scheme& scheme) {
  if (scheme.puts.size() > STORM_PUT_HOOKS)
    return Error{fmt::format("scheme {} names {} put hooks; the storm's observer has room for {}",
                             scheme.name, scheme.puts.size(), STORM_PUT_HOOKS)};
  const BpfMessages messages;
  bpf = storm_watch_bpf__open();
  if (bpf == nullptr) return messages.error("open the storm observer's programs", errno);
  const auto programs = put_programs();
  for (std::size_t slot = 0; slot < programs.size(); ++slot) {
    const bool used = slot < scheme.puts.size();
    bpf_program__set_autoload(programs[slot], used);
    if (used) bpf->rodata->put_page_arg[slot] = scheme.puts[slot].page_arg;
  }
  bpf->rodata->wake_on_page = scheme.wake_on_page ? 1 : 0;
  if (const int failed = storm_watch_bpf__load(bpf); failed != 0)
    return messages.error("load the storm observer's programs", failed);
  return ok();
}

Result<void> StormWatch::State::attach(const Scheme& scheme) {
  struct Probe {
    bpf_program* program;
    bool at_return;
    const char* function;
  };
  for (const Probe& probe : {Probe{bpf->progs.scan, true, "dax_layout_busy_page_range"},
                             Probe{bpf->progs.wait, false, "init_wait_var_entry"},
                             Probe{bpf->progs.wake, false, "wake_up_var"}}) {
    const BpfMessages messages;
    links.emplace_back(bpf_program__attach_kprobe(probe.program, probe.at_return, probe.function));
    if (!links.back())
      return messages.error(fmt::format("probe the kernel's {}", probe.function), errno);
  }
  {
    const BpfMessages messages;
    links.emplace_back(bpf_program__attach_raw_tracepoint(bpf->progs.sched, "sched_switch"));
    if (!links.back()) return messages.error("probe the kernel's sched_switch", errno);
  }
  const auto programs = put_programs();
  for (std::size_t slot = 0; slot < scheme.puts.size(); ++slot) {
    const BpfMessages messages;
    Link link;
    for (const std::string& symbol : alternatives(scheme.puts[slot].symbol)) {
      link.reset(bpf_program__attach_kprobe(programs[slot], false, symbol.c_str()));
      if (link) break;
    }
    if (link)
      links.push_back(std::move(link));
    else
      absent.push_back(scheme.puts[slot].symbol);
  }
  return ok();
}

StormWatch::StormWatch(std::unique_ptr<State> state) : state_(std::move(state)) {}
StormWatch::StormWatch(StormWatch&&) noexcept = default;
StormWatch& StormWatch::operator=(StormWatch&&) noexcept = default;
StormWatch::~StormWatch() = default;

Result<StormWatch> StormWatch::open(const Scheme& scheme) {
  auto state = std::make_unique<State>();
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

const std::vector<std::string>& StormWatch::missing() const {
  return state_->absent;
}

}  // namespace daxbreak
