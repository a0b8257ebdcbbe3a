// SPDX-License-Identifier: GPL-2.0
/// Reference counts read out of the running kernel's struct pages.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "kernel/page.h"

namespace daxbreak {

/// Histogram of page->_refcount: count -> number of pages that have it. Of every struct page by
/// itself: the tail pages of a compound page (a PMD entry from 6.15 on) count as their own 0.
using Census = std::map<std::int32_t, std::uint64_t>;

/// Reads struct pages through a BPF program (BPF_PROG_TEST_RUN on a raw tracepoint program, kernel
/// 5.10 and later): /proc/kcore does not cover the vmemmap of ZONE_DEVICE pages.
/// One thread at a time. Usable in children after fork(), by one process at a time.
/// Needs root (CAP_BPF, CAP_PERFMON, and kallsyms addresses for vmemmap_base).
class CensusReader {
 public:
  [[nodiscard]] static Result<CensusReader> open();
  CensusReader(CensusReader&&) noexcept;
  CensusReader& operator=(CensusReader&&) noexcept;
  ~CensusReader();

  /// The histogram over all pages of the ranges.
  [[nodiscard]] Result<Census> count(std::span<const PfnRange> ranges) const;

  /// The counts of single pages, all within microseconds of each other, in the order asked.
  [[nodiscard]] Result<std::vector<PageCounts>> read(std::span<const Pfn> pages) const;

  /// Kernel address of the struct page of a frame (vmemmap_base + pfn * sizeof(struct page)).
  [[nodiscard]] std::uint64_t page_address(Pfn pfn) const;

 private:
  struct State;
  explicit CensusReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace daxbreak
