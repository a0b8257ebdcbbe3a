// SPDX-License-Identifier: GPL-2.0
/// Which cells make no sense, and why.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "trial/cell.h"
#include "workloads/breaker/breaker.h"
#include "workloads/disturber/disturber.h"
#include "workloads/memory/memory.h"
#include "workloads/pin/pin.h"

namespace daxbreak {

/// Cell::kernel on the machine that daxbreak stands on; everything else runs in the lab.
inline constexpr std::string_view running_kernel = "running";

/// The reason not to run a cell, in words for the report; nothing if it makes sense. Skipped cells
/// stay in the plan, so that the report counts them. Pure but for the registries' content.
[[nodiscard]] std::optional<std::string> skip_reason(const Cell& cell);

/// Whether the cell may leave the kernel unusable: nothing of value should come after it on the
/// same machine. Pure but for the registries' content.
[[nodiscard]] bool can_wedge(const Cell& cell);
/// The same for kinds. The file's last reference, given up by a task that holds the page itself,
/// waits for what that task alone could do, and not even SIGKILL reaches it there.
[[nodiscard]] bool can_wedge(const BreakerKind& breaker, const DisturberKind& disturber);

/// The axes of a cell that lists of a job multiply, as bits.
enum Axis : unsigned {
  axis_filesystem = 1U << 0U,
  axis_page_size = 1U << 1U,
  axis_memory = 1U << 2U,
  axis_pin = 1U << 3U,
  axis_gate = 1U << 4U,
  axis_breaker = 1U << 5U,
  axis_range = 1U << 6U,
  axis_disturber = 1U << 7U,
};
inline constexpr unsigned axis_count = 8;

/// A cell with what its names mean. All kinds are there.
struct KnownCell {
  const Cell& cell;
  const PinKind& pin;
  const BreakerKind& breaker;
  const DisturberKind& disturber;
  const MemoryKind& memory;
};

/// One thing that makes a cell senseless.
struct SenseRule {
  std::string_view name;    ///< for the tests
  unsigned axes;            ///< of Axis: the only ones `senseless` looks at (the kernel aside)
  std::string_view reason;  ///< for the report
  bool (*senseless)(const KnownCell&);
};

/// Every rule, in the order in which they are asked.
[[nodiscard]] std::span<const SenseRule> sense_rules();

}  // namespace daxbreak
