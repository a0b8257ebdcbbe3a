// SPDX-License-Identifier: GPL-2.0
#include "kernel/census.h"

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "kernel/bpf_messages.h"
#include "kernel/census_shared.h"
#include "kernel/kallsyms.h"

// After census_shared.h, whose types it holds.
#include "census.skel.h"

namespace daxbreak {

struct CensusReader::State {
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { census_bpf__destroy(bpf); }

  // Runs one of the programs with these arguments. Its own return value is 0 or a negative errno.
  [[nodiscard]] Result<void> run(const bpf_program* program, std::array<std::uint64_t, 3> arguments,
                                 const std::string& doing) const {
    bpf_test_run_opts options{};
    options.sz = sizeof options;
    options.ctx_in = arguments.data();
    options.ctx_size_in = sizeof arguments;
    const int failed = bpf_prog_test_run_opts(bpf_program__fd(program), &options);
    if (failed != 0) return Error{doing, std::abs(failed)};
    if (options.retval != 0) return Error{doing, std::abs(static_cast<int>(options.retval))};
    return ok();
  }

  [[nodiscard]] Result<void> clear_histogram() const {
    const int map = bpf_map__fd(bpf->maps.histogram);
    std::int32_t key = 0;
    while (bpf_map_get_next_key(map, nullptr, &key) == 0)
      if (const int failed = bpf_map_delete_elem(map, &key); failed != 0)
        return Error{"clear the census", std::abs(failed)};
    return ok();
  }

  [[nodiscard]] Result<Census> histogram() const {
    const int map = bpf_map__fd(bpf->maps.histogram);
    Census census;
    std::int32_t key = 0;
    for (int more = bpf_map_get_next_key(map, nullptr, &key); more == 0;
         more = bpf_map_get_next_key(map, &key, &key)) {
      std::uint64_t pages = 0;
      if (const int failed = bpf_map_lookup_elem(map, &key, &pages); failed != 0)
        return Error{"read the census", std::abs(failed)};
      census[key] = pages;
    }
    return census;
  }

  census_bpf* bpf = nullptr;
};

CensusReader::CensusReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CensusReader::CensusReader(CensusReader&&) noexcept = default;
CensusReader& CensusReader::operator=(CensusReader&&) noexcept = default;
CensusReader::~CensusReader() = default;

Result<CensusReader> CensusReader::open() {
  // vmemmap_base: arch/x86/mm/kaslr.c, read by pfn_to_page() through __VMEMMAP; its value is chosen
  // at boot, for 4-level and 5-level page tables alike.
  const auto symbols = read_symbols({"vmemmap_base"});
  if (!symbols) return symbols.error();
  const auto base = symbols->find("vmemmap_base");
  if (base == symbols->end()) return Error{"find vmemmap_base in /proc/kallsyms", ENOENT};
  if (base->second == 0)
    return Error{"read addresses from /proc/kallsyms (root, and kernel.kptr_restrict below 2)",
                 EPERM};

  const BpfMessages messages;
  auto state = std::make_unique<State>();
  state->bpf = census_bpf__open();
  if (state->bpf == nullptr) return messages.error("open the census programs", errno);
  if (const int failed = census_bpf__load(state->bpf); failed != 0)
    return messages.error("load the census programs", failed);
  if (auto told = state->run(state->bpf->progs.census_describe, {base->second},
                             "read vmemmap_base by BPF_PROG_TEST_RUN (kernel 5.10 or later)");
      !told)
    return told.error();
  return CensusReader(std::move(state));
}

Result<Census> CensusReader::count(std::span<const PfnRange> ranges) const {
  if (auto cleared = state_->clear_histogram(); !cleared) return cleared.error();
  for (const PfnRange& range : ranges)
    for (std::uint64_t done = 0; done < range.count;) {
      // Whole blocks, many in one run; what is left over is one small block.
      const std::uint64_t left = range.count - done;
      const std::uint64_t blocks =
          std::clamp<std::uint64_t>(left / CENSUS_BLOCK, 1, CENSUS_RUN_BLOCKS);
      const std::uint64_t pages = std::min<std::uint64_t>(CENSUS_BLOCK, left);
      const Pfn first = range.first + done;
      const auto counted = state_->run(
          state_->bpf->progs.census_count, {page_address(first), blocks, pages},
          fmt::format("count references of {} pages from frame {:#x} on", blocks * pages, first));
      if (!counted) return counted.error();
      done += blocks * pages;
    }
  return state_->histogram();
}

Result<std::vector<PageCounts>> CensusReader::read(std::span<const Pfn> pages) const {
  std::vector<PageCounts> counts;
  counts.reserve(pages.size());
  auto& wanted = state_->bpf->bss->wanted;
  while (!pages.empty()) {
    const auto batch = pages.first(std::min<std::size_t>(CENSUS_READ_PAGES, pages.size()));
    pages = pages.subspan(batch.size());
    for (std::size_t i = 0; i < batch.size(); ++i)
      wanted[i].page = page_address(batch[i]);
    const auto read = state_->run(
        state_->bpf->progs.census_read, {batch.size()},
        fmt::format("read {} struct pages from frame {:#x} on", batch.size(), batch.front()));
    if (!read) return read.error();
    for (std::size_t i = 0; i < batch.size(); ++i)
      counts.push_back(PageCounts{.pfn = batch[i],
                                  .refcount = wanted[i].refcount,
                                  .mapcount = wanted[i].mapcount,
                                  .compound = wanted[i].compound != 0});
  }
  return counts;
}

std::uint64_t CensusReader::page_address(Pfn pfn) const {
  return state_->bpf->bss->vmemmap + pfn * state_->bpf->bss->page_size;
}

}  // namespace daxbreak
