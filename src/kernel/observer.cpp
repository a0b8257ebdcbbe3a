// SPDX-License-Identifier: GPL-2.0
#include "kernel/observer.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "kernel/bpf_messages.h"
#include "kernel/bpf_probes.h"
#include "kernel/observer_shared.h"
#include "observer.skel.h"

namespace daxbreak {
namespace {

static_assert(static_cast<int>(KernelEventKind::scan) == OBSERVER_SCAN &&
              static_cast<int>(KernelEventKind::wait) == OBSERVER_WAIT &&
              static_cast<int>(KernelEventKind::sleep) == OBSERVER_SLEEP &&
              static_cast<int>(KernelEventKind::run) == OBSERVER_RUN &&
              static_cast<int>(KernelEventKind::wake) == OBSERVER_WAKE &&
              static_cast<int>(KernelEventKind::put) == OBSERVER_PUT &&
              static_cast<int>(KernelEventKind::writeback) == OBSERVER_WRITEBACK);

KernelEvent event_of(const observer_event& raw) {
  return {.t_ns = static_cast<std::int64_t>(raw.t_ns),
          .kind = static_cast<KernelEventKind>(raw.kind),
          .tid = raw.tid,
          .page = raw.page,
          .key = raw.key,
          .count = raw.count,
          .mapcount = raw.mapcount,
          .refs = raw.refs,
          .interrupt = raw.interrupt != 0};
}

// Empties a hash map whose keys are of type Key.
template <class Key>
Result<void> clear_map(const bpf_map* map) {
  Key key{};
  while (bpf_map_get_next_key(bpf_map__fd(map), nullptr, &key) == 0)
    if (const int failed = bpf_map_delete_elem(bpf_map__fd(map), &key); failed != 0)
      return Error{fmt::format("clear the observer's map {}", bpf_map__name(map)),
                   std::abs(failed)};
  return ok();
}

}  // namespace

struct Observer::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    probes = {};  // first, then what they write to
    ring_buffer__free(ring);
    observer_bpf__destroy(bpf);
  }

  // The programs of the put hooks, by slot.
  [[nodiscard]] std::array<bpf_program*, OBSERVER_PUT_HOOKS> put_programs() const {
    return {bpf->progs.put_0, bpf->progs.put_1, bpf->progs.put_2, bpf->progs.put_3};
  }

  [[nodiscard]] Result<void> load(const Scheme& scheme);
  [[nodiscard]] Result<void> attach(const Scheme& scheme);

  // Reads what is in the ring; into nowhere if `sink` is null.
  [[nodiscard]] Result<void> consume(std::vector<KernelEvent>* into) {
    sink = into;
    room = OBSERVER_RING_BYTES / sizeof(observer_event);
    const int got = ring_buffer__consume(ring);
    sink = nullptr;
    if (got < 0 && got != -ENOBUFS) return Error{"read the observer's ring buffer", std::abs(got)};
    return ok();
  }

  static int take(void* self, void* data, size_t size) {
    auto* const state = static_cast<State*>(self);
    auto* const into = state->sink;
    if (into != nullptr && size >= sizeof(observer_event))
      into->push_back(event_of(*static_cast<const observer_event*>(data)));
    // A writer that is quicker than this reader must not keep it here for ever.
    return --state->room > 0 ? 0 : -ENOBUFS;
  }

  observer_bpf* bpf = nullptr;
  ring_buffer* ring = nullptr;
  BpfProbes probes;
  std::vector<KernelEvent>* sink = nullptr;
  std::size_t room = 0;  ///< how many more events this call takes
};

Result<void> Observer::State::load(const Scheme& scheme) {
  const BpfMessages messages;
  bpf = observer_bpf__open();
  if (bpf == nullptr) return messages.error("open the observer's programs", errno);
  if (auto chosen = choose_puts(scheme, put_programs(), bpf->rodata->put_page_arg); !chosen)
    return chosen;
  for (std::size_t slot = 0; slot < scheme.puts.size(); ++slot)
    bpf->rodata->put_refs_arg[slot] = scheme.puts[slot].refs_arg;
  if (const int failed = observer_bpf__load(bpf); failed != 0)
    return messages.error("load the observer's programs", failed);
  ring = ring_buffer__new(bpf_map__fd(bpf->maps.events), take, this, nullptr);
  if (ring == nullptr) return messages.error("map the observer's ring buffer", errno);
  return ok();
}

