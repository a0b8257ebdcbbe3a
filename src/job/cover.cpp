// SPDX-License-Identifier: GPL-2.0
#include "job/cover.h"

#include <algorithm>
#include <array>
#include <set>

#include "job/pairwise.h"
#include "job/sense.h"

namespace daxbreak {
namespace {

/// The axes in the order of their bits in Axis.
struct Axes {
  const Job& job;
  const std::string& kernel;

  [[nodiscard]] std::array<std::size_t, axis_count> sizes() const {
    return {job.filesystems.size(), job.page_sizes.size(), job.memories.size(),
            job.pins.size(),        job.gates.size(),      job.breakers.size(),
            job.ranges.size(),      job.disturbers.size()};
  }

  [[nodiscard]] Cell cell(const std::array<std::size_t, axis_count>& at) const {
    return {.kernel = kernel,
            .filesystem = job.filesystems[at[0]],
            .page_size = job.page_sizes[at[1]],
            .pin = job.pins[at[3]],
            .breaker = job.breakers[at[5]],
            .disturber = job.disturbers[at[7]],
            .gate = job.gates[at[4]],
            .memory = job.memories[at[2]],
            .range = job.ranges[at[6]]};
  }
};

std::vector<std::size_t> axes_in(unsigned bits) {
  std::vector<std::size_t> axes;
  for (std::size_t axis = 0; axis < axis_count; ++axis)
    if ((bits >> axis & 1U) != 0) axes.push_back(axis);
  return axes;
}

template <class Kind>
const Kind& kind_or_none(const std::string& name) {
  static const Kind none{};
  const Kind* const found = Registry<Kind>::find(name);
  return found == nullptr ? none : *found;
}

/// All rules about the same axes as one constraint. They look at no others: those may have any
/// value.
PairConstraint constraint_on(unsigned bits, const Axes& axes) {
  std::vector<const SenseRule*> rules;
  for (const SenseRule& rule : sense_rules())
    if (rule.axes == bits) rules.push_back(&rule);
  return {.axes = axes_in(bits),
          .allows = [rules, &axes, own = axes_in(bits)](std::span<const std::size_t> values) {
            std::array<std::size_t, axis_count> at{};
            for (std::size_t i = 0; i < own.size(); ++i)
              at.at(own[i]) = values[i];
            const Cell cell = axes.cell(at);
            const KnownCell known{.cell = cell,
                                  .pin = kind_or_none<PinKind>(cell.pin),
                                  .breaker = kind_or_none<BreakerKind>(cell.breaker),
                                  .disturber = kind_or_none<DisturberKind>(cell.disturber),
                                  .memory = kind_or_none<MemoryKind>(cell.memory)};
            return std::none_of(rules.begin(), rules.end(),
                                [&](const SenseRule* rule) { return rule->senseless(known); });
          }};
}

}  // namespace

PairwiseCells pairwise_cells(const Job& job, const std::string& kernel) {
  const Axes axes{.job = job, .kernel = kernel};
  std::set<unsigned> about;
  for (const SenseRule& rule : sense_rules())
    about.insert(rule.axes);
  std::vector<PairConstraint> constraints;
  for (const unsigned bits : about)
    constraints.push_back(constraint_on(bits, axes));
  const auto sizes = axes.sizes();
  const PairCover cover = cover_pairs(sizes, constraints, job.seed);
  PairwiseCells chosen{.cells = {}, .pairs = cover.pairs};
  chosen.cells.reserve(cover.rows.size());
  for (const auto& row : cover.rows) {
    std::array<std::size_t, axis_count> at{};
    std::copy(row.begin(), row.end(), at.begin());
    chosen.cells.push_back(axes.cell(at));
  }
  return chosen;
}

}  // namespace daxbreak
