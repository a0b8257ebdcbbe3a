// SPDX-License-Identifier: GPL-2.0
#include "report/groups.h"

#include <algorithm>
#include <map>

#include "report/cells.h"

namespace daxbreak {
namespace {

void add(std::vector<std::int64_t>& samples, const std::optional<std::int64_t>& value) {
  if (value) samples.push_back(*value);
}

void add_pin(Group& group, const Timeline& timeline) {
  const auto took = pin_io_ns(timeline);
  if (!took) return;
  if (timeline.pin_flow == "to_page") group.pin_read_ns.push_back(*took);
  if (timeline.pin_flow == "from_page") group.pin_write_ns.push_back(*took);
}

void add_trial(Group& group, const TrialRecord& trial) {
  const Measures& measures = trial.verdict.measures;
  const bool poked = ended_by_signal(trial.timeline);
  if (poked) ++group.poked;
  if (!poked) {
    add(group.break_ns, measures.break_ns);
    add(group.wake_ns, measures.wake_ns);
    if (measures.break_ns) group.break_bytes += trial.timeline.cell.page_size;
  }
  add(group.blocked_ns, measures.blocked_ns);
  add(group.put_to_wake_ns, measures.put_to_wake_ns);
  add(group.scans, measures.scans);
  add_pin(group, trial.timeline);
  group.pages.insert(trial.timeline.cell.page_size);
  group.seconds += trial.seconds;
}

}  // namespace

bool ended_by_signal(const Timeline& timeline) {
  return timeline.first(EventKind::poke) != nullptr || timeline.first(EventKind::kill) != nullptr;
}

std::optional<std::int64_t> pin_io_ns(const Timeline& timeline) {
  const Event* const begin = timeline.first(EventKind::pin_begin);
  const Event* const end = timeline.first(EventKind::release_end);
  const Event* const held = timeline.first(EventKind::pin_held);
  if (begin == nullptr || end == nullptr || held == nullptr || end->t_ns < begin->t_ns)
    return std::nullopt;
  return end->t_ns - begin->t_ns;
}

std::vector<Group> groups_of(const RunRecord& run, const std::vector<KnownFinding>& known,
                             GroupBy by) {
  std::vector<Group> groups;
  for (const std::string& kernel : kernels_of(run)) {
    // The trials of a group as a run of its own, so that the tally is the same as everywhere.
    std::vector<std::pair<std::string, RunRecord>> parts;
    for (const TrialRecord& trial : run.trials) {
      if (trial.timeline.cell.kernel != kernel) continue;
      const std::string pin = by == GroupBy::kernel ? "" : pin_label(trial.timeline.cell);
      auto at = std::find_if(parts.begin(), parts.end(),
                             [&](const auto& part) { return part.first == pin; });
      if (at == parts.end()) {
        parts.emplace_back(pin, RunRecord{});
        at = parts.end() - 1;
        at->second.environments = run.environments;
      }
      at->second.trials.push_back(trial);
    }
    for (const auto& [pin, part] : parts) {
      Group group{.kernel = kernel, .pin = pin, .environment = environment_of(run, kernel)};
      group.tally = tally_of(part, known);
      if (group.tally.ran() == 0) continue;
      for (const TrialRecord& trial : part.trials)
        if (trial.verdict.outcome != Outcome::skip) add_trial(group, trial);
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

}  // namespace daxbreak