Result<void> Observer::State::attach(const Scheme& scheme) {
  using At = BpfProbes::At;
  // dax_layout_busy_page() is a tail call into the range variant, which has its own symbol in every
  // kernel since 5.10.
  constexpr const char* scan = "dax_layout_busy_page_range";
  if (auto done = probes.need(bpf->progs.scan_begin, At::entry, scan); !done) return done;
  if (auto done = probes.need(bpf->progs.scan, At::exit, scan); !done) return done;
  if (auto done = probes.need(bpf->progs.wait, At::entry, "init_wait_var_entry"); !done)
    return done;
  if (auto done = probes.need(bpf->progs.wake, At::entry, "wake_up_var"); !done) return done;
  if (auto done = probes.need_tracepoint(bpf->progs.sched, "sched_switch"); !done) return done;
  probes.want_tracepoint(bpf->progs.writeback, "dax_writeback_one");
  probes.want_puts(scheme, put_programs());
  return ok();
}

Observer::Observer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Observer::Observer(Observer&&) noexcept = default;
Observer& Observer::operator=(Observer&&) noexcept = default;
Observer::~Observer() = default;

Result<Observer> Observer::open(const Scheme& scheme) {
  auto state = std::make_unique<State>();
  if (auto loaded = state->load(scheme); !loaded) return loaded.error();
  if (auto attached = state->attach(scheme); !attached) return attached.error();
  return Observer(std::move(state));
}

Result<void> Observer::begin(std::span<const std::uint64_t> pages, std::uint32_t tid,
                             std::uint64_t inode) {
  if (pages.size() > OBSERVER_MAX_PAGES)
    return Error{fmt::format("watch {} pages (the observer has room for {})", pages.size(),
                             OBSERVER_MAX_PAGES),
                 E2BIG};
  if (auto ended = end(); !ended) return ended.error();
  if (auto thrown = state_->consume(nullptr); !thrown) return thrown.error();
  state_->bpf->bss->lost = 0;
  state_->bpf->bss->left_out = 0;
  state_->bpf->bss->inode_number = inode;
  state_->bpf->bss->thinned = 0;
  for (const std::uint64_t page : pages) {
    const std::uint32_t one = 1;
    const int map = bpf_map__fd(state_->bpf->maps.watched);
    if (const int failed = bpf_map_update_elem(map, &page, &one, BPF_ANY); failed != 0)
      return Error{fmt::format("watch the page at {:#x}", page), std::abs(failed)};
  }
  if (auto following = follow(tid); !following) return following.error();
  // Every program looks at this first; the maps are complete by now.
  __atomic_store_n(&state_->bpf->bss->armed, 1U, __ATOMIC_SEQ_CST);
  return ok();
}

void Observer::thin_out(bool on) {
  __atomic_store_n(&state_->bpf->bss->thinned, on ? 1U : 0U, __ATOMIC_SEQ_CST);
}

Result<void> Observer::follow(std::uint32_t tid) {
  // As struct task in observer.bpf.c, all of it zero: not waiting.
  const std::array<std::uint64_t, 3> idle{};
  const int map = bpf_map__fd(state_->bpf->maps.followed);
  if (const int failed = bpf_map_update_elem(map, &tid, idle.data(), BPF_ANY); failed != 0)
    return Error{fmt::format("follow task {}", tid), std::abs(failed)};
  return ok();
}

Result<void> Observer::end() {
  __atomic_store_n(&state_->bpf->bss->armed, 0U, __ATOMIC_SEQ_CST);
  __atomic_store_n(&state_->bpf->bss->waiters, 0U, __ATOMIC_SEQ_CST);
  if (auto cleared = clear_map<std::uint32_t>(state_->bpf->maps.followed); !cleared)
    return cleared.error();
  return clear_map<std::uint64_t>(state_->bpf->maps.watched);
}

Result<void> Observer::drain(std::vector<KernelEvent>& into) {
  const auto old = static_cast<std::ptrdiff_t>(into.size());
  if (auto consumed = state_->consume(&into); !consumed) return consumed.error();
  // The ring is in the order of reservations; two processors may have looked at the clock in the
  // other one.
  std::stable_sort(into.begin() + old, into.end(),
                   [](const KernelEvent& a, const KernelEvent& b) { return a.t_ns < b.t_ns; });
  return ok();
}

std::uint64_t Observer::lost() const {
  return __atomic_load_n(&state_->bpf->bss->lost, __ATOMIC_SEQ_CST);
}

std::uint64_t Observer::left_out() const {
  return __atomic_load_n(&state_->bpf->bss->left_out, __ATOMIC_SEQ_CST);
}

const std::vector<std::string>& Observer::missing() const {
  return state_->probes.missing();
}

}  // namespace daxbreak
