// SPDX-License-Identifier: GPL-2.0
/// The latencies of a run, gathered for the blocks and jobs of fio's formats.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "report/tally.h"
#include "result/record.h"

namespace daxbreak {

/// What one block or job is about.
enum class GroupBy { kernel, kernel_and_pin };

/// The trials of one kernel (and one pin). Samples are nanoseconds, one per trial that got so far.
struct Group {
  std::string kernel;
  std::string pin;  ///< as the matrix calls it; "" where grouped by kernel alone
  Environment environment;
  Tally tally;
  std::set<std::uint64_t> pages;       ///< page sizes in it, bytes
  std::vector<std::int64_t> break_ns;  ///< inside the breaker's system call
  std::vector<std::int64_t> blocked_ns;
  std::vector<std::int64_t> wake_ns;
  std::vector<std::int64_t> put_to_wake_ns;
  std::vector<std::int64_t> scans;         ///< counts, not times
  std::vector<std::int64_t> pin_read_ns;   ///< submit to complete, of pins that fill the page
  std::vector<std::int64_t> pin_write_ns;  ///< ... of pins that the page is read by
  std::uint64_t break_bytes =
      0;                  ///< the broken pages' sizes; what else a truncate cut is not known
  std::size_t poked = 0;  ///< breaks that only our signal ended; their times are in no sample
  double seconds = 0;     ///< wall time of all trials

  /// "6.1", "6.1/vmsplice".
  [[nodiscard]] std::string name() const { return pin.empty() ? kernel : kernel + "/" + pin; }
};

/// True if only our own signal ended the break: its times say how patient the testbed is, nothing
/// about the kernel.
[[nodiscard]] bool ended_by_signal(const Timeline& timeline);

/// How long the pin's I/O took from submission to completion; nothing where not all of it was seen.
[[nodiscard]] std::optional<std::int64_t> pin_io_ns(const Timeline& timeline);

/// The groups in the order of the run; kernels without a trial that ran give none.
[[nodiscard]] std::vector<Group> groups_of(const RunRecord& run,
                                           const std::vector<KnownFinding>& known, GroupBy by);

}  // namespace daxbreak
